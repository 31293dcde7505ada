"""Addresses from which too many calls failed to say who they are, for a while (security 10).

Credentials that were right before are known at their address and go on: many callers can share one (decision 100).
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from slidewire.domain.networks import lies_in, neighbourhood, read_address, read_network

#: Addresses that are remembered, and credentials that are known at one.
_REMEMBERED = 20_000
_MOST_KNOWN = 64
#: Seconds that credentials stay known at an address where they were right.
_KNOWN_FOR = 86_400.0
_THIS_MACHINE = (read_network("127.0.0.0/8"), read_network("::1"))


@dataclass(frozen=True, slots=True)
class LockoutTerms:
    """So many failures within ``seconds`` lock an address for as long."""

    failures: int = 50  #: 0: no address is ever locked
    seconds: float = 300.0
    counts_us: bool = False  #: whether this machine is locked out like any other


@dataclass(slots=True)
class _Record:
    failures: int = 0
    since: float = 0.0
    locked_until: float = 0.0


class Lockout:
    """Counts failures by address, in this process. ``monotonic`` gives seconds."""

    def __init__(self, terms: LockoutTerms, monotonic: Callable[[], float]) -> None:
        self._terms = terms
        self._monotonic = monotonic
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._known: OrderedDict[str, OrderedDict[int, float]] = OrderedDict()  # address -> credentials -> when last

    def wait(self, address: str) -> int:
        """Seconds that ``address`` stays locked; 0 when it is not."""
        if not self._records:
            return 0
        record = self._records.get(neighbourhood(address))
        return 0 if record is None else max(math.ceil(record.locked_until - self._monotonic()), 0)

    def knows(self, address: str, proof: int) -> bool:
        """Whether these credentials were right from ``address`` before: a lock is not for them."""
        proofs = self._known.get(address)
        last = None if proofs is None else proofs.get(proof)
        return last is not None and self._monotonic() - last < _KNOWN_FOR

    def count_failure(self, address: str) -> None:
        """A call from ``address`` did not say who it is.

        This machine itself is counted only where the terms say so: a proxy may be on it.
        """
        if not self._terms.failures:
            return
        if not self._terms.counts_us and lies_in(read_address(address), _THIS_MACHINE):
            return
        who, now = neighbourhood(address), self._monotonic()
        record = self._records.setdefault(who, _Record(since=now))
        self._records.move_to_end(who)
        if now - record.since > self._terms.seconds:
            record.failures, record.since = 0, now
        record.failures += 1
        if record.failures >= self._terms.failures and record.locked_until <= now:
            record.failures, record.since, record.locked_until = 0, now, now + self._terms.seconds
        while len(self._records) > _REMEMBERED:
            self._records.popitem(last=False)

    def note_success(self, address: str, proof: int) -> None:
        """The credentials behind ``proof``, a keyed hash, are known at ``address`` from now on."""
        if not self._terms.failures:
            return
        proofs = self._known.get(address)
        if proofs is None:
            proofs = self._known[address] = OrderedDict()
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        proofs[proof] = self._monotonic()
        while len(proofs) > _MOST_KNOWN:
            proofs.popitem(last=False)
