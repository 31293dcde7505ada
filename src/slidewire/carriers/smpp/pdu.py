"""SMPP 3.4 on the wire: PDUs out of bytes and bytes out of PDUs.

Strict and capped: whatever the bytes are, only PduError is raised, and what is longer than its field is refused.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, unique

#: Octets of the header, and of the longest PDU that is read: a message_payload of 64 kB with its fields.
HEADER = 16
MAX_PDU = 66_560
#: Parameters behind the fields of one PDU; real ones have under ten.
MAX_TLVS = 64
MAX_SEQUENCE = 0x7FFFFFFF
#: Added to a request's command to make its response's.
RESPONSE = 0x80000000
VERSION = 0x34

_HEADER = struct.Struct(">IIII")
_TLV = struct.Struct(">HH")


@unique
class Command(IntEnum):
    """Requests that we know. A response is its request with RESPONSE."""

    GENERIC_NACK = 0x00000000
    BIND_RECEIVER = 0x00000001
    BIND_TRANSMITTER = 0x00000002
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    BIND_TRANSCEIVER = 0x00000009
    ENQUIRE_LINK = 0x00000015
    ALERT_NOTIFICATION = 0x00000102


@unique
class Tag(IntEnum):
    """Optional parameters that we read or write."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class PduError(ValueError):
    """Bytes that are no PDU, or fields that do not fit into one."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU, its body not yet read."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        """Whether it answers something; generic_nack does too."""
        return self.command >= RESPONSE


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name with its type and plan."""

    ton: int
    npi: int
    text: str


@dataclass(frozen=True, slots=True)
class BindRequest:
    """Who we are."""

    system_id: str
    password: str
    system_type: str = ""
    version: int = VERSION
    ton: int = 0
    npi: int = 0
    address_range: str = ""


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """The body of submit_sm and of deliver_sm: they have the same form."""

    source: Address
    destination: Address
    short_message: bytes = b""
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    validity_period: str = ""
    service_type: str = ""
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    replace_if_present: int = 0
    default_message: int = 0
    tlvs: tuple[tuple[int, bytes], ...] = ()

    @property
    def text(self) -> bytes:
        """What it carries, wherever it lies: short_message, else message_payload."""
        return self.short_message or self.tlv(Tag.MESSAGE_PAYLOAD) or b""

    def tlv(self, tag: int) -> bytes | None:
        """The first parameter with that tag."""
        return next((value for found, value in self.tlvs if found == tag), None)


