"""The demo itself: one picture message from the API call to the phone's screen and the postbacks, each step checked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from slidewire.demo.compare import BOUND, DifferentError, compare
from slidewire.demo.example import Example, read_example
from slidewire.demo.loopback import File, get
from slidewire.demo.report import Report
from slidewire.demo.scene import HEIGHT, WIDTH, lighthouse
from slidewire.demo.stage import MAX_BYTES, PICTURE_PATH, Plan, Stage
from slidewire.demo.w13 import Answered, CallFailedError, call, text_of
from slidewire.domain.ids import new_key
from slidewire.domain.status import Status
from slidewire.store.messages import find_message

T = TypeVar("T")

STEPS = 8
#: Seconds between two looks at what is waited for.
_LOOK = 0.05


class DemoError(Exception):
    """A step that did not come out as it must, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished demo leaves behind."""

    tracking_id: str
    screen: Path
    settings_file: Path


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the stage, the report, and how many seconds anything may be waited for."""

    stage: Stage
    report: Report
    patience: float


async def play(folder: Path, report: Report, patience: float) -> Outcome:
    """Run the whole story in ``folder``. Raises DemoError with the reason of the first step that fails."""
    async with AsyncExitStack() as stack:
        with report.step("gateway, simulated carrier and phone are up") as facts:
            stage = await stack.enter_async_context(Stage(Plan("demo", folder)))
            facts += [f"API {stage.api_url}", f"phone {stage.simulator.http_url}"]
        return await _play(Cast(stage, report, patience), folder)


async def _play(cast: Cast, folder: Path) -> Outcome:
    stage, report = cast.stage, cast.report
    with report.step("a picture is drawn and served over HTTP") as facts:
        picture = lighthouse()
        (folder / "source.jpg").write_bytes(picture)
        stage.origin.files[PICTURE_PATH] = File("image/jpeg", picture)
        facts.append(f"{WIDTH} x {HEIGHT} pixels, {len(picture):,} bytes at {stage.origin.url}{PICTURE_PATH}")
    example = read_example().with_key(new_key()).with_picture(stage.origin.url + PICTURE_PATH)
    with report.step("an account is made") as facts:
        account = await stage.add_account("demo", example.key, example.sender)
        facts.append(f"{account}, sends from {example.sender}, is told at {stage.origin.url}")
    with report.step("sendMMS is accepted") as facts:
        answered = await _send(stage, example)
        facts.append(f"TRACKINGID {answered.tracking_id}, MMSID {answered.mms_id}")
    with report.step("the picture is fitted, the carrier takes the message: postback N101") as facts:
        await _postback(cast, 0, "N101", answered, example)
        facts.append(f"the picture was fetched {stage.origin.hits} time")
    with report.step("the phone has it: status delivered, postback N102") as facts:
        await _delivered(cast, answered)
        await _postback(cast, 1, "N102", answered, example)
        facts.append(f"both with TRACKINGID and CLIENT_REFERENCE {example.client_reference}")
    with report.step("what arrived is what was sent") as facts:
        message = await _arrived(cast, example)
        facts.extend(await _compare(stage, message, example, picture, folder))
    with report.step("the phone's screen is drawn from the bytes that arrived") as facts:
        screen = folder / "screen.png"
        screen.write_bytes(await get(f"{stage.simulator.http_url}/api/messages/{message['id']}/screen.png"))
        facts.append(str(screen))
    return Outcome(answered.tracking_id, screen, stage.settings_file)


async def _send(stage: Stage, example: Example) -> Answered:
    try:
        answered = await call(stage.api_url, example.xml)
    except CallFailedError as error:
        raise DemoError(str(error)) from None
    _must(answered.accepted, f"the API refused it: {answered.code} {answered.words}")
    _must(answered.receiver == example.receiver, f"the answer names {answered.receiver}")
    return answered


async def _postback(cast: Cast, place: int, code: str, answered: Answered, example: Example) -> None:
    """The postback at ``place`` came, bears ``code`` and names the message as the caller knows it."""
    posts = cast.stage.origin.posts

    async def came() -> bytes | None:
        return posts[place] if len(posts) > place else None

    body = await _wait(cast, came, f"postback {code}")
    expected = {
        "ORIGIN": "MMS_MT",
        "CODE": code,
        "SENTAS": "MMS",
        "MMSID": answered.mms_id,
        "FROM": example.sender,
        "TO": example.receiver,
        "TRACKINGID": answered.tracking_id,
        "CLIENT_REFERENCE": example.client_reference,
    }
    found = {name: text_of(body, name) for name in expected}
    _must(found == expected, f"the postback says {found}, not {expected}")


async def _delivered(cast: Cast, answered: Answered) -> None:
    async def status() -> Status | None:
        message = await cast.stage.database.read(lambda connection: find_message(connection, answered.tracking_id))
        return message.status if message is not None and message.status.is_final else None

    found = await _wait(cast, status, "a final status")
    _must(found is Status.DELIVERED, f"the message ended as {found.value}")


async def _arrived(cast: Cast, example: Example) -> dict[str, Any]:
    """The message as the simulated phone has it: the simulator knows nothing of ours but the SubmitReq."""
    messages = json.loads(await get(f"{cast.stage.simulator.http_url}/api/messages"))
    _must(len(messages) == 1, f"{len(messages)} messages arrived instead of one")
    message: dict[str, Any] = messages[0]
    _must(message["receiver"] == example.receiver, f"it went to {message['receiver']}")
    _must(message["sender"] == example.sender, f"it came from {message['sender']}")
    _must(message["subject"] == example.subject, f"its subject is {message['subject']!r}")
    _must(message["size"] <= MAX_BYTES, f"it has {message['size']:,} bytes, over the carrier's {MAX_BYTES:,}")
    return message


async def _compare(stage: Stage, message: dict[str, Any], example: Example, picture: bytes, folder: Path) -> list[str]:
    """Text and picture of the one slide, by the bytes of the parts that arrived."""
    _must(len(message["slides"]) == 1, f"{len(message['slides'])} slides arrived instead of one")
    parts = {piece["kind"]: piece["part"] for piece in message["slides"][0]["pieces"]}
    _must(parts.keys() == {"image", "text"}, f"the slide holds {sorted(parts)}")
    address = f"{stage.simulator.http_url}/api/messages/{message['id']}/parts"
    text = (await get(f"{address}/{parts['text']}")).decode()
    _must(text == example.text, f"the text that arrived is {text!r}")
    image = await get(f"{address}/{parts['image']}")
    (folder / "arrived.jpg").write_bytes(image)
    try:
        likeness = compare(picture, image)
    except DifferentError as error:
        raise DemoError(str(error)) from None
    return [
        f"whole message {message['size']:,} bytes, the carrier takes {MAX_BYTES:,}",
        f"picture {likeness.width} x {likeness.height} pixels, {len(image):,} bytes",
        f"it differs from its source by {likeness.error:.1f} of 255 a pixel, at most {BOUND} is allowed",
        f"text {text!r}",
    ]


async def _wait(cast: Cast, look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """What ``look`` finds, asked again until patience ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + cast.patience
    while (found := await look()) is None:
        _must(loop.time() < end, f"{what} did not come within {cast.patience:.0f} s")
        await asyncio.sleep(_LOOK)
    return found


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoError(otherwise)
