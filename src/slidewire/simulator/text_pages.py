"""An SMS on the handset's pages: its bubble with links that can be followed, its card, its facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from slidewire.simulator.markup import Html, join, tag

if TYPE_CHECKING:
    from slidewire.simulator.texts import Text

#: stat -> colour of its badge; anything else is neutral.
SMS_BADGES = {
    "DELIVRD": "good",
    "ENROUTE": "wait",
    "UNKNOWN": "wait",
    "EXPIRED": "bad",
    "UNDELIV": "bad",
    "REJECTD": "bad",
}
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
#: Signs that end a sentence rather than an address.
_BEHIND = ".,;:!?)"


def text_bubble(text: Text) -> Html:
    """The SMS as the phone shows it."""
    foot = tag("p", _time(text), sms_badge(text), tag("span", "SMS"), class_="meta")
    return tag("article", tag("div", tag("p", with_links(text.text), class_="bubble text", dir="auto")), foot)


def with_links(words: str) -> Html:
    """``words`` with every web address as a link that tells nobody where it came from."""
    pieces: list[str] = []
    at = 0
    for found in _LINK.finditer(words):
        address = found[0].rstrip(_BEHIND)
        pieces += [words[at : found.start()], tag("a", address, href=address, rel="noreferrer", target="_blank")]
        at = found.start() + len(address)
    return join(*pieces, words[at:])


def text_card(text: Text) -> Html:
    """The SMS in the list of all messages."""
    submit = text.submit
    count = len(text.message_ids)
    meta = f"SMS · {count} segment{'' if count == 1 else 's'}"
    body = tag(
        "div",
        tag("p", tag("b", submit.source or "(no sender)"), " to ", tag("b", submit.receiver), class_="route"),
        tag("p", text.text[:160], class_="text", dir="auto"),
        tag("p", sms_badge(text), _time(text), tag("span", meta), class_="meta"),
    )
    thumb = tag("span", "SMS", class_="thumb")
    return tag("a", thumb, body, href=f"/phone/{quote(submit.receiver, safe='')}", class_="card")


def text_facts(text: Text) -> Html:
    """What is known of the SMS."""
    submit = text.submit
    rows = (
        ("Message ids", ", ".join(text.message_ids)),
        ("Sender", f"{submit.source} (TON/NPI {submit.source_plan[0]}/{submit.source_plan[1]})"),
        ("Receiver", f"{submit.receiver} (TON/NPI {submit.receiver_plan[0]}/{submit.receiver_plan[1]})"),
        ("Coding", {0: "GSM 03.38", 8: "UCS-2"}.get(submit.coding, str(submit.coding))),
        ("Receipt", "asked for" if submit.wants_receipt else "not asked for"),
    )
    pairs = [join(tag("dt", name), tag("dd", value)) for name, value in rows]
    return tag("div", tag("dl", *pairs), tag("p", tag("a", "JSON", href=f"/api/sms/{text.number}")), class_="card")


def sms_badge(text: Text) -> Html:
    """What the receipts told."""
    return tag("span", text.fate, class_=f"badge {SMS_BADGES.get(text.fate, '')}".strip())


def _time(text: Text) -> Html:
    moment = text.arrived_at
    return tag("time", f"{moment:%H:%M:%S}", datetime=moment.isoformat())
