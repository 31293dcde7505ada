"""Receipts in deliver_sm: by optional parameters, else by the words that most SMSCs put into the text.

What the sender of the SMS wrote stands behind ``text:`` and is never looked at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from types import MappingProxyType

from slidewire.carriers.base import ReceiptStatus
from slidewire.carriers.smpp.pdu import ShortMessage, Tag

#: esm_class: which bits tell the kind, and the kinds that are a carrier's word on what we sent.
_KIND = 0x3C
_RECEIPT, _INTERMEDIATE = 0x04, 0x20
#: Characters of a receipt's text that are looked at, and of an id.
_TEXT_CAP = 1_000
_ID_CAP = 64

#: ``stat`` in the text, in upper case -> what it means (standards.md 5.1). Any other word is not final.
STATS: Mapping[str, ReceiptStatus] = MappingProxyType(
    {
        "DELIVRD": ReceiptStatus.DELIVERED,
        "EXPIRED": ReceiptStatus.EXPIRED,
        "UNDELIV": ReceiptStatus.FAILED,
        "DELETED": ReceiptStatus.FAILED,
        "REJECTD": ReceiptStatus.REJECTED,
        "ENROUTE": ReceiptStatus.PENDING,
        "ACCEPTD": ReceiptStatus.PENDING,
        "BUFFERD": ReceiptStatus.PENDING,
        "UNKNOWN": ReceiptStatus.PENDING,
    }
)
#: message_state -> the same word in ``stat``.
STATES: Mapping[int, str] = MappingProxyType(
    {
        0: "SCHEDULED",
        1: "ENROUTE",
        2: "DELIVRD",
        3: "EXPIRED",
        4: "DELETED",
        5: "UNDELIV",
        6: "ACCEPTD",
        7: "UNKNOWN",
        8: "REJECTD",
        9: "SKIPPED",
    }
)
_FIELDS = re.compile(r"(?<![a-z])(id|stat|err|done date)\s?:\s?([^\s:]{1,65})", re.IGNORECASE)


@unique
class Ids(Enum):
    """How a peer writes a message's id in its answer and in its receipt (standards.md 5.1, 9)."""

    AS_GIVEN = "as-given"
    ANSWER_HEX = "answer-hex"  #: hexadecimal in the answer, decimal in the receipt
    ANSWER_DECIMAL = "answer-decimal"  #: the other way round
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Told:
    """What one receipt says."""

    id: str
    word: str  #: as in ``stat``
    date: str = ""
    detail: str = ""
    network: str = ""  #: the receiver's network, where the peer names it

    @property
    def status(self) -> ReceiptStatus:
        """The meaning of ``word``."""
        return STATS.get(self.word, ReceiptStatus.PENDING)


def is_receipt(message: ShortMessage) -> bool:
    """Whether a deliver_sm is a carrier's word on something that we sent, rather than a text for us."""
    kind = message.esm_class & _KIND
    if kind == 0:  # some forget the bits; others name a message in a text that answers it
        return None not in (message.tlv(Tag.RECEIPTED_MESSAGE_ID), message.tlv(Tag.MESSAGE_STATE))
    return kind in (_RECEIPT, _INTERMEDIATE)


def read_receipt(message: ShortMessage, network_tag: int = 0) -> Told | None:
    """What a receipt says; None when it names no message or no state.

    ``network_tag``: of the optional parameter with the receiver's network; 0: the peer has none.
    """
    fields = _fields(message.text[:_TEXT_CAP].decode("latin-1"))
    named = (message.tlv(Tag.RECEIPTED_MESSAGE_ID) or b"").partition(b"\0")[0].decode("latin-1").strip()
    state = message.tlv(Tag.MESSAGE_STATE)
    word = STATES.get(state[0], f"STATE {state[0]}") if state else fields.get("stat", "").upper()
    reference = named or fields.get("id", "")
    if not reference or not word or len(reference) > _ID_CAP or not (reference + word).isprintable():
        return None
    return Told(reference, word, fields.get("done date", ""), _detail(message, fields), _network(message, network_tag))


def _network(message: ShortMessage, tag: int) -> str:
    value = (message.tlv(tag) or b"") if tag else b""
    text = value.partition(b"\0")[0].decode("latin-1").strip()
    return text if text.isascii() and text.isalnum() and len(text) <= _ID_CAP else ""


def spellings(reference: str, ids: Ids) -> tuple[str, ...]:
    """Other ways to write ``reference``, the likeliest first: the answer may have written it so."""
    found = dict.fromkeys(_forms(reference, ids))
    found.pop(reference, None)
    return tuple(found)


def _forms(reference: str, ids: Ids) -> Iterator[str]:
    yield from (reference.lower(), reference.upper())
    if ids in (Ids.ANSWER_HEX, Ids.EITHER) and re.fullmatch(r"[0-9]{1,20}", reference):
        number = int(reference)
        yield from (f"{number:x}", f"{number:X}", f"{number:08x}", f"{number:08X}", f"{number:016x}", f"{number:016X}")
    if ids in (Ids.ANSWER_DECIMAL, Ids.EITHER) and re.fullmatch(r"[0-9a-fA-F]{1,16}", reference):
        number = int(reference, 16)
        yield from (f"{number}", f"{number:010}")
    bare = reference.lstrip("0")
    if bare and bare.isalnum():
        for form in dict.fromkeys((bare, bare.lower(), bare.upper())):
            yield from (form, form.zfill(8), form.zfill(10), form.zfill(16))


def _fields(text: str) -> dict[str, str]:
    """The first of each field before ``text:``, which is where foreign words begin."""
    ours = re.split(r"(?<![a-z])text\s?:", text, maxsplit=1, flags=re.IGNORECASE)[0]
    found: dict[str, str] = {}
    for name, value in _FIELDS.findall(ours):
        found.setdefault(name.lower(), value)
    return found


def _detail(message: ShortMessage, fields: Mapping[str, str]) -> str:
    """The network's own code, where the receipt tells one."""
    words = []
    error = fields.get("err", "")
    if error.strip("0") and error.isprintable():
        words.append(f"err {error[:20]}")
    network = message.tlv(Tag.NETWORK_ERROR_CODE)
    if network and len(network) == 3 and any(network[1:]):
        words.append(f"network error {network[0]}/{int.from_bytes(network[1:], 'big')}")
    return ", ".join(words)
