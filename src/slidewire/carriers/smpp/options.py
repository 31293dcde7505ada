"""Single options of an SMPP route: read once, with errors that name what is wrong (docs/reference/smpp.md)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType

from slidewire.carriers.base import Route, Verdict
from slidewire.carriers.options import read_switch, with_options, word_of
from slidewire.carriers.smpp.pdu import BindRequest, write_bind
from slidewire.carriers.smpp.receipts import Ids
from slidewire.carriers.smpp.text import Writing


@unique
class BindKind(Enum):
    """Which binds a route holds."""

    TRANSCEIVER = "transceiver"
    PAIR = "pair"  #: a transmitter and a receiver, as many aggregators want (standards.md 5.1)
    TRANSMITTER = "transmitter"  #: receipts come another way, or not at all


@unique
class Validity(Enum):
    """How a message's end is told to the SMSC."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Plan:
    """Type of number and numbering plan."""

    ton: int
    npi: int


@dataclass(frozen=True, slots=True)
class Options:
    """How one SMSC wants to be spoken to. The plans are standards.md 5.1's defaults."""

    bind: BindKind = BindKind.TRANSCEIVER
    tls: bool = False
    system_type: str = ""
    service_type: str = ""
    short_code: Plan = Plan(3, 0)
    long_code: Plan = Plan(1, 1)
    mask: Plan = Plan(5, 0)
    receiver: Plan = Plan(1, 1)
    enquire_link: float = 30.0  #: seconds of silence after which the link is tried
    validity: Validity = Validity.ABSOLUTE
    reference: int = 8  #: bits of the concatenation reference
    punctuation: bool = True
    ids: Ids = Ids.AS_GIVEN
    network_tag: int = 0  #: of the receipt's parameter with the receiver's network; 0: it has none
    codes: Mapping[int, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    blocked_codes: frozenset[int] = frozenset()  #: command_status values that say that the receiver blocks the sender

    @property
    def writing(self) -> Writing:
        """How texts are cut for this route."""
        return Writing(self.reference, self.punctuation)


def options_of(route: Route) -> Options:
    """The options of ``route``. Raises ValueError naming what cannot be read or used."""
    options = with_options(Options(), route.options, _READERS)
    if not route.host:
        raise ValueError("an smpp route needs its host")
    write_bind(bind_of(route, options))  # what does not fit is found before the first connection
    return options


def bind_of(route: Route, options: Options) -> BindRequest:
    """What ``route`` says to be let in."""
    return BindRequest(route.system_id, route.password, options.system_type)


def _plan(text: str) -> Plan:
    found = re.fullmatch(r"([0-7])/([0-9]|1[0-8])", text, re.ASCII)
    if found is None:
        raise ValueError(f"{text!r} is no type and plan, such as 1/1")
    return Plan(int(found[1]), int(found[2]))


def _short(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(rf"[\x21-\x7e]{{0,{most}}}", text):
            raise ValueError(f"at most {most} printable ASCII characters")
        return text

    return read


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", text, re.ASCII) or not float(text):
        raise ValueError(f"{text!r} is no number of seconds")
    return float(text)


def _bits(text: str) -> int:
    if text not in {"8", "16"}:
        raise ValueError(f"{text!r} is neither 8 nor 16")
    return int(text)


def _tag(text: str) -> int:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,4}", text) or not int(text, 16):
        raise ValueError(f"{text!r} is no tag such as 0x1403")
    return int(text, 16)


_CODE_WORDS = {"retry": Verdict.RETRY, "throttled": Verdict.THROTTLED, "refused": Verdict.REFUSED}


def _code(text: str) -> int:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}|[1-9][0-9]{0,8}", text):
        raise ValueError(f"{text!r} is no command_status such as 0x401")
    return int(text, 0)


def _blocked(text: str) -> frozenset[int]:
    codes = frozenset(_code(word.strip()) for word in text.split(",") if word.strip())
    if 0 in codes:
        raise ValueError("0 is always success")
    return codes


def _codes(text: str) -> Mapping[int, Verdict]:
    codes = {}
    for pair in filter(None, (pair.strip() for pair in text.split(","))):
        code, _, word = (each.strip() for each in pair.partition("="))
        number = _code(code)
        if word not in _CODE_WORDS or not number:
            raise ValueError(f"{pair!r}: the words are {', '.join(_CODE_WORDS)}; 0 is always success")
        codes[number] = _CODE_WORDS[word]
    return MappingProxyType(codes)


_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "bind": word_of(BindKind),
        "tls": read_switch,
        "system_type": _short(12),
        "service_type": _short(5),
        "short_code": _plan,
        "long_code": _plan,
        "mask": _plan,
        "receiver": _plan,
        "enquire_link": _seconds,
        "validity": word_of(Validity),
        "reference": _bits,
        "punctuation": read_switch,
        "ids": word_of(Ids),
        "network_tag": _tag,
        "codes": _codes,
        "blocked_codes": _blocked,
    }
)
