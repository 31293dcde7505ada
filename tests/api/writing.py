"""One request written in every dialect, by the table of fields: what the dialects' readers must read alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from slidewire.api.envelope import Envelope
from slidewire.api.wire import FLAGS, Names
from slidewire.domain.message import Dialect

#: Our name of a field and its text; of two with one name the first counts.
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Written:
    """A call: its fields, and its slides' texts and media (kind -> address) in their order."""

    fields: Pairs
    slides: Sequence[Pairs] = field(default=())
    customs: Pairs = field(default=())  #: slide numbers and their other texts
    values: Pairs = field(default=())  #: names and values of merge tags
    kinds: frozenset[str] = frozenset({"image", "audio", "video", "vcard", "ical", "pdf", "passbook"})


def write_xml(written: Written, dialect: Dialect) -> Envelope:
    """One document, in W13 or M1."""
    own = Names(dialect).spelling

    def element(name: str, inside: str) -> str:
        return f"<{own(name)}>{inside}</{own(name)}>"

    def in_slide(name: str, text: str) -> str:
        return element(name, element("url", escape(text)) if name in written.kinds else escape(text))

    parts = [element(name, escape(text)) for name, text in written.fields]
    parts += [element("slides", "".join(in_slide(*pair) for pair in slide)) for slide in written.slides]
    parts += [
        element("custom_text", element("value", escape(text)) + element("slide_number", number))
        for number, text in written.customs
    ]
    if written.values:
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in written.values)
        parts.append(element("merge_values", inside))
    root = "REQUEST" if dialect is Dialect.W13 else "request"
    return Envelope(f"<{root}>{''.join(parts)}</{root}>".encode())


def write_json(written: Written) -> Envelope:
    """One object; what looks like a number or a flag is one, and doubles stand where they stood."""
    own = Names(Dialect.J2).spelling

    def value(name: str, text: str) -> str:
        if name in written.kinds:
            return f'{{"url": {json.dumps(text)}}}'
        is_plain = (text.isascii() and text.isdigit() and str(int(text)) == text) or (
            name in FLAGS and text in {"true", "false"}
        )
        return text if is_plain else json.dumps(text, ensure_ascii=len(text) % 2 == 0)

    def members(pairs: Pairs) -> list[str]:
        return [f"{json.dumps(own(name))}: {value(name, text)}" for name, text in pairs if name != "key"]

    slides = [f"{{{', '.join(members(slide))}}}" for slide in written.slides]
    parts = [*members(written.fields), f"{json.dumps(own('slides'))}: [{', '.join(slides)}]"]
    if written.customs:
        customs = [f'{{"value": {json.dumps(text)}, "slide": {number}}}' for number, text in written.customs]
        parts.append(f"{json.dumps(own('custom_text'))}: [{', '.join(customs)}]")
    if written.values:
        pairs = [f"{json.dumps(name)}: {json.dumps(text)}" for name, text in written.values]
        parts.append(f"{json.dumps(own('merge_values'))}: {{{', '.join(pairs)}}}")
    key = next((text for name, text in written.fields if name == "key"), "")
    return Envelope(f"{{{', '.join(parts)}}}".encode(), key=key.encode())


def write_form(written: Written) -> Envelope:
    """Form fields, in W13."""
    own = Names(Dialect.W13).spelling
    pairs = [(own(name).lower(), text) for name, text in written.fields]
    for number, slide in enumerate(written.slides, start=1):
        pairs += [(f"slide_{number}_{own(name).lower()}", text) for name, text in slide]
    pairs += [(f"customtext_{number}", text) for number, text in written.customs]
    pairs += [(f"data_{name.lower()}", text) for name, text in written.values]
    body = "&".join(f"{name}={quote_plus(text)}" for name, text in pairs)
    return Envelope(body.encode(), b"application/x-www-form-urlencoded")
