"""The handset pages as HTML. Everything from a message is foreign and goes through ``tag``, which escapes it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from slidewire.simulator.behaviours import BEHAVIOURS, DELIVERED
from slidewire.simulator.chaos import TROUBLES
from slidewire.simulator.contents import text_of
from slidewire.simulator.markup import Html, join, tag
from slidewire.simulator.presentation import PieceKind
from slidewire.simulator.shelf import numbers_of, sender_of
from slidewire.simulator.sms_behaviours import SMS_BEHAVIOURS, SMS_DELIVERED
from slidewire.simulator.text_pages import text_bubble, text_card, text_facts
from slidewire.simulator.texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slidewire.simulator.chaos import Chaos
    from slidewire.simulator.inbox import Kept
    from slidewire.simulator.presentation import Piece, Slide
    from slidewire.simulator.shelf import Item, Shelf

MOST_LISTED = 100
MOST_IN_PHONE = 40
#: MMStatus -> colour of its badge; anything else is neutral.
BADGES = {
    "Retrieved": "good",
    "Forwarded": "good",
    "Deferred": "wait",
    "Indeterminate": "wait",
    "Expired": "bad",
    "Rejected": "bad",
    "Unrecognised": "bad",
}


def page(title: str, version: int, *content: str) -> bytes:
    """A whole document around ``content``. ``version`` lets the script see that there is something newer."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Slidewire simulator"),
        tag("link", rel="icon", href="/static/mark.svg"),
        tag("link", rel="stylesheet", href="/static/handset.css"),
        tag("script", src="/static/handset.js", defer=True),
    )
    body = tag("body", *content, data_version=version)
    return ("<!doctype html>" + tag("html", head, body, lang="en")).encode()


def index_page(shelf: Shelf, doors: tuple[str, ...], chaos: Chaos) -> bytes:
    """All phones and the newest messages, the newest first. ``doors``: where MMSC and SMSC are reached."""
    newest = shelf.newest()
    count = f"{len(newest)} message" + ("" if len(newest) == 1 else "s")
    listed = [_card(message) for message in newest[:MOST_LISTED]] or [_nothing_yet(doors)]
    main = tag(
        "main",
        tag(
            "aside",
            tag("section", tag("h2", "Phones"), _phone_list(newest)),
            tag("section", _chaos_panel(chaos), _behaviour_panel()),
        ),
        tag("section", tag("h2", "Messages ", tag("small", count)), *listed, class_="messages"),
        id="live",
        class_="index",
    )
    clear = tag("button", "Clear", type="button", data_clear=True, class_="quiet")
    return page("Messages", shelf.version, _bar(*(tag("code", door) for door in doors), clear), main)


def phone_page(number: str, shelf: Shelf) -> bytes:
    """One phone with its conversation, the newest message last, as phones have it."""
    mine = [message for message in shelf.newest() if number in numbers_of(message)][:MOST_IN_PHONE][::-1]
    thread = [_in_phone(message, number) for message in mine] or [tag("p", "No messages yet", class_="empty")]
    sender = sender_of(mine[-1]) if mine else ""
    screen = tag(
        "div",
        tag(
            "div",
            tag("div", _time(mine[-1].arrived_at) if mine else tag("span", "--:--"), class_="clock"),
            tag(
                "div",
                tag("span", _initial(sender), class_="face"),
                tag("div", tag("b", sender or "Nobody yet"), tag("small", "Messages")),
                class_="who",
            ),
            class_="top",
        ),
        tag("div", *thread, class_="thread", tabindex="0", aria_label="Conversation"),
        class_="screen",
    )
    phone = tag("div", screen, class_="phone")
    facts = tag("section", tag("h2", "What arrived"), *map(_facts, reversed(mine)), class_="facts")
    main = tag("main", tag("section", tag("h1", f"Phone {number}"), phone), facts, id="live", class_="single")
    return page(f"Phone {number}", shelf.version, _bar(tag("a", "All phones", href="/")), main)


def _bar(*right: str) -> Html:
    brand = tag(
        "a",
        tag("img", src="/static/mark.svg", alt=""),
        tag("b", "Slidewire"),
        tag("span", "simulator"),
        href="/",
        class_="brand",
    )
    return tag("header", brand, tag("div", *right, class_="right"))


