"""``slidewire send``: a request file posted, and its message followed until its fate is known."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import FAILED, WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, run, settings_of
from slidewire.cli.terminal import is_terminal, say, say_json, visible

if TYPE_CHECKING:
    from slidewire.demo.customer import Answered, Tongue
    from slidewire.settings import Settings

#: Seconds between two looks at the message.
_LOOK = 0.2
#: What a message ends in, besides being delivered.
_BAD_ENDS = {"failed", "expired", "rejected", "cancelled"}


def send(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A request, such as examples/send-mms.xml.")],
    url: Annotated[str | None, typer.Option(metavar="URL", help="The API; else that of the settings.")] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Takes the place of the file's key; JSON has none.")
    ] = None,
    wait: Annotated[str, typer.Option(metavar="TIME", help="How long to follow the message; 0s: not at all.")] = "60s",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Post a request and follow its message until it is delivered or has failed.

    The file's dialect is seen by the look of it: upper-case XML, lower-case XML, JSON.
    The message is followed in the database of the settings. Where the API is another machine's,
    only the answer is told.

    Example:
      slidewire send examples/send-mms.xml --url http://127.0.0.1:8080/API/wxml/1.3/

    """
    from slidewire.cli.given import read_seconds
    from slidewire.demo.customer import tongue_of

    settings, patience = settings_of(config), read_seconds(wait, "--wait")
    request = _request(file, key)
    url = url or _address(settings, tongue_of(request))
    result = run(_send(settings, Asked(url, request, key or "", patience, as_json)))
    if as_json:
        say_json(result)
    if result.get("status") != "delivered" and not (result["accepted"] and "status" not in result):
        raise typer.Exit(FAILED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to post, where, how long to follow it (seconds), and whether only JSON may be printed."""

    url: str
    request: bytes
    key: str  #: as it was given beside the file
    patience: float
    quiet: bool


async def _send(settings: "Settings", asked: Asked) -> dict[str, Any]:
    from slidewire.demo.customer import CallFailedError, call

    tell: Callable[[str], None] = (lambda _line: None) if asked.quiet else say
    try:
        answered = await call(asked.url, asked.request, asked.key)
    except CallFailedError as error:
        raise CommandError(str(error), "Is the gateway running there? `slidewire serve` starts one.") from None
    result = _answer(answered)
    if not answered.accepted:
        tell(f"refused: {visible(answered.code)} {visible(answered.words)}")
        tell("  docs/reference/faults.md says what provokes each code")
        return result
    one = answered.tracking_id
    tell(f"accepted: {visible(one)} to {visible(answered.receiver)}" if one else _done(answered))
    if answered.warnings:
        tell(f"  warning: {visible(answered.warnings)}")
    if one and asked.patience > 0:
        result |= await _follow(settings, answered.tracking_id, asked.patience, tell)
    return result


def _done(answered: "Answered") -> str:
    """What is told of a call that sent nothing."""
    return f"done: MMSID {visible(answered.mms_id)}" if answered.mms_id else "done"


def _answer(answered: "Answered") -> dict[str, Any]:
    return {
        "accepted": answered.accepted,
        "tracking_id": answered.tracking_id,
        "mms_id": answered.mms_id,
        "to": answered.receiver,
        "error_code": answered.code,
        "words": answered.words,
        "warnings": answered.warnings,
    }


async def _follow(
    settings: "Settings", tracking_id: str, patience: float, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Tell every event until the message's last one, or until patience ends."""
    from slidewire.provisioning.messages import message_facts
    from slidewire.runtime.offline import open_store

    loop = asyncio.get_running_loop()
    end, told = loop.time() + patience, 0
    async with open_store(settings) as database:
        with _progress() as show:
            while True:
                facts = await database.read(lambda connection: message_facts(connection, tracking_id))
                if facts is None:
                    tell("  it is not in this database: follow it where its gateway keeps it")
                    return {}
                for event in facts["events"][told:]:
                    tell(f"  {event['at']}  {event['event']}  {visible(_why({**event}))}".rstrip())
                told = len(facts["events"])
                left = end - loop.time()
                if facts["status"] == "delivered" or facts["status"] in _BAD_ENDS or left <= 0:
                    break
                show(f"{facts['status']}, {patience - left:.0f} s")
                await asyncio.sleep(_LOOK)
    if left <= 0:
        tell(f"still {facts['status']} after {patience:.0f} s; slidewire message show {tracking_id}")
    return {"status": facts["status"], "events": facts["events"]}


def _why(event: dict[str, Any]) -> str:
    return ": ".join(filter(None, (event["reason"], event["detail"])))


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says what is waited for; elsewhere nothing."""
    if not is_terminal():
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("sent") as status:
        yield status.update


def _request(file: Path, key: str | None) -> bytes:
    """The bytes to post. Raises CommandError for a file that is not there, or has no place for the key."""
    from slidewire.demo.customer import fill_in, tongue_of

    try:
        request = file.read_bytes()
    except FileNotFoundError:
        raise CommandError(f"{file}: there is no such file", "examples/send-mms.xml is one to begin with.") from None
    except IsADirectoryError:
        raise CommandError(f"{file} is a folder", "Name the request's file.", WRONG_USE) from None
    element = tongue_of(request).key
    if key is None and not element:
        raise CommandError(f"{file}: a JSON request holds no key", "Say it with --key.", WRONG_USE)
    if key is None or not element:
        return request
    try:
        return fill_in(request, element, key)
    except ValueError as error:
        raise CommandError(f"{file}: {error}, so --key has no place", code=WRONG_USE) from None


def _address(settings: "Settings", tongue: "Tongue") -> str:
    """The dialect's address at the API of the settings: its listener, reached on this machine."""
    from slidewire.runtime.configure import address_of

    host, port = address_of(settings.listen, "listen")
    if port == 0:
        raise CommandError("the settings say listen on any free port", "Say --url with the one it took.", WRONG_USE)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where to call, not to listen
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{tongue.path}"
