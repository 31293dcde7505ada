"""How long a fetched answer may be used again: RFC 9111 for a private cache, explicit freshness only (settled 21).

Whatever is contradictory or cannot be read counts as stale: a fetch too many harms nobody.
"""

import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Longest freshness that is believed, in seconds.
MAX_AGE: Final = 31_536_000.0

_DIRECTIVE: Final = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*))?\s*(?:,|$)')
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME: Final = r"(?P<h>\d{2}):(?P<m>\d{2}):(?P<s>\d{2})"
#: The three forms of an HTTP date (RFC 9110 5.6.7).
_DATES: Final = (
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<d>\d{{2}}) (?P<mon>[A-Z][a-z]{{2}}) (?P<y>\d{{4}}) {_TIME} GMT"),
    re.compile(rf"[A-Z][a-z]+day, (?P<d>\d{{2}})-(?P<mon>[A-Z][a-z]{{2}})-(?P<y>\d{{2}}) {_TIME} GMT"),
    re.compile(rf"[A-Z][a-z]{{2}} (?P<mon>[A-Z][a-z]{{2}}) (?P<d>[ \d]\d) {_TIME} (?P<y>\d{{4}})"),
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """What an answer's headers allow."""

    seconds: float  #: from now on; 0: not for later
    shareable: bool  #: those who asked for it at the same moment may have it too
    storable: bool = True  #: it may be kept, and its origin asked whether it has changed


def freshness(headers: Mapping[str, str], now: float) -> Freshness:
    """Read an answer's headers (names in lower case); ``now`` is Unix seconds at which it came."""
    directives = _directives(headers)
    if directives is None or "no-store" in directives or "*" in headers.get("vary", ""):
        return Freshness(0.0, shareable=False, storable=False)
    if "no-cache" in directives:
        return Freshness(0.0, shareable=False)
    lifetime = _lifetime(directives, headers)
    return Freshness(max(lifetime - _age(headers, now), 0.0) if lifetime > 0 else 0.0, shareable=True)


def _directives(headers: Mapping[str, str]) -> dict[str, str] | None:
    """Cache-Control by name in lower case; None when it cannot be read or contradicts itself."""
    text = headers.get("cache-control", "")
    if not text and "no-cache" in headers.get("pragma", "").lower():
        return {"no-cache": ""}
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if text[at] in ", \t":
            at += 1
            continue
        match = _DIRECTIVE.match(text, at)
        if match is None:
            return None
        name, value = match[1].lower(), (match[2] or "").strip('"')
        if found.setdefault(name, value) != value:
            return None
        at = match.end()
    return found


def _lifetime(directives: Mapping[str, str], headers: Mapping[str, str]) -> float:
    """Seconds for which the origin calls its answer fresh; s-maxage is for shared caches."""
    if "max-age" in directives:
        value = directives["max-age"]
        return min(float(value), MAX_AGE) if value.isascii() and value.isdigit() else 0.0
    if "expires" in headers:
        expires, date = http_date(headers["expires"]), http_date(headers.get("date", ""))
        if expires is not None and date is not None:
            return min(expires - date, MAX_AGE)
    return 0.0


def _age(headers: Mapping[str, str], now: float) -> float:
    """How old the answer was when it came (RFC 9111 4.2.3)."""
    date = http_date(headers.get("date", ""))
    apparent = max(now - date, 0.0) if date is not None else 0.0
    told = headers.get("age", "").partition(",")[0].strip()
    return max(apparent, float(told[:12]) if told.isascii() and told.isdigit() else 0.0)


def http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date in any of its three forms; None when it is none."""
    for form in _DATES:
        match = form.fullmatch(text.strip())
        if match is None or match["mon"] not in _MONTHS:
            continue
        year = int(match["y"])
        if year < 100:
            year += 1900 if year >= 70 else 2000
        month = _MONTHS.index(match["mon"]) + 1
        return float(timegm((year, month, int(match["d"]), int(match["h"]), int(match["m"]), int(match["s"]))))
    return None