def _initial(name: str) -> str:
    return name[0].upper() if name[:1].isalpha() else "#"


def _time(moment: datetime) -> Html:
    return tag("time", f"{moment:%H:%M:%S}", datetime=moment.isoformat())


def _badge(message: Kept, number: str) -> Html:
    fate = "Cancelled" if message.cancelled else message.fates.get(number, "Accepted")
    return tag("span", fate, class_=f"badge {BADGES.get(fate, '')}".strip())


def _phone_link(number: str) -> str:
    return f"/phone/{quote(number, safe='')}"


def _part_link(message: Kept, number: int) -> str:
    return f"/api/messages/{message.number}/parts/{number}"


def _phone_list(newest: Sequence[Item]) -> Html:
    phones: dict[str, list[Item]] = {}
    for message in newest:
        for number in numbers_of(message):
            phones.setdefault(number, []).append(message)
    if not phones:
        return tag("p", "A phone appears with its first message.", class_="empty")
    rows = [
        tag(
            "a",
            tag("span", number[-2:], class_="face"),
            tag("span", tag("b", number), tag("small", _preview(found[0]), dir="auto")),
            tag("span", str(len(found)), class_="count"),
            href=_phone_link(number),
        )
        for number, found in list(phones.items())[:MOST_LISTED]
    ]
    return tag("nav", *rows, class_="phones")


def _preview(message: Item) -> str:
    if isinstance(message, Text):
        return message.text[:80]
    if message.request.subject.strip():
        return message.request.subject[:80]
    return next((text[:80] for text in _texts(message) if text.strip()), f"{len(message.content.slides)} slides")


def _texts(message: Kept) -> list[str]:
    return [
        text_of(message.content.parts[piece.number])
        for slide in message.content.slides
        for piece in slide.pieces
        if piece.kind is PieceKind.TEXT
    ]


def _card(message: Item) -> Html:
    return text_card(message) if isinstance(message, Text) else _message_card(message)


def _message_card(message: Kept) -> Html:
    number = numbers_of(message)[0]
    more = len(numbers_of(message)) - 1
    receiver = number + (f" and {more} more" if more else "")
    text = " ".join(_texts(message))[:160]
    slides = len(message.content.slides)
    meta = f"{slides} slide{'' if slides == 1 else 's'} · {message.size:,} bytes"
    body = tag(
        "div",
        tag("p", tag("b", message.sender or "(no sender)"), " to ", tag("b", receiver), class_="route"),
        tag("p", message.request.subject, class_="subject", dir="auto") if message.request.subject else "",
        tag("p", text, class_="text", dir="auto") if text else "",
        tag("p", _badge(message, number), _time(message.arrived_at), tag("span", meta), class_="meta"),
    )
    return tag("a", _thumbnail(message), body, href=_phone_link(number), class_="card")


def _thumbnail(message: Kept) -> Html:
    for slide in message.content.slides:
        for piece in slide.pieces:
            if piece.kind is PieceKind.IMAGE:
                source = _part_link(message, piece.number)
                return tag("img", src=source, alt="", loading="lazy", class_="thumb")
    words = {PieceKind.VIDEO: "Film", PieceKind.AUDIO: "Sound", PieceKind.OBJECT: "File", PieceKind.TEXT: "Text"}
    pieces = [piece.kind for slide in message.content.slides for piece in slide.pieces]
    return tag("span", words[pieces[0]] if pieces else "Empty", class_="thumb")


def _nothing_yet(doors: tuple[str, ...]) -> Html:
    mm7, smpp = doors
    return tag(
        "div",
        tag("p", tag("b", "No messages yet.")),
        tag(
            "p",
            "POST an MM7 SubmitReq to ",
            tag("code", mm7),
            ", or bind to ",
            tag("code", smpp),
            " and submit_sm: it appears here at once.",
        ),
        class_="card nothing",
    )


def _in_phone(message: Item, number: str) -> Html:
    if isinstance(message, Text):
        return text_bubble(message)
    subject = tag("p", message.request.subject, class_="subject", dir="auto") if message.request.subject else ""
    slides = [_slide_bubbles(message, slide) for slide in message.content.slides]
    foot = tag("p", _time(message.arrived_at), _badge(message, number), class_="meta")
    return tag("article", subject, *slides, foot)