class Framer:
    """Cuts a stream into PDUs."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._buffer += data

    def next(self) -> Pdu | None:
        """The next whole PDU, None as long as it is not all there.

        Raises PduError when the stream cannot be followed any more: the connection is lost.
        """
        buffer = self._buffer
        if len(buffer) < HEADER:
            return None
        length, command, status, sequence = _HEADER.unpack_from(buffer)
        if not HEADER <= length <= MAX_PDU:
            raise PduError(f"a PDU of {length} octets")
        if len(buffer) < length:
            return None
        body = bytes(buffer[HEADER:length])
        del buffer[:length]
        return Pdu(command, status, sequence, body)


def write(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """The bytes of one PDU. Raises PduError for one that is too long or has no sequence number."""
    length = HEADER + len(body)
    if length > MAX_PDU or not 0 <= sequence <= MAX_SEQUENCE + RESPONSE:
        raise PduError(f"a PDU of {length} octets with the sequence number {sequence}")
    return _HEADER.pack(length, command, status, sequence) + body


def write_bind(bind: BindRequest) -> bytes:
    """The body of a bind. Raises PduError for a field that does not fit (standards.md 5.1)."""
    return b"".join(
        (
            _text(bind.system_id, 16, "system_id"),
            _text(bind.password, 9, "password"),
            _text(bind.system_type, 13, "system_type"),
            _octets((bind.version, bind.ton, bind.npi)),
            _text(bind.address_range, 41, "address_range"),
        )
    )


def read_bind(body: bytes) -> BindRequest:
    """The body of a bind. Raises PduError."""
    system_id, at = _text_at(body, 0, 16)
    password, at = _text_at(body, at, 9)
    system_type, at = _text_at(body, at, 13)
    version, ton, npi = _octets_at(body, at, 3)
    address_range, at = _text_at(body, at + 3, 41)
    if at != len(body):
        raise PduError("octets behind the last field")
    return BindRequest(system_id, password, system_type, version, ton, npi, address_range)


def write_message(message: ShortMessage) -> bytes:
    """The body of a submit_sm or deliver_sm. Raises PduError for a field that does not fit."""
    if len(message.short_message) > 254:
        raise PduError(f"a short_message of {len(message.short_message)} octets")
    return b"".join(
        (
            _text(message.service_type, 6, "service_type"),
            _address(message.source, "source_addr"),
            _address(message.destination, "destination_addr"),
            _octets((message.esm_class, message.protocol_id, message.priority)),
            _text(message.schedule, 17, "schedule_delivery_time"),
            _text(message.validity_period, 17, "validity_period"),
            _octets((message.registered_delivery, message.replace_if_present, message.data_coding)),
            _octets((message.default_message, len(message.short_message))),
            message.short_message,
            write_tlvs(message.tlvs),
        )
    )


def read_message(body: bytes) -> ShortMessage:
    """The body of a submit_sm or deliver_sm. Raises PduError."""
    service_type, at = _text_at(body, 0, 6)
    source, at = _address_at(body, at)
    destination, at = _address_at(body, at)
    esm_class, protocol_id, priority = _octets_at(body, at, 3)
    schedule, at = _text_at(body, at + 3, 17)
    validity_period, at = _text_at(body, at, 17)
    registered_delivery, replace, coding, default_message, length = _octets_at(body, at, 5)
    at += 5
    return ShortMessage(
        source=source,
        destination=destination,
        short_message=_octets_at(body, at, length),
        esm_class=esm_class,
        data_coding=coding,
        registered_delivery=registered_delivery,
        validity_period=validity_period,
        service_type=service_type,
        protocol_id=protocol_id,
        priority=priority,
        schedule=schedule,
        replace_if_present=replace,
        default_message=default_message,
        tlvs=_tlvs_at(body, at + length),
    )


def write_message_id(message_id: str) -> bytes:
    """The body of a submit_sm_resp or deliver_sm_resp. Raises PduError."""
    return _text(message_id, 65, "message_id")


def read_message_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp; some peers leave out the octet that ends it. Raises PduError."""
    text, _, _ = body.partition(b"\0")
    if len(text) > 64:
        raise PduError(f"a message_id of {len(text)} octets")
    if any(octet < 0x20 or octet == 0x7F for octet in text):
        raise PduError("a message_id with control characters")
    return text.decode("latin-1").strip()


def write_tlvs(tlvs: Iterable[tuple[int, bytes]]) -> bytes:
    """Optional parameters, one behind the other."""
    return b"".join(_TLV.pack(tag, len(value)) + value for tag, value in tlvs)


def _text(text: str, limit: int, name: str) -> bytes:
    """A C-octet string of at most ``limit`` octets with its end."""
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        raise PduError(f"{name} has characters that SMPP does not know") from None
    if len(octets) >= limit or 0 in octets:
        raise PduError(f"{name} has {len(octets)} octets or a zero among them; at most {limit - 1} fit")
    return octets + b"\0"


def _address(address: Address, name: str) -> bytes:
    return _octets((address.ton, address.npi)) + _text(address.text, 21, name)


def _octets(values: tuple[int, ...]) -> bytes:
    try:
        return bytes(values)
    except ValueError:
        raise PduError(f"{values} do not fit into an octet each") from None


def _octets_at(body: bytes, at: int, count: int) -> bytes:
    found = body[at : at + count]
    if len(found) != count:
        raise PduError("the body ends inside a field")
    return found


def _text_at(body: bytes, at: int, limit: int) -> tuple[str, int]:
    """A C-octet string of at most ``limit`` octets, and where it ends."""
    end = body.find(b"\0", at, at + limit)
    if end < 0:
        raise PduError(f"a string of more than {limit - 1} octets, or one without its end")
    return body[at:end].decode("latin-1"), end + 1


def _address_at(body: bytes, at: int) -> tuple[Address, int]:
    ton, npi = _octets_at(body, at, 2)
    text, end = _text_at(body, at + 2, 21)
    return Address(ton, npi, text), end


def _tlvs_at(body: bytes, at: int) -> tuple[tuple[int, bytes], ...]:
    found: list[tuple[int, bytes]] = []
    while at < len(body):
        if len(found) == MAX_TLVS:
            raise PduError(f"more than {MAX_TLVS} optional parameters")
        tag, length = _TLV.unpack(_octets_at(body, at, 4))
        found.append((tag, _octets_at(body, at + 4, length)))
        at += 4 + length
    return tuple(found)
