"""What each verdict does to a message and its task."""

from typing import Any

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Outcome, Route, Verdict
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.store.database import Database
from slidewire.work.endings import FEW_TRIES, Attempt
from slidewire.work.settle import Settler

ROUTE = Route("mmsc-a", "mm7", "http://127.0.0.1:9/mm7", uncertain_wait=120)
RETRY = (5.0, 30.0)


def no_sms(message: Message) -> None:
    """There is no way for SMS."""


async def _settled(database: Database, outcome: Outcome, **task: Any) -> tuple[Kit, Attempt, list[dict[str, Any]]]:
    """A claimed delivery that ended in ``outcome``, and the deliveries that still wait."""
    kit = a_kit(database)
    message = a_message()
    await kit.accepted(message, a_task(message, **task))
    [claimed] = await kit.claim("deliver:mmsc-a")
    attempt = Attempt(claimed.task, message, ROUTE)
    await Settler(kit.means, RETRY, no_sms).outcome(attempt, outcome)
    rows = [row for row in await kit.task_rows(message) if row["kind"] != TaskKind.NOTIFY.value]
    return kit, attempt, rows


async def test_accepted_ends_the_task_and_tells_the_customer(database: Database) -> None:
    kit, attempt, rows = await _settled(database, Outcome(Verdict.ACCEPTED, carrier_ref="ref-1"))
    assert rows == []
    assert await kit.status(attempt.message) == "submitted"
    assert await kit.events(attempt.message) == ["submitted"]
    assert [row["kind"] for row in await kit.task_rows(attempt.message)] == ["notify"]
    assert "notify:acct-1" in kit.woken


@pytest.mark.parametrize(
    ("outcome", "attempts_before", "delay"),
    [
        pytest.param(Outcome(Verdict.RETRY), 0, 5.0, id="the first delay of the schedule"),
        pytest.param(Outcome(Verdict.RETRY), 1, 30.0, id="the second"),
        pytest.param(Outcome(Verdict.RETRY), 9, 30.0, id="past the end, the last again"),
        pytest.param(Outcome(Verdict.RETRY, retry_after=77.0), 0, 77.0, id="as long as the carrier asks"),
        pytest.param(Outcome(Verdict.THROTTLED), 0, 1.0, id="throttled, a second"),
        pytest.param(Outcome(Verdict.THROTTLED, retry_after=9.0), 0, 9.0, id="throttled, as asked"),
    ],
)
async def test_what_was_not_taken_waits(
    database: Database, outcome: Outcome, attempts_before: int, delay: float
) -> None:
    before = now_ms()
    kit, attempt, [row] = await _settled(database, outcome, attempt=attempts_before)
    assert (row["kind"], row["queue"], row["lease"]) == ("deliver", "deliver:mmsc-a", None)
    assert row["transaction_id"] == ""  # the next try is a new submission
    assert before + delay * 1000 - 50 <= row["due_at"] <= now_ms() + delay * 1000
    assert await kit.status(attempt.message) == "accepted"


async def test_few_tries_end(database: Database) -> None:
    outcome = Outcome(Verdict.RETRY, detail="3000", few_tries=True)
    kit, attempt, rows = await _settled(database, outcome, attempt=FEW_TRIES - 1)
    assert rows == []
    assert await kit.status(attempt.message) == "failed"


async def test_refused_fails_at_once(database: Database) -> None:
    kit, attempt, rows = await _settled(database, Outcome(Verdict.REFUSED, detail="4007 Service denied"))
    assert rows == []
    assert await kit.status(attempt.message) == "failed"
    assert await kit.events(attempt.message) == ["failed"]


async def test_too_big_is_made_smaller(database: Database) -> None:
    _, _, [row] = await _settled(database, Outcome(Verdict.TOO_BIG, detail="2004"), body={"shrink": 1})
    assert row["body"] == '{"shrink":2}'


async def test_too_big_for_the_third_time_fails(database: Database) -> None:
    kit, attempt, rows = await _settled(database, Outcome(Verdict.TOO_BIG, detail="2004"), body={"shrink": 2})
    assert rows == []
    assert await kit.status(attempt.message) == "failed"


async def test_uncertain_waits_with_its_transaction_id(database: Database) -> None:
    kit, attempt, [row] = await _settled(database, Outcome(Verdict.UNCERTAIN))
    assert (row["kind"], row["queue"]) == ("uncertain", "uncertain:mmsc-a")
    assert row["transaction_id"] == attempt.task.transaction_id
    assert row["due_at"] > now_ms() + 110_000
    assert await kit.events(attempt.message) == ["uncertain"]


async def test_each_wait_for_a_receipt_is_twice_the_one_before(database: Database) -> None:
    _, _, [row] = await _settled(database, Outcome(Verdict.UNCERTAIN), body={"resent": 3})
    assert now_ms() + (8 * 120 - 10) * 1000 < row["due_at"] <= now_ms() + 8 * 120_000


async def test_what_is_sent_again_remembers_how_often(database: Database) -> None:
    kit = a_kit(database)
    message = a_message()
    await kit.accepted(message, a_task(message))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await Settler(kit.means, RETRY, no_sms).uncertain_over(Attempt(claimed.task, message, ROUTE))
    [row] = await kit.task_rows(message)
    assert (row["kind"], row["body"]) == ("deliver", '{"resent":1}')


async def test_a_retry_never_waits_past_the_validity(database: Database) -> None:
    kit = a_kit(database)
    message = a_message(expires_at=now_ms() + 1_000)
    await kit.accepted(message, a_task(message))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await Settler(kit.means, RETRY, no_sms).outcome(Attempt(claimed.task, message, ROUTE), Outcome(Verdict.RETRY))
    [row] = await kit.task_rows(message)
    assert row["due_at"] == message.expires_at


async def test_given_back_leaves_no_trace(database: Database) -> None:
    kit = a_kit(database)
    message = a_message()
    await kit.accepted(message, a_task(message))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await Settler(kit.means, RETRY, no_sms).give_back(Attempt(claimed.task, message, ROUTE))
    [row] = await kit.task_rows(message)
    assert (row["lease"], row["attempt"]) == (None, 0)
    assert await kit.events(message) == []
    assert len(await kit.claim("deliver:mmsc-a")) == 1


async def test_a_scheduled_message_waits_again_when_its_film_was_looked_at(database: Database) -> None:
    kit, at = a_kit(database), now_ms() + 3_600_000
    message = a_message(status=Status.ENCODING, send_at=at)
    await kit.accepted(message, a_task(message, kind=TaskKind.PROBE, queue="probe:acct-1", body={"then": "deliver"}))
    [claimed] = await kit.claim("probe:acct-1")
    await Settler(kit.means, RETRY, no_sms).probed(Attempt(claimed.task, message, ROUTE), {0: 7})
    assert await kit.status(message) == "scheduled"
    [row] = [row for row in await kit.task_rows(message) if row["kind"] != TaskKind.NOTIFY.value]
    assert (row["kind"], row["queue"], row["due_at"]) == ("deliver", "later-deliver:mmsc-a", at)
