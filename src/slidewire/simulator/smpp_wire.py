"""SMPP 3.4 as the simulated SMSC reads and writes it, written apart from carriers/: the two are never wrong together.

Reading walks the bytes by hand and says with a command_status what a strict SMSC dislikes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RESP = 0x80000000
GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x04, 0x05, 0x06, 0x15
LONGEST = 4_096
SC_INTERFACE_VERSION, RECEIPTED_MESSAGE_ID, MESSAGE_STATE = 0x0210, 0x001E, 0x0427


class WireError(Exception):
    """A PDU that is refused, with the command_status that says why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Header:
    """The sixteen octets in front of every PDU."""

    length: int
    command: int
    status: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Login:
    """What a bind says."""

    system_id: str
    password: str
    version: int


@dataclass(frozen=True, slots=True)
class Submit:
    """What a submit_sm says, as far as a network cares."""

    source: str
    source_plan: tuple[int, int]
    receiver: str
    receiver_plan: tuple[int, int]
    esm_class: int
    coding: int
    validity: str
    wants_receipt: bool
    octets: bytes
    tags: dict[int, bytes] = field(default_factory=dict)


def read_header(sixteen: bytes) -> Header:
    """The header. Raises WireError for a length that no PDU has: nothing after it can be read."""
    numbers = [int.from_bytes(sixteen[at : at + 4], "big") for at in (0, 4, 8, 12)]
    if not 16 <= numbers[0] <= LONGEST:
        raise WireError(0x02, f"command_length {numbers[0]}")
    return Header(*numbers)


def pack(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A whole PDU."""
    head = b"".join(number.to_bytes(4, "big") for number in (16 + len(body), command, status, sequence))
    return head + body


class Walk:
    """Octets read one field after the other."""

    def __init__(self, octets: bytes) -> None:
        self.left = octets

    def number(self) -> int:
        """One octet."""
        return self.some(1)[0]

    def some(self, count: int) -> bytes:
        """That many octets. Raises WireError where there are fewer."""
        if len(self.left) < count:
            raise WireError(0x02, "the PDU ends inside a field")
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def string(self, longest: int, status: int = 0x02) -> str:
        """A string that ends with a zero within ``longest`` octets, of printable ASCII. Raises WireError."""
        text, zero, rest = self.left.partition(b"\0")
        if not zero or len(text) >= longest:
            raise WireError(status, f"a string without an end within {longest} octets")
        if any(not 0x20 <= octet < 0x7F for octet in text):
            raise WireError(status, "a string that is not printable ASCII")
        self.left = rest
        return text.decode("ascii")


def read_login(body: bytes) -> Login:
    """A bind's body. Raises WireError."""
    walk = Walk(body)
    system_id, password = walk.string(16, 0x0F), walk.string(9, 0x0E)
    walk.string(13, 0x53)
    version = walk.number()
    walk.some(2)
    walk.string(41)
    if walk.left:
        raise WireError(0x02, "octets behind the bind")
    return Login(system_id, password, version)


def read_submit(body: bytes) -> Submit:
    """A submit_sm's body. Raises WireError with the status of what is wrong."""
    walk = Walk(body)
    walk.string(6, 0x15)
    source_plan = (walk.number(), walk.number())
    source = walk.string(21, 0x0A)
    receiver_plan = (walk.number(), walk.number())
    receiver = walk.string(21, 0x0B)
    esm_class = walk.number()
    walk.some(2)
    _check_time(walk.string(17, 0x61), 0x61)
    validity = walk.string(17, 0x62)
    _check_time(validity, 0x62)
    registered = walk.number()
    walk.some(1)
    coding = walk.number()
    walk.some(1)
    octets = walk.some(walk.number())
    tags: dict[int, bytes] = {}
    while walk.left:
        tag = int.from_bytes(walk.some(2), "big")
        tags[tag] = walk.some(int.from_bytes(walk.some(2), "big"))
    return Submit(
        source,
        source_plan,
        receiver,
        receiver_plan,
        esm_class,
        coding,
        validity,
        bool(registered & 0x03),
        octets,
        tags,
    )


def _check_time(text: str, status: int) -> None:
    """SMPP's time: empty, or sixteen signs, the last of which says how to read them."""
    if text and not (len(text) == 16 and text[:15].isdigit() and text[15] in "+-R"):
        raise WireError(status, f"{text!r} is no time")


def login_answer(name: str) -> bytes:
    """The body of a bind's answer."""
    return name.encode("ascii") + b"\0" + SC_INTERFACE_VERSION.to_bytes(2, "big") + b"\x00\x01\x34"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A receipt, or what a phone says, as a deliver_sm."""

    source: str  #: the phone
    receiver: str  #: who sent the SMS, or whom the phone writes to
    text: str
    esm_class: int = 0x04
    tags: tuple[tuple[int, bytes], ...] = ()

    def body(self) -> bytes:
        """Its octets."""
        is_plain = self.text.isascii()
        octets = self.text.encode("ascii") if is_plain else self.text.encode("utf-16-be", "replace")
        octets, coding = octets[:254], 0 if is_plain else 8
        fields = [b"\0", b"\x01\x01", self.source.encode(), b"\0", b"\x00\x01", self.receiver.encode(), b"\0"]
        fields += [bytes((self.esm_class, 0, 0)), b"\0\0", bytes((0, 0, coding, 0, len(octets))), octets]
        for tag, value in self.tags:
            fields += [tag.to_bytes(2, "big"), len(value).to_bytes(2, "big"), value]
        return b"".join(fields)
