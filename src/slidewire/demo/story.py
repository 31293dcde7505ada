"""The demo itself: one picture message from the API call to the phone's screen and the postbacks, each step checked.

And the same slides to a phone that takes no MMS: ``fallback.py`` goes on with them.
"""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slidewire.demo.cast import Cast, DemoError, Sent, delivered, must, postback, send
from slidewire.demo.compare import BOUND, DifferentError, compare
from slidewire.demo.example import Example, read_example
from slidewire.demo.fallback import STEPS as FALLBACK_STEPS
from slidewire.demo.fallback import play_fallback
from slidewire.demo.loopback import File, get
from slidewire.demo.report import Report
from slidewire.demo.scene import HEIGHT, WIDTH, lighthouse
from slidewire.demo.stage import MAX_BYTES, PICTURE_PATH, Plan, Stage
from slidewire.domain.ids import new_key

STEPS = 8 + FALLBACK_STEPS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished demo leaves behind."""

    tracking_id: str
    fallback_tracking_id: str  #: of the message that became an SMS
    screen: Path
    settings_file: Path


async def play(folder: Path, report: Report, patience: float) -> Outcome:
    """Run the whole story in ``folder``. Raises DemoError with the reason of the first step that fails."""
    async with AsyncExitStack() as stack:
        with report.step("gateway, simulated carrier and phone are up") as facts:
            stage = await stack.enter_async_context(Stage(Plan("demo", folder)))
            facts += [f"API {stage.api_url}", f"phone {stage.simulator.http_url}"]
        return await _play(Cast(stage, report, patience, folder))


async def _play(cast: Cast) -> Outcome:
    picture, example = await _prepare(cast)
    sent = await _play_mms(cast, example)
    screen = await _play_screen(cast, example, picture)
    fallen_back = await play_fallback(cast, example, picture)
    return Outcome(sent.answered.tracking_id, fallen_back.answered.tracking_id, screen, cast.stage.settings_file)


async def _prepare(cast: Cast) -> tuple[bytes, Example]:
    """The picture, and the request that names it."""
    stage, report = cast.stage, cast.report
    with report.step("a picture is drawn and served over HTTP") as facts:
        picture = lighthouse()
        (cast.folder / "source.jpg").write_bytes(picture)
        stage.origin.files[PICTURE_PATH] = File("image/jpeg", picture)
        facts.append(f"{WIDTH} x {HEIGHT} pixels, {len(picture):,} bytes at {stage.origin.url}{PICTURE_PATH}")
    example = read_example().with_key(new_key()).with_picture(stage.origin.url + PICTURE_PATH)
    with report.step("an account is made") as facts:
        account = await stage.add_account("demo", example.key, example.sender)
        facts.append(f"{account}, sends from {example.sender}, is told at {stage.origin.url}")
    return picture, example


async def _play_mms(cast: Cast, example: Example) -> Sent:
    """From the API call to the postback of its delivery."""
    report = cast.report
    with report.step("sendMMS is accepted") as facts:
        sent = await send(cast, example)
        facts.append(f"TRACKINGID {sent.answered.tracking_id}, MMSID {sent.answered.mms_id}")
    with report.step("the picture is fitted, the carrier takes the message: postback N101") as facts:
        await postback(cast, 0, sent, {"CODE": "N101", "SENTAS": "MMS"})
        facts.append(f"the picture was fetched {cast.stage.origin.hits} time")
    with report.step("the phone has it: status delivered, postback N102") as facts:
        await delivered(cast, sent)
        await postback(cast, 1, sent, {"CODE": "N102", "SENTAS": "MMS"})
        facts.append(f"both with TRACKINGID and CLIENT_REFERENCE {example.client_reference}")
    return sent


async def _play_screen(cast: Cast, example: Example, picture: bytes) -> Path:
    """What arrived, held against what was sent, and as the phone shows it."""
    with cast.report.step("what arrived is what was sent") as facts:
        message = await _arrived(cast, example)
        facts.extend(await _compare(cast, message, example, picture))
    with cast.report.step("the phone's screen is drawn from the bytes that arrived") as facts:
        screen = cast.folder / "screen.png"
        screen.write_bytes(await get(f"{cast.stage.simulator.http_url}/api/messages/{message['id']}/screen.png"))
        facts.append(str(screen))
    return screen


async def _arrived(cast: Cast, example: Example) -> dict[str, Any]:
    """The message as the simulated phone has it: the simulator knows nothing of ours but the SubmitReq."""
    messages = json.loads(await get(f"{cast.stage.simulator.http_url}/api/messages"))
    must(len(messages) == 1, f"{len(messages)} messages arrived instead of one")
    message: dict[str, Any] = messages[0]
    must(message["receiver"] == example.receiver, f"it went to {message['receiver']}")
    must(message["sender"] == example.sender, f"it came from {message['sender']}")
    must(message["subject"] == example.subject, f"its subject is {message['subject']!r}")
    must(message["size"] <= MAX_BYTES, f"it has {message['size']:,} bytes, over the carrier's {MAX_BYTES:,}")
    return message


async def _compare(cast: Cast, message: dict[str, Any], example: Example, picture: bytes) -> list[str]:
    """Text and picture of the one slide, by the bytes of the parts that arrived."""
    must(len(message["slides"]) == 1, f"{len(message['slides'])} slides arrived instead of one")
    parts = {piece["kind"]: piece["part"] for piece in message["slides"][0]["pieces"]}
    must(parts.keys() == {"image", "text"}, f"the slide holds {sorted(parts)}")
    address = f"{cast.stage.simulator.http_url}/api/messages/{message['id']}/parts"
    text = (await get(f"{address}/{parts['text']}")).decode()
    must(text == example.text, f"the text that arrived is {text!r}")
    image = await get(f"{address}/{parts['image']}")
    (cast.folder / "arrived.jpg").write_bytes(image)
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
