"""Queues are shared out while they are crowded, and only then; what left is remembered for each of them."""

from tests.builders import a_message, a_task
from tests.store.kit import QUEUE, an_ask

from slidewire.domain.fairness import Fair, Last, Sharing, Standing
from slidewire.domain.task import BULK, later
from slidewire.store.hot import Claimed
from slidewire.work.fairness import Fairness

SHARING = Sharing(0.1, lambda _account_id: 2)


def taken(account: str, queue: str = QUEUE, **task: int) -> Claimed:
    message = a_message(account_id=account)
    return Claimed(a_task(message, **task), message, 0, waited_in=queue)


def test_nothing_is_shared_out_before_the_oldest_has_waited_long_enough() -> None:
    fairness = Fairness(SHARING, 1_000)
    ask = an_ask()
    assert fairness.of(ask, {}) is ask
    assert fairness.of(ask, {QUEUE: 999, "deliver:other": 5_000}) is ask
    assert fairness.of(ask, {QUEUE: 1_000}).fair == Fair(SHARING)


def test_what_left_is_remembered_for_each_queue_until_it_is_crowded_no_more() -> None:
    fairness = Fairness(SHARING, 1_000)
    crowded = {QUEUE: 1_000, later(QUEUE): 1_000}
    ask = fairness.of(an_ask(later=later(QUEUE)), crowded)
    fairness.left(ask, [taken("a"), taken("b", priority=BULK), taken("c", later(QUEUE)), taken("c", later(QUEUE))])
    ask = fairness.of(ask, crowded)
    assert ask.fair == Fair(SHARING, Standing(0.0, Last("a", 1), Last("b", 1)))
    assert ask.later_fair == Fair(SHARING, Standing(0.2, Last("c", 2)))
    assert fairness.of(an_ask(), {}).fair is None
    assert fairness.of(an_ask(), crowded).fair == Fair(SHARING)
