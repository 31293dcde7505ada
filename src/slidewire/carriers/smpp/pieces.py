"""Whether a text of a phone is one segment of a longer one: told by its user data header, or by SAR parameters."""

from slidewire.carriers.smpp.pdu import ShortMessage, Tag
from slidewire.domain.inbound import Piece

#: Element of a user data header -> octets of its reference: 8 and 16 bits (3GPP 23.040, 9.2.3.24).
_ELEMENTS = {0x00: 1, 0x08: 2}


def piece_of(message: ShortMessage, *, headed: bool) -> Piece | None:
    """The segment that it is; None: the message is whole. ``headed``: a header stands before its text."""
    found = _of_header(message.text) if headed and message.text else _of_parameters(message)
    if found is None:
        return None
    reference, total, number = found
    octets = message.text[message.text[0] + 1 :] if headed and message.text else message.text
    if total < 2 or not 1 <= number <= total:
        return None
    return Piece(reference, number, total, message.data_coding, octets)


def _of_header(text: bytes) -> tuple[str, int, int] | None:
    """Reference, total, number."""
    header = text[1 : text[0] + 1]
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        size = _ELEMENTS.get(element, 0)
        if size and length == len(value) == size + 2:
            return f"{size * 8}:{int.from_bytes(value[:size], 'big')}", value[size], value[size + 1]
        at += 2 + length
    return None


def _of_parameters(message: ShortMessage) -> tuple[str, int, int] | None:
    values = [message.tlv(tag) for tag in (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)]
    reference, total, number = (int.from_bytes(each or b"", "big") for each in values)
    return (f"sar:{reference}", total, number) if all(values) and total <= 255 else None