def _slide_bubbles(message: Kept, slide: Slide) -> Html:
    return tag("div", *(_bubble(message, piece) for piece in slide.pieces), class_="slide")


def _bubble(message: Kept, piece: Piece) -> Html:
    part, source = message.content.parts[piece.number], _part_link(message, piece.number)
    if piece.kind is PieceKind.TEXT:
        return tag("p", text_of(part), class_="bubble text", dir="auto")
    if piece.kind is PieceKind.IMAGE:
        return tag("img", src=source, alt=part.name, class_="bubble")
    if piece.kind is PieceKind.VIDEO:
        return tag("video", src=source, controls=True, preload="metadata", class_="bubble")
    if piece.kind is PieceKind.AUDIO:
        return tag("audio", src=source, controls=True, preload="metadata", class_="bubble")
    size = tag("small", f"{part.type} · {len(part.body):,} bytes")
    return tag("a", tag("span", part.name), size, href=source, download=True, class_="bubble file")


def _facts(message: Item) -> Html:
    if isinstance(message, Text):
        return text_facts(message)
    request = message.request
    rows = (
        ("MessageID", message.message_id),
        ("TransactionID", request.transaction_id),
        ("Schema", f"{request.namespace.rpartition('/')[2]}, MM7Version {request.version}"),
        ("VASPID, VASID", f"{request.vasp_id or '-'}, {request.vas_id or '-'}"),
        ("Body", f"{message.size:,} bytes"),
        ("Report", "asked for" if request.wants_report else "not asked for"),
        *([("Group", "with " + ", ".join(message.others))] if message.others else ()),
    )
    pairs = [join(tag("dt", name), tag("dd", value)) for name, value in rows]
    parts = [
        tag("li", tag("a", part.name or f"part {number}", href=_part_link(message, number)),
            tag("small", f" {part.type}, {len(part.body):,} bytes"))
        for number, part in enumerate(message.content.parts)
    ]  # fmt: skip
    sent = [
        tag("li", f"{report.fate}: ", "taken" if not report.detail else f"not taken ({report.detail})",
            tag("small", f" {report.tries} tr{'y' if report.tries == 1 else 'ies'}"))
        for report in message.reports
    ]  # fmt: skip
    links = tag(
        "p",
        tag("a", "JSON", href=f"/api/messages/{message.number}"),
        " · ",
        tag("a", "Screen as PNG", href=f"/api/messages/{message.number}/screen.png"),
    )
    return tag("div", tag("dl", *pairs), tag("ol", *parts, start="0"), tag("ul", *sent), links, class_="card")


def _chaos_panel(chaos: Chaos) -> Html:
    percents = chaos.all_percents()
    rows = [
        tag(
            "label",
            tag("span", name, tag("small", trouble.says)),
            tag("input", type="number", name=name, min="0", max="100", step="any", value=f"{percents[name]:g}"),
        )
        for name, trouble in TROUBLES.items()
    ]
    active = sum(1 for percent in percents.values() if percent)
    summary = tag("summary", "Chaos, in percent ", tag("small", f"{active} active" if active else "calm"))
    return tag("details", summary, *rows, class_="panel", data_chaos=True, id="chaos")


def _behaviour_panel() -> Html:
    rows = [tag("tr", tag("th", f"…{digits}"), tag("td", behaviour.says)) for digits, behaviour in BEHAVIOURS.items()]
    rows.append(tag("tr", tag("th", "other"), tag("td", DELIVERED.says)))
    texts = [tag("tr", tag("th", f"…{digits}"), tag("td", row.says)) for digits, row in SMS_BEHAVIOURS.items()]
    texts.append(tag("tr", tag("th", "other"), tag("td", SMS_DELIVERED.says)))
    summary = tag("summary", "What the receiver's last digits do")
    tables = (tag("h3", "MMS"), tag("table", *rows), tag("h3", "SMS"), tag("table", *texts))
    return tag("details", summary, *tables, class_="panel", id="behaviours")
