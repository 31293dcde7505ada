"""Content goes when nothing pins it, and never from under a message that was accepted (durability 19)."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select
from tests.builders import a_batch, a_content, a_message, a_part, a_slide, a_task

from slidewire.store import schema
from slidewire.store.batches import NewBatch, insert_batches
from slidewire.store.contents import decide, delete_doomed, doom, in_doubt, is_used, let_go
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.pins import Insertion

GRACE = 1_000
NOW = 1_750_000_000_000


def a_new(digest: str, keep_until: int, *, at: int = NOW, **more: object) -> NewMessage:
    message = a_message(accepted_at=at)
    return replace(
        NewMessage(message, a_task(message), pins=(a_content(digest=digest),), keep_until=keep_until),
        **more,  # type: ignore[arg-type]  # of a NewMessage
    )


async def pinned(database: Database, digest: str, keep_until: int) -> None:
    item = a_new(digest, keep_until, written=frozenset({digest}))
    assert await database.write(lambda c: insert_messages(c, [item])) == [Insertion.DONE]


async def states(database: Database) -> dict[str, int | None]:
    table = schema.content
    rows = await database.read(lambda c: c.execute(select(table.c.digest, table.c.doomed_at)).fetchall())
    return {row[0]: row[1] for row in rows}


async def deleted(database: Database, now: int, limit: int = 100) -> list[str]:
    gone: list[str] = []
    count = await database.write(lambda c: delete_doomed(c, gone.extend, now=now, grace_ms=GRACE, limit=limit))
    assert count == len(gone)
    return gone


async def doomed(database: Database, now: int, limit: int = 100) -> int:
    return await database.write(lambda c: doom(c, now, limit))


async def test_only_what_nothing_pins_is_doomed(database: Database) -> None:
    await pinned(database, "aa", NOW - 1)
    await pinned(database, "bb", NOW)
    await pinned(database, "cc", NOW + 1)
    assert await doomed(database, NOW) == 2
    assert await states(database) == {"aa": NOW, "bb": NOW, "cc": None}
    assert await doomed(database, NOW + 1) == 1


async def test_what_was_forgotten_longest_goes_first_and_no_more_than_asked(database: Database) -> None:
    for n, digest in enumerate(["cc", "aa", "bb"]):
        await pinned(database, digest, NOW + n)
    assert await doomed(database, NOW + 9, limit=2) == 2
    assert await states(database) == {"cc": NOW + 9, "aa": NOW + 9, "bb": None}
    assert await deleted(database, NOW + 9 + GRACE, limit=1) == ["cc"]
    assert await deleted(database, NOW + 9 + GRACE, limit=9) == ["aa"]


async def test_bytes_go_a_grace_after_they_were_doomed_and_the_row_another_grace_later(database: Database) -> None:
    await pinned(database, "aa", NOW)
    await doomed(database, NOW)
    assert await deleted(database, NOW + GRACE - 1) == []
    assert await deleted(database, NOW + GRACE) == ["aa"]
    assert await states(database) == {"aa": -(NOW + GRACE)}
    assert await deleted(database, NOW + 2 * GRACE - 1) == []
    assert await states(database) == {"aa": -(NOW + GRACE)}
    assert await deleted(database, NOW + 2 * GRACE) == []
    assert await states(database) == {}


async def test_doomed_content_that_was_brought_back_stays(database: Database) -> None:
    await pinned(database, "aa", NOW)
    await doomed(database, NOW)
    again = a_new("aa", NOW + 9 * GRACE, written=frozenset({"aa"}), again=True)
    await database.write(lambda c: insert_messages(c, [again]))
    assert await deleted(database, NOW + 2 * GRACE) == []
    assert await states(database) == {"aa": None}


async def test_who_was_sent_back_has_a_whole_grace_to_come_again(database: Database) -> None:
    await pinned(database, "aa", NOW)
    await doomed(database, NOW)
    late = NOW + GRACE - 1
    item = a_new("aa", NOW + 9 * GRACE, at=late)
    assert await database.write(lambda c: insert_messages(c, [item])) == [Insertion.CONTENT_LEAVING]
    assert await deleted(database, late + GRACE - 1) == []
    assert await database.write(lambda c: insert_messages(c, [replace(item, again=True)])) == [Insertion.DONE]
    assert await deleted(database, late + GRACE) == []


async def test_an_unlink_that_fails_leaves_the_rows_to_be_tried_again(database: Database) -> None:
    await pinned(database, "aa", NOW)
    await doomed(database, NOW)

    def refuses(digests: Sequence[str]) -> None:
        raise PermissionError(digests)

    with pytest.raises(PermissionError):
        await database.write(lambda c: delete_doomed(c, refuses, now=NOW + GRACE, grace_ms=GRACE, limit=9))
    assert await states(database) == {"aa": NOW}
    assert await deleted(database, NOW + GRACE) == ["aa"]


async def test_a_message_that_comes_while_bytes_are_deleted_is_sent_back(database: Database) -> None:
    """It has stored the bytes itself, just before they were deleted."""
    await pinned(database, "aa", NOW)
    await doomed(database, NOW)
    deleting, go = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(_digests: Sequence[str]) -> None:
        deleting.set()
        loop.call_soon_threadsafe(go.set)

    sweep = asyncio.create_task(
        database.write(lambda c: delete_doomed(c, slowly, now=NOW + GRACE, grace_ms=GRACE, limit=9))
    )
    await go.wait()
    item = a_new("aa", NOW + 9 * GRACE, at=NOW + GRACE, written=frozenset({"aa"}))
    outcome = await database.write(lambda c: insert_messages(c, [item]))
    assert (await sweep, deleting.is_set(), outcome) == (1, True, [Insertion.CONTENT_LEAVING])


LATER = NOW + 365 * 86_400_000


async def pins_of(database: Database) -> dict[str, int]:
    table = schema.content
    rows = await database.read(lambda c: c.execute(select(table.c.digest, table.c.keep_until)).fetchall())
    return {row[0]: row[1] for row in rows}


async def accepted_on_trust(database: Database, digest: str) -> None:
    """A message that uses content and looks at no row of it."""
    message = a_message(slides=(a_slide(parts=(a_part(content=a_content(digest=digest)),)),))
    await database.write(lambda c: insert_messages(c, [NewMessage(message, a_task(message))]))


async def asked_again(database: Database, before: int) -> dict[str, bool]:
    """As the sweep does."""
    answers = {}
    for digest in await database.read(lambda c: in_doubt(c, before, 9)):
        answers[digest] = used = await database.read(lambda c, d=digest: is_used(c, d))  # type: ignore[misc]
        await database.write(lambda c, d=digest, u=used: decide(c, d, before, used=u))  # type: ignore[misc]
    return answers


async def test_what_was_let_go_is_deleted_once_it_was_asked_about_again(database: Database) -> None:
    await pinned(database, "aa", LATER)
    assert await database.write(lambda c: let_go(c, ["aa"], NOW)) == 1
    assert await doomed(database, NOW) == 1
    assert await deleted(database, NOW + GRACE) == []
    assert await asked_again(database, NOW - 1) == {}
    assert await asked_again(database, NOW) == {"aa": False}
    assert await deleted(database, NOW + GRACE) == ["aa"]
    assert await deleted(database, NOW + 2 * GRACE) == []
    assert await states(database) == {}


async def test_what_was_let_go_and_is_used_after_all_stays_as_long_as_it_was_pinned(database: Database) -> None:
    """By a message that was accepted on trust, or that could not be seen yet when it was let go."""
    await pinned(database, "aa", LATER)
    await database.write(lambda c: let_go(c, ["aa"], NOW))
    await accepted_on_trust(database, "aa")
    await doomed(database, NOW)
    assert await asked_again(database, NOW) == {"aa": True}
    assert await deleted(database, NOW + GRACE) == []
    assert (await states(database), await pins_of(database)) == ({"aa": None}, {"aa": LATER})
    assert await doomed(database, LATER - 1) == 0


async def test_what_is_pinned_after_it_was_let_go_keeps_the_pin_that_others_trust(database: Database) -> None:
    await pinned(database, "aa", LATER)
    await database.write(lambda c: let_go(c, ["aa"], NOW))
    await pinned(database, "aa", NOW + 1)
    assert await pins_of(database) == {"aa": LATER}
    assert await asked_again(database, NOW + 9) == {}


async def test_what_is_let_go_once_more_is_asked_about_a_whole_grace_later(database: Database) -> None:
    await pinned(database, "aa", LATER)
    await database.write(lambda c: let_go(c, ["aa"], NOW))
    await doomed(database, NOW)
    assert await database.write(lambda c: let_go(c, ["aa"], NOW + 5)) == 1
    await database.write(lambda c: decide(c, "aa", NOW + 4, used=True))  # somebody asked before that
    assert (await states(database), await pins_of(database)) == ({"aa": NOW + 5}, {"aa": -LATER})
    assert await asked_again(database, NOW + 5) == {"aa": False}
    assert await database.write(lambda c: let_go(c, ["aa"], NOW + 6)) == 1
    assert await deleted(database, NOW + 5 + GRACE) == ["aa"]


async def test_a_batch_that_is_not_expanded_uses_its_content(database: Database) -> None:
    await pinned(database, "aa", LATER)
    new = NewBatch(a_batch(digest="aa"), a_task(a_message()))
    await database.write(lambda c: insert_batches(c, [new]))
    assert await database.write(lambda c: let_go(c, ["aa"], NOW)) == 0
    assert await pins_of(database) == {"aa": LATER}


@dataclass
class World:
    """Two processes, one store, one disk; time goes on with every step."""

    database: Database
    dice: random.Random
    disk: set[str] = field(default_factory=set)
    now: int = NOW
    stored: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))  #: what each process remembers
    promised: dict[str, int] = field(default_factory=dict)  #: digest -> until when an accepted message relies on it
    met: dict[str, int] = field(default_factory=dict)

    def lost(self) -> set[str]:
        return {digest for digest, until in self.promised.items() if until > self.now and digest not in self.disk}

    async def request(self, process: int, digest: str) -> AsyncIterator[int]:
        """One request, cut into the steps between which others may act."""
        started = self.now
        keep_until = started + self.dice.choice([1, 5, 15])
        written: frozenset[str] = frozenset()
        if digest not in self.stored[process]:
            self.disk.add(digest)
            self.stored[process].add(digest)
            written = frozenset({digest})
        yield started
        item = a_new(digest, keep_until, at=self.now, written=written)
        [outcome] = await self.database.write(lambda c: insert_messages(c, [item]))
        if outcome is Insertion.CONTENT_LEAVING:
            yield started
            self.disk.add(digest)
            self.stored[process].add(digest)
            yield started
            back = replace(item, written=frozenset({digest}), again=True)
            [outcome] = await self.database.write(lambda c: insert_messages(c, [back]))
            self.met["brought back"] = self.met.get("brought back", 0) + 1
        assert outcome is Insertion.DONE
        self.promised[digest] = max(keep_until, self.promised.get(digest, 0))

    async def sweep(self, process: int, grace: int) -> None:
        def unlink(digests: Sequence[str]) -> None:
            self.disk.difference_update(digests)
            self.stored[process].difference_update(digests)  # the other process goes on believing

        count = await self.database.write(lambda c: delete_doomed(c, unlink, now=self.now, grace_ms=grace, limit=3))
        self.met["deleted"] = self.met.get("deleted", 0) + count
        await self.database.write(lambda c: doom(c, self.now, 3))


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_the_order_no_accepted_message_loses_its_bytes(database: Database, seed: int) -> None:
    """Requests and sweeps in pieces and in any order, as long as a request is shorter than the grace."""
    grace = 12
    world = World(database, random.Random(seed))
    requests: list[AsyncIterator[int]] = []
    begun: dict[int, int] = {}
    for _ in range(500):
        world.now += 1 if requests else world.dice.choice([1, 5])
        overdue = [r for r in requests if world.now - begun[id(r)] >= grace - 4]
        choice = world.dice.random()
        if overdue or (requests and choice < 0.5):
            request = overdue[0] if overdue else world.dice.choice(requests)
            if await anext(request, None) is None:
                requests.remove(request)
        elif choice < 0.65:
            request = world.request(world.dice.randrange(2), world.dice.choice(["aa", "bb", "cc"]))
            begun[id(request)] = world.now
            await anext(request)
            requests.append(request)
        else:
            await world.sweep(world.dice.randrange(2), grace)
        assert world.lost() == set()
    assert world.met["deleted"] > 5
    assert world.met["brought back"] > 5
