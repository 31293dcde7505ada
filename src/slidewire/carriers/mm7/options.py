"""Single options of a route that differ from its profile: read once, with errors that name what is wrong."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from slidewire.carriers.base import Route, Verdict
from slidewire.carriers.mm7.namespaces import VERSIONS
from slidewire.carriers.mm7.profiles import PROFILES, Authentication, NumberForm, Profile, SenderForm, SoapAction
from slidewire.carriers.options import read_switch, with_options, word_of

#: Optional elements that an option may leave out.
MAY_OMIT = frozenset({"VASPID", "VASID", "TimeStamp", "ExpiryDate", "DeliveryReport", "Subject"})
#: Optional elements with a fixed word that an option may add, and the words that the schema has (none: any).
MAY_ADD: dict[str, frozenset[str]] = {
    "ServiceCode": frozenset(),
    "MessageClass": frozenset({"Personal", "Informational", "Advertisement", "Auto"}),
    "ReadReply": frozenset({"true", "false"}),
    "Priority": frozenset({"Low", "Normal", "High"}),
    "ChargedParty": frozenset({"Sender", "Recipient", "Both", "Neither", "ThirdParty"}),
    "DistributionIndicator": frozenset({"true", "false"}),
}
#: Blanks that the template of an extra header may hold.
HEADER_BLANKS = frozenset({"operator", "sender", "receiver", "message", "transaction"})
_OWN_HEADERS = frozenset(
    {"authorization", "connection", "content-length", "content-type", "host", "soapaction", "transfer-encoding"}
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")


def profile_of(route: Route) -> Profile:
    """The route's profile with the route's own options. Raises ValueError naming what cannot be read."""
    if route.namespace not in VERSIONS:
        raise ValueError(f"namespace {route.namespace!r} is not one of: {', '.join(VERSIONS)}")
    if route.profile not in PROFILES:
        raise ValueError(f"profile {route.profile!r} is not one of: {', '.join(PROFILES)}")
    return with_options(PROFILES[route.profile], route.options, _READERS)


def _read_prefix(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}", text):
        raise ValueError(f"{text!r} cannot be the prefix of an XML name")
    if text.lower().startswith("xml") or text == "env":
        raise ValueError(f"{text!r} is taken")
    return text


def _read_version(text: str) -> str:
    if text and not re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,2}", text, re.ASCII):
        raise ValueError(f"{text!r} does not read like 5.3.0")
    return text


def _read_omit(text: str) -> frozenset[str]:
    names = frozenset(word.strip() for word in text.split(",") if word.strip())
    if unknown := names - MAY_OMIT:
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be left out; these can: {', '.join(sorted(MAY_OMIT))}")
    return names


def _read_pairs(text: str) -> dict[str, str]:
    pairs = {}
    for word in filter(None, (word.strip() for word in text.split(","))):
        name, equals, value = (side.strip() for side in word.partition("="))
        if not (name and equals and value):
            raise ValueError(f"{word!r} does not read like name=value")
        pairs[name] = value
    return pairs


def _read_add(text: str) -> Mapping[str, str]:
    pairs = _read_pairs(text)
    for name, value in pairs.items():
        if name not in MAY_ADD:
            raise ValueError(f"{name} cannot be added; these can: {', '.join(MAY_ADD)}")
        if MAY_ADD[name] and value not in MAY_ADD[name]:
            raise ValueError(f"{name} is one of: {', '.join(sorted(MAY_ADD[name]))}")
    return MappingProxyType(pairs)


def _read_headers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = _read_pairs(text)
    for name, template in pairs.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise ValueError(f"{name!r} cannot be an extra header")
        if not template.isascii() or not template.isprintable():
            raise ValueError(f"header {name}: only printable ASCII")
        if unknown := set(re.findall(r"\{([^{}]*)\}", template)) - HEADER_BLANKS:
            raise ValueError(
                f"header {name}: no blank {sorted(unknown)}; there are: {', '.join(sorted(HEADER_BLANKS))}"
            )
    return tuple(pairs.items())


def _read_operator_ids(text: str) -> Mapping[str, str]:
    return MappingProxyType(_read_pairs(text))


def _read_header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text) or text.lower() in _OWN_HEADERS:
        raise ValueError(f"{text!r} cannot be the header that names an operator")
    return text


def _read_code(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{3}", text, re.ASCII):
        raise ValueError(f"{text!r} is no StatusCode of four digits")
    return int(text)


def _read_blocked(text: str) -> frozenset[int]:
    codes = frozenset(_read_code(word.strip()) for word in text.split(",") if word.strip())
    if accepted := [code for code in codes if code // 1000 == 1]:
        raise ValueError(f"{accepted[0]} says that the message was taken")
    return codes


def _read_codes(text: str) -> Mapping[int, Verdict]:
    codes = {}
    for code, word in _read_pairs(text).items():
        number = _read_code(code)
        if word not in _CODE_WORDS:
            raise ValueError(f"{word!r} is not one of: {', '.join(_CODE_WORDS)}")
        codes[number] = _CODE_WORDS[word]
    return MappingProxyType(codes)


_CODE_WORDS = {
    "retry": Verdict.RETRY,
    "throttled": Verdict.THROTTLED,
    "refused": Verdict.REFUSED,
    "too-big": Verdict.TOO_BIG,
}

_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "soap_action": word_of(SoapAction),
        "prefix": _read_prefix,
        "cid": read_switch,
        "numbers": word_of(NumberForm),
        "sender": word_of(SenderForm),
        "authentication": word_of(Authentication),
        "version": _read_version,
        "omit": _read_omit,
        "add": _read_add,
        "headers": _read_headers,
        "operator_ids": _read_operator_ids,
        "operator_header": _read_header_name,
        "codes": _read_codes,
        "blocked_codes": _read_blocked,
    }
)
