"""An SMS as it travels: pieces that fit one short message each, which the phone puts together (durability 9)."""

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Coding(Enum):
    """How the characters of a segment are written; the value is SMPP's data_coding."""

    GSM = 0  #: GSM 03.38, one septet an octet
    UCS2 = 8  #: UTF-16, big-endian


@dataclass(frozen=True, slots=True)
class Segment:
    """One short message, ready for any carrier of SMS. What is stored of it is sent again byte for byte."""

    number: int  #: from 1
    total: int
    coding: Coding
    body: bytes  #: the characters, without the header
    header: bytes = b""  #: user data header with its length octet; empty for a text that is one segment
