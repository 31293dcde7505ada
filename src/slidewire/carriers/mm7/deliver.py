"""Reads a DeliverReq, an MMS that a phone sent, as liberally as what MMSCs write asks for (standards.md 1.3, 1.6).

Only who sent it must be there. SMIL says how phones lay a message out, and is not kept.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.header import decode_header

from slidewire.carriers.mm7.multipart import Part, leaves, read_content_type
from slidewire.carriers.mm7.reader import MAX_ID, Asked, read_handset
from slidewire.carriers.mm7.tree import Element, MalformedError, attributes_of, local, text_of, words_of
from slidewire.domain.characters import without_forbidden
from slidewire.domain.inbound import ArrivedFile, ArrivedMms, phone_of, sender_of

#: Characters of a subject, of an address and of a file's name that are kept.
MAX_SUBJECT = 1_000
_MAX_ADDRESS = 200
_MAX_NAME = 100
#: Addresses of one message that are looked at.
MAX_ADDRESSES = 100
_SIDES = ("To", "Cc", "Bcc")
_SMIL = ("application/smil", "application/smil+xml")
_NUMBER = re.compile(r"\+?[0-9 ().-]{3,40}")
_NO_DIGITS = re.compile(r"[^0-9]")
_TYPED = re.compile(r"/TYPE=.*", re.IGNORECASE | re.DOTALL)
#: Words of RFC 2047 in a subject: only these charsets are read.
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16", "gb18030", "gb2312", "big5"})


@dataclass(frozen=True, slots=True)
class _Address:
    text: str
    is_shown_only: bool


def read_delivery(asked: Asked, parts: Sequence[Part], route: str, *, now: int, most: int) -> ArrivedMms:
    """The message in ``asked`` with what came in ``parts``; ``most``: files of one message.

    Raises MalformedError where nobody sent it, TooManyPartsError.
    """
    element = asked.element
    phone = _phone(element)
    files = tuple(_file(part) for part in leaves(_content(asked.found, parts), most) if not _is_layout(part))
    addresses = _recipients(asked)
    return ArrivedMms(
        route=route,
        phone=phone,
        received_at=now,
        to=_numbers(each for each in addresses if not each.is_shown_only),
        shown=_numbers(each for each in addresses if each.is_shown_only),
        subject=_subject(asked.found),
        files=files,
        ids=_ids(asked, phone, files),
        network=asked.operator,
        handset=read_handset(asked.found),
    )


def _phone(element: Element) -> str:
    sender = next((each for each in element if local(each) == "Sender"), None)
    found = next(_addresses(sender), None) if sender is not None else None
    if found is None:
        raise MalformedError("no usable Sender")
    return phone_of(found.text)


def _recipients(asked: Asked) -> list[_Address]:
    """Everyone it went to; where it does not say, the name under which the MMSC knows us."""
    sides = [each for name in ("Recipients", "Recipient", *_SIDES) for each in asked.element if local(each) == name]
    found = [each for side in sides for each in _addresses(side)][:MAX_ADDRESSES]
    known_as = words_of(asked.found.get("VASID"))
    return found or ([_Address(known_as[:_MAX_ADDRESS], is_shown_only=False)] if known_as else [])


def _addresses(side: Element) -> Iterator[_Address]:
    """Number, ShortCode and RFC2822Address; some write the number between the tags themselves (standards.md 1.6)."""
    for count, each in enumerate(side.iter()):
        if count > 4 * MAX_ADDRESSES:
            return
        text = _plain(each.text or "")
        if text:
            shown = next((value for name, value in attributes_of(each).items() if name.endswith("displayOnly")), "")
            yield _Address(text, is_shown_only=shown.strip().lower() in {"true", "1"})


def _plain(text: str) -> str:
    """``+15557650020/TYPE=PLMN@mmsc`` is the number in it; an address of mail stays one."""
    bare = _TYPED.sub("", text.strip()[:_MAX_ADDRESS]).strip()
    local_part = bare.partition("@")[0]
    return _NO_DIGITS.sub("", local_part).removeprefix("00") if _NUMBER.fullmatch(local_part) else bare


def _numbers(addresses: "Iterator[_Address]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for each in addresses if (number := sender_of(each.text))))


def _subject(found: Mapping[str, Element]) -> str:
    words = words_of(found.get("Subject"))[:MAX_SUBJECT]
    return without_forbidden(_unfolded(words) if "=?" in words else words)


def _unfolded(words: str) -> str:
    """A subject that is written as mail writes it."""
    try:
        pieces = decode_header(words)
    except ValueError:
        return words
    told = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            told.append(piece)
        elif charset is None or charset.lower() in _CHARSETS:
            told.append(piece.decode(charset or "latin-1", "replace"))
        else:
            return words
    return "".join(told)[:MAX_SUBJECT]


def _content(found: Mapping[str, Element], parts: Sequence[Part]) -> Sequence[Part]:
    """The part that Content names where that holds others, else all that came: some peers name none, or the layout."""
    content = found.get("Content")
    named = "" if content is None else next((v for k, v in attributes_of(content).items() if k.endswith("href")), "")
    meant = next((part for part in parts if part.is_called(named)), None)
    return [meant] if meant is not None and meant.is_multipart else parts


def _is_layout(part: Part) -> bool:
    return read_content_type(part.type)[0] in _SMIL or not part.raw.strip()


def _file(part: Part) -> ArrivedFile:
    name = " ".join(without_forbidden(part.name).split())[:_MAX_NAME]
    return ArrivedFile(part.decoded(), part.type[:_MAX_ADDRESS], name)


def _ids(asked: Asked, phone: str, files: Sequence[ArrivedFile]) -> tuple[str, ...]:
    """What is the same when an MMSC sends a message again (docs/adr/0140); hashed, so that no number is in them."""
    element = asked.element
    message_id, linked, at = (_id(element, name) for name in ("MessageID", "LinkedID", "TimeStamp"))
    said = hashlib.sha256("\0".join((phone, words_of(asked.found.get("Subject")))).encode("utf-8", "replace"))
    for file in files:
        said.update(hashlib.sha256(file.data).digest())
    content = said.hexdigest()
    words: list[tuple[str, ...]] = []
    if message_id:
        words.append(("message", message_id, phone))
    else:
        words += [("linked", linked, at, content)] if linked and at else []
        words += [("transaction", asked.told.transaction_id, content)] if asked.told.transaction_id else []
    to = "\0".join(sorted(each.text for each in _recipients(asked)))
    return tuple(hashlib.sha256("\0".join((*each, to)).encode("utf-8", "replace")).hexdigest() for each in words)


def _id(element: Element, name: str) -> str:
    """A direct child's text: an id inside something else is another thing's."""
    child = next((each for each in element if local(each) == name), None)
    return text_of(child)[:MAX_ID]
