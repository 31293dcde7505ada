"""The same slides to a phone that takes no MMS: an SMS with a link instead, and the page behind it."""

import json
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from slidewire.demo.cast import Cast, DemoError, Sent, delivered, must, postback, send
from slidewire.demo.compare import DifferentError, compare
from slidewire.demo.customer import text_of
from slidewire.demo.example import Example
from slidewire.demo.loopback import get

STEPS = 4
#: To the simulated carrier a receiver with these last digits has no MMS: 4007, always (docs/how-to/simulator.md).
NO_MMS = "09"
#: How STATUSDETAILS of the SMS begins then.
_WHY = "refused by the carrier: 4007"


@dataclass(frozen=True, slots=True)
class _Arrived:
    """The SMS on the simulated phone."""

    text: str
    link: str
    segments: int


async def play_fallback(cast: Cast, example: Example, picture: bytes) -> Sent:
    """Send ``example`` to a phone without MMS and follow it to its page. Raises DemoError."""
    report, before = cast.report, len(cast.stage.origin.posts)
    with report.step("the same slides to a phone that takes no MMS: sendMMS is accepted") as facts:
        sent = await send(cast, example.with_receiver(example.receiver[: -len(NO_MMS)] + NO_MMS))
        facts.append(f"TO {sent.example.receiver}, TRACKINGID {sent.answered.tracking_id}")
    with report.step("the carrier refuses the MMS, an SMS goes instead: postback N101 with SENTAS SMS") as facts:
        told = await postback(cast, before, sent, {"CODE": "N101", "SENTAS": "SMS"})
        why = text_of(told, "STATUSDETAILS")
        must(why.startswith(_WHY), f"the postback says {why!r} is why")
        facts.append(f"STATUSDETAILS {why}")
    with report.step("the phone has the SMS: status delivered, postback N202") as facts:
        await delivered(cast, sent)
        await postback(cast, before + 1, sent, {"CODE": "N202", "SENTAS": "SMS", "MMSID": ""})
        arrived = await _arrived(cast, sent.example)
        facts += [f"text {arrived.text!r}", f"segments {arrived.segments}"]
    with report.step("the link in it leads to a page with the text and the picture") as facts:
        facts.extend(await _open_page(cast, arrived, sent.example, picture))
    return sent


async def _arrived(cast: Cast, example: Example) -> _Arrived:
    """The SMS as the simulated phone has it: the simulator knows nothing of ours but the submit_sm."""
    texts = json.loads(await get(f"{cast.stage.simulator.http_url}/api/sms"))
    must(len(texts) == 1, f"{len(texts)} SMS arrived instead of one")
    [sms] = texts
    must(sms["receiver"] == example.receiver, f"it went to {sms['receiver']}")
    must(sms["sender"] == example.sender, f"it came from {sms['sender']}")
    words, _, link = sms["text"].rpartition(" ")
    must(words == example.fallback_text, f"the SMS says {sms['text']!r}")
    must(link.startswith(f"{cast.stage.settings.public_url}/m/"), f"the SMS links to {link!r}")
    return _Arrived(sms["text"], link, sms["segments"])


async def _open_page(cast: Cast, arrived: _Arrived, example: Example, picture: bytes) -> list[str]:
    """The page as a browser gets it, its text and its picture."""
    try:
        page = (await get(arrived.link)).decode()
        source = re.search(r'<img src="([^"]+)"', page)
        must(source is not None, "the page shows no picture")
        shown = await get(urljoin(arrived.link, unescape(source[1] if source else "")))
        likeness = compare(picture, shown)
    except OSError as error:
        raise DemoError(f"the page cannot be opened: {error}") from None
    except DifferentError as error:
        raise DemoError(f"on the page {error}") from None
    (cast.folder / "page.html").write_text(page, "utf-8")
    (cast.folder / "page.jpg").write_bytes(shown)
    must(example.text in unescape(page), "the page lacks the text of the slide")
    return [
        f"page {len(page.encode()):,} bytes, holds the text {example.text!r}",
        f"picture {likeness.width} x {likeness.height} pixels, {len(shown):,} bytes, the one that was sent",
    ]
