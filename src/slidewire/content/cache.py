"""What was fetched and may be used again, or asked about: RFC 9111 for a private cache (settled 21, security 15).

Nothing is believed without a look-up of its freshness; what is stale is kept only where its origin gave it a
validator, so that "it has not changed" costs no bytes.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Final

from slidewire.content.freshness import Freshness, freshness, http_date
from slidewire.content.inspection import Held

#: Seconds for which any origin is believed: less than the grace of a sweep that deletes bytes (durability 19).
_LONGEST: Final = 1800.0
_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,256}"')
#: What an older answer said of its own age: nothing of it is true of a newer one.
_OF_ITS_TIME: Final = frozenset({"age", "date"})

#: Account, address after stripping, and which access it was fetched with.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Now:
    """Both clocks at one moment."""

    monotonic: float  #: seconds
    wall: float  #: Unix seconds: only to read the dates of origins


@dataclass(frozen=True, slots=True)
class Got:
    """A medium that we have, with what its origin said about using it again."""

    held: Held
    declared: str  #: its Content-Type, parameters off
    headers: Mapping[str, str]  #: names in lower case
    freshness: Freshness
    fresh_until: float  #: monotonic seconds

    @classmethod
    def of(cls, held: Held, declared: str, headers: Mapping[str, str], now: Now) -> "Got":
        """What came just now with these headers."""
        allowed = freshness(headers, now.wall)
        return cls(held, declared, headers, allowed, now.monotonic + min(allowed.seconds, _LONGEST))

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The headers that ask its origin whether it has changed; empty when there is no way to ask."""
        etag, modified = self.headers.get("etag", ""), self.headers.get("last-modified", "")
        asked = (("If-None-Match", etag),) if _ETAG.fullmatch(etag) else ()
        return (*asked, ("If-Modified-Since", modified)) if http_date(modified) is not None else asked

    def confirmed(self, headers: Mapping[str, str], now: Now) -> "Got | None":
        """The same with what a 304 says of it; None when that speaks of other bytes (RFC 9111 4.3.4)."""
        etag = headers.get("etag", "")
        if etag and etag.removeprefix("W/") != self.headers.get("etag", "").removeprefix("W/"):
            return None
        lasting = {name: text for name, text in self.headers.items() if name not in _OF_ITS_TIME}
        return Got.of(replace(self.held, written=False), self.declared, lasting | dict(headers), now)


class FetchCache:
    """Answers by key, at most ``entries`` of them, the longest unused go first."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._got: OrderedDict[Key, Got] = OrderedDict()

    def fresh(self, key: Key, monotonic: float) -> Got | None:
        """What may be used without asking."""
        got = self._got.get(key)
        if got is None or got.fresh_until <= monotonic:
            return None
        self._got.move_to_end(key)
        return got

    def stale(self, key: Key) -> Got | None:
        """What its origin may be asked about."""
        got = self._got.get(key)
        return got if got is not None and got.conditions else None

    def keep(self, key: Key, got: Got, monotonic: float) -> None:
        """Remember it where that is allowed and of any use; whatever was there before goes."""
        self._got.pop(key, None)
        if not got.freshness.storable or not (got.fresh_until > monotonic or got.conditions):
            return
        self._got[key] = replace(got, held=replace(got.held, written=False))
        while len(self._got) > self._entries:
            self._got.popitem(last=False)

    def forget(self, key: Key) -> None:
        """The address leads elsewhere by now."""
        self._got.pop(key, None)

    def forget_bytes(self, digests: Set[str]) -> None:
        """Their bytes are gone: fetch them again."""
        for key, got in list(self._got.items()):
            if got.held.content.digest in digests:
                del self._got[key]
