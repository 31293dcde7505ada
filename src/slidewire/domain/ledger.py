"""The arithmetic of a limit that many processes share: what is spent, and what each of them holds.

A process takes a few calls ahead and lets them through without asking. Spent and held together are never more than the
limit's ``most``, and only what is spent comes back, at ``rate`` a second: so in no window do more than rate x window +
most calls pass, whoever holds what (settled 16). Whoever vanishes has spent what it held.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slidewire.domain.limits import Limit

#: What is left may go ahead in parts only: one of so many, so that the next process finds something too.
_SHARE = 4
_QUOTA_SHARE = 20
#: Milliseconds by which the clock may go back: further, and it was set anew.
_BACK = 5_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Hold:
    """Calls that one process may let through without asking."""

    node: str
    calls: int
    until: int  #: Unix milliseconds; then they count as spent
    turn: int  #: the ask that was answered last, so that a repeated one changes nothing (durability 12)
    granted: int  #: what it was answered
    ahead: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """One limit of one account, as all processes see it."""

    spent: float = 0.0
    at: int = 0  #: Unix milliseconds: up to when the spent came back
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What one process has to say and wants."""

    node: str
    turn: int
    unused: int = 0  #: of what it holds
    returned: int = 0  #: how many of those it gives back
    unspent: int = 0  #: calls that passed and were refused by another limit after all
    wanted: tuple[int, ...] = ()  #: calls that wait now, each of so many; they pass in this order
    ahead: int = 0  #: calls that it would like to hold besides


@dataclass(frozen=True, slots=True)
class Grant:
    """What it gets."""

    passed: int  #: how many of the waiting calls
    ahead: int = 0
    left: int = 0  #: calls that nobody has
    wait: float = 0.0  #: seconds until the first that did not pass may; 0: all did, or nothing comes back
    void: bool = False  #: what it held was gone already


def settle(ledger: Ledger, limit: Limit, ask: Ask, now: int, lease: int) -> tuple[Ledger, Grant]:
    """The ledger after ``ask`` and the answer. ``now`` and ``lease`` in milliseconds."""
    ledger = _brought_to(ledger, limit, now)
    mine = next((hold for hold in ledger.holds if hold.node == ask.node), None)
    if mine is not None and mine.turn == ask.turn:
        return ledger, Grant(_count(ask.wanted, mine.granted), mine.ahead, _free(ledger, limit))
    unused = 0 if mine is None else min(ask.unused, mine.calls)
    kept = max(unused - ask.returned, 0)
    others = tuple(hold for hold in ledger.holds if hold.node != ask.node)
    spent = max(ledger.spent + (0 if mine is None else mine.calls - unused) - ask.unspent, 0.0)
    room = limit.most - spent - kept - sum(hold.calls for hold in others)
    free = _whole(room)
    passed = _count(ask.wanted, free)
    granted = sum(ask.wanted[:passed])
    share = _SHARE if limit.rate else _QUOTA_SHARE
    ahead = min(ask.ahead, (free - granted) // share)
    hold = Hold(ask.node, kept + ahead, now + lease, ask.turn, granted, ahead)
    after = replace(ledger, spent=spent + granted, holds=(*others, hold))
    wait = _wait(limit, ask.wanted[passed] + granted - room) if passed < len(ask.wanted) else 0.0
    return after, Grant(passed, ahead, free - granted - ahead, wait, void=mine is None)


def _brought_to(ledger: Ledger, limit: Limit, now: int) -> Ledger:
    """What came back since, and what the vanished had."""
    past = now - ledger.at if ledger.at else 0
    at = now if past >= 0 or past < -_BACK else ledger.at
    spent = max(ledger.spent - max(past, 0) * limit.rate / 1000, 0.0)
    vanished = sum(hold.calls for hold in ledger.holds if hold.until <= now)
    holds = tuple(hold for hold in ledger.holds if hold.until > now)
    return Ledger(spent + vanished, at, holds)


def _free(ledger: Ledger, limit: Limit) -> int:
    return _whole(limit.most - ledger.spent - sum(hold.calls for hold in ledger.holds))


def _whole(calls: float) -> int:
    return max(math.floor(calls + _ROUNDING), 0)


def _count(wanted: Sequence[int], free: int) -> int:
    """How many of the waiting calls ``free`` is enough for, from the first on."""
    passed = 0
    for calls in wanted:
        free -= calls
        if free < 0:
            break
        passed += 1
    return passed


def _wait(limit: Limit, missing: float) -> float:
    return missing / limit.rate if limit.rate else 0.0
