"""Whose receipt is this: references, receipts that wait, submissions that never learnt theirs (durability 4, 23)."""

from dataclasses import replace

from tests.builders import a_message, an_id
from tests.store.kit import a_change, an_ending, claimed, claimed_task, ended, recorded, stored, tasks_of

from slidewire.domain.events import Event
from slidewire.domain.handset import Handset
from slidewire.domain.status import Status
from slidewire.store.database import Database
from slidewire.store.handsets import note_handsets
from slidewire.store.receipts import (
    FIRST_REF,
    Known,
    Parked,
    Seen,
    add_ref,
    candidates,
    drop_uncertain,
    find_owners,
    find_parked,
    forget_refs,
    list_parked,
    old_refs,
    park,
    unpark,
)


async def test_a_reference_belongs_to_its_route(database: Database) -> None:
    here, there = a_message(), a_message(route="mmsc-b")
    for message in (here, there):
        await stored(database, message)
        await database.write(lambda c, m=message: add_ref(c, m.route, "same", m, 1))
    pairs = [("mmsc-a", "same"), ("mmsc-b", "same"), ("mmsc-a", "other"), ("mmsc-c", "same")]
    found = await database.read(lambda c: find_owners(c, pairs))
    assert found.owners == {("mmsc-a", "same"): here, ("mmsc-b", "same"): there}


async def test_a_repeated_reference_stays_with_its_first_message(database: Database) -> None:
    first, second = a_message(), a_message()
    for message in (first, second):
        await stored(database, message)
        await database.write(lambda c, m=message: add_ref(c, "mmsc-a", "ref", m, 1))
    found = await database.read(lambda c: find_owners(c, [("mmsc-a", "ref")]))
    assert found.owners == {("mmsc-a", "ref"): first}


async def test_nothing_asked_is_nothing_found(database: Database) -> None:
    nothing = Known({}, Seen(set(), set()), {})
    assert await database.read(lambda c: find_owners(c, [])) == nothing
    assert await database.read(lambda c: find_owners(c, [("mmsc-a", "unknown")])) == nothing


async def test_receipts_that_were_taken_are_known_again(database: Database) -> None:
    task = await stored(database, a_message(status=Status.SUBMITTED))
    other, turned = await stored(database), await stored(database)
    for each in (task, other, turned):
        message = replace(a_message(), id=each.message_id)
        await database.write(lambda c, m=message: add_ref(c, "mmsc-a", m.id, m, 1))
    await recorded(database, a_change(task, Event.RECEIPT, receipt_key="k1"), a_change(task, Event.RETRY))
    await recorded(database, a_change(task, Event.RECEIPT, receipt_key="k3"))
    await recorded(database, a_change(other, Event.FALLBACK), a_change(turned, Event.FALLBACK, receipt_key="k2"))
    pairs = [("mmsc-a", each.message_id) for each in (task, other, task, turned)]
    known = await database.read(lambda c: find_owners(c, pairs))
    assert [message.id for message in known.owners.values()] == sorted(
        each.message_id for each in (task, other, turned)
    )
    keys = {(task.message_id, "k1"), (task.message_id, "k3"), (turned.message_id, "k2")}
    assert known.seen == Seen(keys, {turned.message_id})


async def test_the_phones_of_those_whom_receipts_are_for_are_found_with_them(database: Database) -> None:
    known, unknown = a_message(receiver="12025550171"), a_message(receiver="12025550172")
    phone = Handset("http://phones.example/a.xml", "Phone A", 7)
    for message in (known, unknown):
        await stored(database, message)
        await database.write(lambda c, m=message: add_ref(c, "mmsc-a", m.id, m, 1))
    assert await database.write(lambda c: note_handsets(c, [(known.receiver, phone)])) is True
    found = await database.read(lambda c: find_owners(c, [("mmsc-a", m.id) for m in (known, unknown)]))
    both = {("mmsc-a", message.id): message for message in (known, unknown)}
    assert found == Known(both, Seen(set(), set()), {known.receiver: phone})
    assert found | Known({}, Seen({("m", "k")}, {"m"}), {}) == replace(found, seen=Seen({("m", "k")}, {"m"}))


