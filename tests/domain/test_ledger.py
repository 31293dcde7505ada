"""The arithmetic that many processes share, with a clock of the test's own: never more than rate x window + most."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slidewire.domain.ledger import Ask, Grant, Hold, Ledger, settle
from slidewire.domain.limits import Limit, LimitKind

T0 = 1_000_000
LEASE = 30_000
TEN = Limit(LimitKind.THROUGHPUT, "rate:x", 10.0, 10.0)
HUNDRED = Limit(LimitKind.DAY, "day:1", 100, ends_at=T0 + 10**9)


def one_by_one(limit: Limit, times: list[int]) -> list[bool]:
    """Single calls at ``times`` (milliseconds from T0): which of them passed."""
    ledger, passed = Ledger(), []
    for turn, at in enumerate(times, start=1):
        ledger, grant = settle(ledger, limit, Ask("a", turn, wanted=(1,)), T0 + at, LEASE)
        passed.append(grant.passed == 1)
    return passed


def test_an_idle_limit_lets_a_second_through_at_once_and_then_its_rate() -> None:
    assert one_by_one(TEN, [0] * 12) == [True] * 10 + [False] * 2
    assert one_by_one(TEN, [0] * 10 + [99, 100, 100, 300, 300, 300]) == [True] * 10 + [
        *(False, True, False),
        *(True, True, False),
    ]


def test_an_interval_is_a_limit_that_holds_one() -> None:
    five_seconds = Limit(LimitKind.INTERVAL, "interval", 1.0, 1 / 5)
    assert one_by_one(five_seconds, [0, 4_999, 5_000, 9_999, 10_000]) == [True, False, True, False, True]


def test_a_quota_lets_exactly_so_many_through() -> None:
    assert sum(one_by_one(HUNDRED, list(range(0, 200_000, 100)))) == 100


def test_a_refused_call_is_told_when_to_come_back() -> None:
    ledger, _ = settle(Ledger(), TEN, Ask("a", 1, wanted=(10,)), T0, LEASE)
    _, grant = settle(ledger, TEN, Ask("a", 2, wanted=(1,)), T0 + 20, LEASE)
    assert (grant.passed, round(grant.wait, 6)) == (0, 0.08)


def test_calls_pass_in_their_order_or_not_at_all() -> None:
    _, grant = settle(Ledger(), TEN, Ask("a", 1, wanted=(4, 4, 4, 1)), T0, LEASE)
    assert (grant.passed, grant.left, round(grant.wait, 6)) == (2, 2, 0.2)


def test_only_a_part_goes_ahead() -> None:
    after, grant = settle(Ledger(), TEN, Ask("a", 1, wanted=(2,), ahead=100), T0, LEASE)
    assert grant == Grant(passed=1, ahead=2, left=6, void=True)
    assert after == Ledger(2.0, T0, (Hold("a", 2, T0 + LEASE, 1, 2, 2),))
    assert settle(Ledger(), HUNDRED, Ask("a", 1, wanted=(1,), ahead=100), T0, LEASE)[1].ahead == 4


def test_what_is_held_is_missing_for_others_until_it_is_given_back() -> None:
    ledger, _ = settle(Ledger(), TEN, Ask("a", 1, ahead=100), T0, LEASE)
    ledger, grant = settle(ledger, TEN, Ask("b", 1, wanted=(1,) * 10), T0, LEASE)
    assert grant.passed == 8
    ledger, _ = settle(ledger, TEN, Ask("a", 2, unused=2, returned=2), T0, LEASE)
    assert settle(ledger, TEN, Ask("b", 2, wanted=(1,) * 3), T0, LEASE)[1].passed == 2


def test_a_repeated_ask_changes_nothing() -> None:
    ask = Ask("a", 1, wanted=(1, 1), ahead=8)
    once, first = settle(Ledger(), TEN, ask, T0, LEASE)
    twice, second = settle(once, TEN, ask, T0, LEASE)
    assert (twice, second.passed, second.ahead, second.left) == (once, first.passed, first.ahead, first.left)


def test_whoever_vanishes_has_spent_what_it_held() -> None:
    ledger, grant = settle(Ledger(), HUNDRED, Ask("a", 1, ahead=100), T0, LEASE)
    assert grant.ahead == 5
    ledger, grant = settle(ledger, HUNDRED, Ask("b", 1, wanted=(1,) * 100), T0 + LEASE, LEASE)
    assert grant.passed == 95
    _, grant = settle(ledger, HUNDRED, Ask("a", 2, unused=5), T0 + LEASE, LEASE)
    assert grant == Grant(passed=0, void=True)


def test_a_call_that_another_limit_refused_is_not_spent() -> None:
    ledger, _ = settle(Ledger(), HUNDRED, Ask("a", 1, wanted=(100,)), T0, LEASE)
    ledger, _ = settle(ledger, HUNDRED, Ask("a", 2, unspent=3), T0, LEASE)
    assert settle(ledger, HUNDRED, Ask("a", 3, wanted=(1,) * 5), T0, LEASE)[1].passed == 3


def test_a_raised_quota_holds_at_once() -> None:
    ledger, _ = settle(Ledger(), HUNDRED, Ask("a", 1, wanted=(100,)), T0, LEASE)
    raised = Limit(LimitKind.DAY, "day:1", 150, ends_at=HUNDRED.ends_at)
    assert settle(ledger, raised, Ask("a", 2, wanted=(1,) * 100), T0, LEASE)[1].passed == 50


@pytest.mark.parametrize(
    ("back", "passed"), [pytest.param(1_000, 0, id="a little"), pytest.param(3_600_000, 1, id="far")]
)
def test_a_clock_that_goes_back_earns_nothing_and_stops_nothing(back: int, passed: int) -> None:
    ledger, _ = settle(Ledger(), TEN, Ask("a", 1, wanted=(10,)), T0 + 10**7, LEASE)
    ledger, grant = settle(ledger, TEN, Ask("a", 2, wanted=(1,)), T0 + 10**7 - back, LEASE)
    assert grant.passed == 0
    _, grant = settle(ledger, TEN, Ask("a", 3, wanted=(1,)), T0 + 10**7 - back + 100, LEASE)
    assert grant.passed == passed


@dataclass
class Node:
    """A process as the ledger sees it: it may use what it holds at any time, and tells later."""

    name: str
    held: int = 0
    turn: int = 0
    usable_until: int = 0


@dataclass
class World:
    """Some processes, one ledger, one clock; every call that passed with its time."""

    limit: Limit
    ledger: Ledger = field(default_factory=Ledger)
    now: int = T0
    passed: list[int] = field(default_factory=list)

    def ask(self, node: Node, wanted: int, ahead: int, returning: bool, repeated: bool) -> None:
        stale = self.now >= node.usable_until
        unused, returned = node.held, node.held if returning or stale else 0
        node.held -= returned
        ask = Ask(node.name, node.turn + 1, unused, returned, 0, (1,) * wanted, ahead)
        self.ledger, grant = settle(self.ledger, self.limit, ask, self.now, LEASE)
        if repeated:  # a cut connection: the same transaction is run again
            self.ledger, _ = settle(self.ledger, self.limit, ask, self.now, LEASE)
        node.turn += 1
        node.usable_until = self.now + LEASE * 2 // 3
        if grant.void:
            node.held = max(node.held - (unused - returned), 0)
        node.held += grant.ahead
        self.passed += [self.now] * grant.passed

    def use(self, node: Node, calls: int) -> None:
        if self.now < node.usable_until:
            used = min(node.held, calls)
            node.held -= used
            self.passed += [self.now] * used


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),  # who
        st.sampled_from(["ask", "ask", "use", "return", "repeat", "die"]),
        st.integers(0, 20),  # calls
        st.integers(0, 40),  # ahead
        st.sampled_from([0, 1, 7, 50, 300, 2_000, 25_000, 31_000]),  # milliseconds that pass
    ),
    max_size=60,
)


def played(limit: Limit, steps: list[tuple[int, str, int, int, int]]) -> World:
    world = World(limit)
    nodes = [Node(f"n{n}") for n in range(4)]
    for who, what, calls, ahead, wait in steps:
        world.now += wait
        if what == "use":
            world.use(nodes[who], calls)
        elif what == "die":
            nodes[who] = Node(f"{nodes[who].name}'")
        else:
            world.ask(nodes[who], calls, ahead, what == "return", what == "repeat")
    return world


@settings(max_examples=150)
@given(STEPS, st.sampled_from([0.1, 0.9, 1.0, 3.5, 10.0, 200.0]))
def test_no_window_ever_holds_more_than_its_rate_and_the_burst(
    steps: list[tuple[int, str, int, int, int]], rate: float
) -> None:
    limit = Limit(LimitKind.THROUGHPUT, "rate:x", max(rate, 1.0), rate)
    passed = played(limit, steps).passed
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            window = (passed[last] - passed[first]) / 1000
            assert last - first + 1 <= rate * window + limit.most + 1e-6


@settings(max_examples=150)
@given(STEPS, st.integers(1, 300))
def test_a_quota_is_never_overrun(steps: list[tuple[int, str, int, int, int]], quota: int) -> None:
    limit = Limit(LimitKind.DAY, "day:1", quota, ends_at=T0 + 10**9)
    assert len(played(limit, steps).passed) <= quota
