"""What receipts do to messages, one by one and in any order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Outcome, Receipt, ReceiptStatus, Route, Verdict
from slidewire.domain.finding import Finding, KeptFinding, Source
from slidewire.domain.message import Message
from slidewire.store.commits import Commits, Item, Result, WriteMany
from slidewire.store.database import Database
from slidewire.store.handsets import find_handsets
from slidewire.store.operators import find_kept
from slidewire.store.receipts import list_parked
from slidewire.work.endings import Attempt
from slidewire.work.receipts import LOOKS, ReceiptDesk
from slidewire.work.reports import Reports
from slidewire.work.settle import Settler

MMS = Route("mmsc-a", "mm7", "http://127.0.0.1:9/mm7", fallback_on_report=True)
SMS = Route("sms-a", "smpp", "")


@dataclass(frozen=True)
class Sent:
    """A message that its MMSC has taken as "ref-1"."""

    kit: Kit
    desk: ReceiptDesk
    message: Message

    async def receipt(self, status: ReceiptStatus) -> None:
        await self.desk.take(Receipt("mmsc-a", "ref-1", status, status.value, now_ms()))


def a_desk(kit: Kit, routes: tuple[Route, ...], way: Route | None) -> ReceiptDesk:
    """``way``: the SMS route of every message."""
    return ReceiptDesk(kit.means, Reports(kit.means, {route.name: route for route in routes}, lambda _message: way))


async def sent(database: Database, *, fallback: bool = True, **message: int) -> Sent:
    kit = a_kit(database)
    way = SMS if fallback else None
    desk = a_desk(kit, (MMS, SMS), way)
    stored = a_message(**message)
    await kit.accepted(stored, a_task(stored))
    [claimed] = await kit.claim("deliver:mmsc-a")
    outcome = Outcome(Verdict.ACCEPTED, carrier_ref="ref-1")
    await Settler(kit.means, (5.0,), lambda _message: way).outcome(Attempt(claimed.task, stored, MMS), outcome)
    return Sent(kit, desk, stored)


NEGATIVE = [
    pytest.param(status, id=status.value)
    for status in ReceiptStatus
    if status not in {ReceiptStatus.DELIVERED, ReceiptStatus.PENDING}
]


@pytest.mark.parametrize("status", NEGATIVE)
async def test_a_negative_receipt_makes_an_sms_of_it(database: Database, status: ReceiptStatus) -> None:
    case = await sent(database)
    await case.receipt(status)
    assert await case.kit.status(case.message) == "accepted"
    assert await case.kit.events(case.message) == ["submitted", "fallback"]
    rows = [(row["kind"], row["queue"]) for row in await case.kit.task_rows(case.message)]
    assert sorted(rows) == [("notify", "notify:acct-1"), ("text", "text:sms-a")]  # of N101; none for the receipt
    assert case.kit.woken[-1] == "text:sms-a"


async def test_what_the_mmsc_says_after_that_is_an_event_only(database: Database) -> None:
    case = await sent(database)
    await case.receipt(ReceiptStatus.REJECTED)
    await case.receipt(ReceiptStatus.EXPIRED)
    [claimed] = await case.kit.claim("text:sms-a")
    taken = Outcome(Verdict.ACCEPTED, carrier_ref="sms-1")
    await Settler(case.kit.means, (5.0,), lambda _message: None).sms_outcome(
        Attempt(claimed.task, case.message, SMS), taken
    )
    await case.receipt(ReceiptStatus.DELIVERED)
    assert await case.kit.status(case.message) == "submitted"
    assert await case.kit.events(case.message) == [
        "submitted",
        "fallback",
        "late receipt",
        "submitted",
        "late receipt",
    ]


@pytest.mark.parametrize("status", NEGATIVE)
async def test_a_message_that_may_not_be_an_sms_ends(database: Database, status: ReceiptStatus) -> None:
    case = await sent(database, fallback=False)
    await case.receipt(status)
    assert await case.kit.status(case.message) in {"expired", "rejected", "failed"}
    assert "fallback" not in await case.kit.events(case.message)


async def test_no_sms_is_sent_whose_validity_has_ended(database: Database) -> None:
    case = await sent(database, expires_at=now_ms() - 1)
    await case.receipt(ReceiptStatus.EXPIRED)
    assert await case.kit.status(case.message) == "expired"
    assert [row["kind"] for row in await case.kit.task_rows(case.message)] == ["notify", "notify"]


async def test_a_route_that_does_not_say_so_starts_no_fallback(database: Database) -> None:
    case = await sent(database)
    quiet = replace(MMS, fallback_on_report=False)
    case = replace(case, desk=a_desk(case.kit, (quiet, SMS), SMS))
    await case.receipt(ReceiptStatus.REJECTED)
    assert await case.kit.events(case.message) == ["submitted", "rejected"]


@pytest.mark.parametrize(
    ("known", "kept"),
    [pytest.param("311480", True, id="a network that is known"), pytest.param("26201", False, id="one that is not")],
)
async def test_a_receipt_that_names_the_receivers_network_is_learnt_from(
    database: Database, known: str, kept: bool
) -> None:
    kit = a_kit(database)
    stored = a_message()
    finding = KeptFinding(stored.receiver, Finding(Source.TRAFFIC, operator="31003"), 1, 2)

    def learnt(number: str, word: str) -> KeptFinding | None:
        assert number == stored.receiver  # whatever sides the receipt tells
        return finding if word == "311480" else None

    reports = Reports(kit.means, {MMS.name: MMS}, lambda _message: None)
    desk = ReceiptDesk(kit.means, reports, learnt)
    await kit.accepted(stored, a_task(stored))
    [claimed] = await kit.claim("deliver:mmsc-a")
    outcome = Outcome(Verdict.ACCEPTED, carrier_ref="ref-1")
    await Settler(kit.means, (5.0,), lambda _message: None).outcome(Attempt(claimed.task, stored, MMS), outcome)
    for ref in ("ref-1", "ref-2"):  # the second is nobody's: it is parked, and nothing is learnt
        await desk.take(Receipt("mmsc-a", ref, ReceiptStatus.DELIVERED, "Retrieved", now_ms(), network=known))
    assert await database.read(lambda c: find_kept(c, stored.receiver)) == (finding if kept else None)
    assert await kit.status(stored) == "delivered"


async def test_what_the_simulator_tells_of_a_phone_is_not_remembered(database: Database) -> None:
    kit, stored, trial = a_kit(database), a_message(), replace(MMS, test=True)
    finding = KeptFinding(stored.receiver, Finding(Source.TRAFFIC, operator="31003"), 1, 2)
    desk = ReceiptDesk(kit.means, Reports(kit.means, {MMS.name: trial}, lambda _message: None), lambda *_: finding)
    await kit.accepted(stored, a_task(stored))
    [claimed] = await kit.claim("deliver:mmsc-a")
    outcome = Outcome(Verdict.ACCEPTED, carrier_ref="ref-1")
    await Settler(kit.means, (5.0,), lambda _message: None).outcome(Attempt(claimed.task, stored, trial), outcome)
    receipt = Receipt("mmsc-a", "ref-1", ReceiptStatus.DELIVERED, "Retrieved", now_ms(), network="311480")
    await desk.take(replace(receipt, handset="http://x/1.xml"))
    assert await kit.status(stored) == "delivered"
    assert await database.read(lambda c: find_kept(c, stored.receiver)) is None
    assert await database.read(lambda c: find_handsets(c, [stored.receiver])) == {}


async def test_a_receipt_that_another_process_parked_is_taken_once_its_submission_is_recorded(
    database: Database,
) -> None:
    kit = a_kit(database)
    door, sender = a_desk(kit, (MMS,), None), a_desk(kit, (MMS,), None)  # an API process and a worker
    stored = a_message()
    await kit.accepted(stored, a_task(stored))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await door.take(Receipt("mmsc-a", "ref-1", ReceiptStatus.DELIVERED, "Retrieved", now_ms()))
    await door.take(Receipt("mmsc-a", "ref-2", ReceiptStatus.DELIVERED, "Retrieved", now_ms()))
    outcome = Outcome(Verdict.ACCEPTED, carrier_ref="ref-1")
    await Settler(kit.means, (5.0,), lambda _message: None).outcome(Attempt(claimed.task, stored, MMS), outcome)
    await sender.submitted("mmsc-a", "ref-1")
    assert await kit.status(stored) == "submitted"
    await sender.look()
    assert await kit.events(stored) == ["submitted", "delivered"]
    assert [each.ref for each in await database.read(list_parked)] == ["ref-2"], "nobody's waits on"
    await sender.look()
    assert await kit.events(stored) == ["submitted", "delivered"]


class Looked(Commits):
    """Commits that have something done after so many of them."""

    def __init__(self, database: Database, after: int, done: Callable[[], Awaitable[None]]) -> None:
        super().__init__(database, _broken)
        self._left = after
        self._done = done

    async def write(self, write: WriteMany[Item, Result], item: Item, *, patient: bool = False) -> Result:
        result = await super().write(write, item, patient=patient)
        self._left -= 1
        if not self._left:
            await self._done()
        return result


def _broken(error: BaseException) -> None:
    raise AssertionError(error)


@pytest.mark.parametrize("looks", [pytest.param(n + 1, id=f"after look {n + 1}") for n in range(len(LOOKS))])
async def test_a_receipt_that_comes_while_its_submission_is_recorded_is_not_parked(
    database: Database, looks: int
) -> None:
    kit = a_kit(database)  # another process than the one whose door the receipt comes to
    message = a_message()
    await kit.accepted(message, a_task(message))
    [claimed] = await kit.claim("deliver:mmsc-a")

    async def record() -> None:
        outcome = Outcome(Verdict.ACCEPTED, carrier_ref="ref-1")
        await Settler(kit.means, (5.0,), lambda _message: None).outcome(Attempt(claimed.task, message, MMS), outcome)

    door = a_desk(replace(kit, means=replace(kit.means, commits=Looked(database, looks, record))), (MMS,), None)
    await door.take(Receipt("mmsc-a", "ref-1", ReceiptStatus.DELIVERED, "Retrieved", now_ms()))
    assert await kit.events(message) == ["submitted", "delivered"]
    assert await database.read(list_parked) == []