async def test_parked_receipts_wait_for_their_reference(database: Database) -> None:
    first = Parked("mmsc-a", "ref", an_id(), 1, '{"word":"Deferred"}')
    second = Parked("mmsc-a", "ref", an_id(), 2, '{"word":"Retrieved"}')
    others = [Parked("mmsc-a", "other", an_id(), 3, "{}"), Parked("mmsc-b", "ref", an_id(), 4, "{}")]
    await database.write(lambda c: park(c, [second, *others, first]))
    await database.write(lambda c: park(c, [first]))  # a repetition
    assert await database.read(lambda c: find_parked(c, "mmsc-a", ["ref", "unknown"])) == [first, second]
    assert await database.read(lambda c: list_parked(c, 2)) == others[::-1]
    await database.write(lambda c: unpark(c, first))
    assert await database.read(lambda c: find_parked(c, "mmsc-a", ["ref", "unknown"])) == [second]


async def test_candidates_are_submissions_whose_reference_nobody_knows(database: Database) -> None:
    receiver = "12025550177"
    uncertain = a_message(receiver=receiver, subject="uncertain")
    await stored(database, uncertain)
    await claimed(database, lease_ms=-1)
    await claimed(database, lease="node-2")
    in_flight = a_message(receiver=receiver, subject="in flight")
    await stored(database, in_flight)
    await claimed_task(database)
    waiting = a_message(receiver=receiver, subject="waiting")
    await stored(database, waiting)
    await stored(database, a_message(receiver=receiver, route="mmsc-b"))
    await claimed(database, queue="deliver:mmsc-b")
    await stored(database, a_message())

    found = await database.read(lambda c: candidates(c, "mmsc-a", [receiver, "28444"]))
    assert {(each.message.subject, each.in_flight) for each in found} == {("uncertain", False), ("in flight", True)}
    assert await database.read(lambda c: candidates(c, "mmsc-a", ["12025550178"])) == []
    assert await database.read(lambda c: candidates(c, "mmsc-a", [])) == []


async def test_only_one_ends_an_uncertain_wait(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    slow = await claimed_task(database, lease_ms=-1)
    await claimed(database, lease="node-2")
    assert await database.write(lambda c: drop_uncertain(c, slow)) is True
    assert await database.write(lambda c: drop_uncertain(c, slow)) is False
    assert await tasks_of(database, message.id) == []
    assert await ended(database, an_ending(slow, a_change(slow, status=Status.SUBMITTED))) == [False]


async def test_a_submission_in_flight_is_not_dropped_as_uncertain(database: Database) -> None:
    task = await stored(database)
    assert await database.write(lambda c: drop_uncertain(c, task)) is False
    await claimed_task(database)
    assert await database.write(lambda c: drop_uncertain(c, task)) is False
    assert len(await tasks_of(database, task.message_id)) == 1


async def test_references_are_gone_through_in_their_order(database: Database) -> None:
    message = a_message()
    for route, ref, at in (("b", "1", 10), ("a", "2", 20), ("a", "1", 30), ("c", "1", 5)):
        await database.write(lambda c, r=route, n=ref, t=at: add_ref(c, r, n, message, t))
    account = message.account_id
    first = await database.read(lambda c: old_refs(c, FIRST_REF, 25, 3))
    assert first == ([("a", "2", account), ("b", "1", account)], ("b", "1", account))
    assert await database.read(lambda c: old_refs(c, first[1], 25, 3)) == ([("c", "1", account)], FIRST_REF)
    assert await database.read(lambda c: old_refs(c, ("c", "1", account), 25, 3)) == ([], FIRST_REF)


async def test_a_reference_that_was_given_anew_meanwhile_stays(database: Database) -> None:
    message = a_message()
    for ref, at in (("old", 10), ("anew", 30)):
        await database.write(lambda c, n=ref, t=at: add_ref(c, "a", n, message, t))
    found = [("a", "old", message.account_id), ("a", "anew", message.account_id)]
    await database.write(lambda c: forget_refs(c, found, 25))
    assert await database.read(lambda c: old_refs(c, FIRST_REF, 100, 5)) == (found[1:], FIRST_REF)
