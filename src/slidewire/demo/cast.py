"""What every scene of the demo needs: who plays, a message sent, a condition waited for, a postback read."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from slidewire.demo.customer import Answered, CallFailedError, call, text_of
from slidewire.demo.example import Example
from slidewire.demo.report import Report
from slidewire.demo.stage import Stage
from slidewire.domain.status import Status
from slidewire.store.messages import find_message

T = TypeVar("T")

#: Seconds between two looks at what is waited for.
_LOOK = 0.05


class DemoError(Exception):
    """A step that did not come out as it must, in words."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the stage, the report, how many seconds anything may be waited for, and where files are kept."""

    stage: Stage
    report: Report
    patience: float
    folder: Path


@dataclass(frozen=True, slots=True)
class Sent:
    """A request and what it was answered."""

    example: Example
    answered: Answered


async def send(cast: Cast, example: Example) -> Sent:
    """Post the request. Raises DemoError when it is not accepted."""
    try:
        answered = await call(cast.stage.api_url, example.xml)
    except CallFailedError as error:
        raise DemoError(str(error)) from None
    must(answered.accepted, f"the API refused it: {answered.code} {answered.words}")
    must(answered.receiver == example.receiver, f"the answer names {answered.receiver}")
    return Sent(example, answered)


async def postback(cast: Cast, place: int, sent: Sent, expected: dict[str, str]) -> bytes:
    """The postback at ``place``: it says ``expected`` and names the message as the caller knows it."""
    posts = cast.stage.origin.posts

    async def came() -> bytes | None:
        return posts[place] if len(posts) > place else None

    body = await wait(cast, came, f"postback {expected['CODE']}")
    wanted = {
        "ORIGIN": "MMS_MT",
        "MMSID": sent.answered.mms_id,
        "FROM": sent.example.sender,
        "TO": sent.example.receiver,
        "TRACKINGID": sent.answered.tracking_id,
        "CLIENT_REFERENCE": sent.example.client_reference,
    } | expected
    found = {name: text_of(body, name) for name in wanted}
    must(found == wanted, f"the postback says {found}, not {wanted}")
    return body


async def delivered(cast: Cast, sent: Sent) -> None:
    """Wait until the message's status is delivered. Raises DemoError for another end."""

    async def status() -> Status | None:
        message = await cast.stage.database.read(lambda connection: find_message(connection, sent.answered.tracking_id))
        return message.status if message is not None and message.status.is_final else None

    found = await wait(cast, status, "a final status")
    must(found is Status.DELIVERED, f"the message ended as {found.value}")


async def wait(cast: Cast, look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """What ``look`` finds, asked again until patience ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + cast.patience
    while (found := await look()) is None:
        must(loop.time() < end, f"{what} did not come within {cast.patience:.0f} s")
        await asyncio.sleep(_LOOK)
    return found


def must(holds: bool, otherwise: str) -> None:
    """Raises DemoError in the words of ``otherwise``."""
    if not holds:
        raise DemoError(otherwise)
