"""A pump claims what is due, and asks again only when there may be more: an empty claim costs as much as a full one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Counted, Kit, a_kit

from slidewire.domain.change import Ending
from slidewire.domain.fairness import Sharing
from slidewire.domain.task import TaskKind, door_of
from slidewire.store import ends
from slidewire.store.database import Database
from slidewire.store.hot import Claimed
from slidewire.work.fairness import Fairness
from slidewire.work.places import Places
from slidewire.work.worker import KEPT_UP, Room, Worker

QUEUE = "deliver:mmsc-a"
SILENT = "notify:acct-1"


class Handing:
    """A step that hands over at once."""

    lease = 30.0

    def __init__(self, kit: Kit, places: int, kind: TaskKind) -> None:
        self.kind = kind
        self._kit = kit
        self._places = Places(lambda _door: places)
        self.done: list[str] = []
        self.worker: Worker | None = None

    def room(self, door: str) -> Room:
        return Room(self._places.free(door))

    def uncertain_wait(self, door: str) -> float:  # the seam's shape
        return 0.0

    def take(self, door: str, count: int) -> None:
        if count:
            self._places.take(door, count)

    async def run(self, claimed: Claimed) -> None:
        means = self._kit.means
        self._places.leave(door_of(claimed.task.queue))
        assert self.worker is not None
        self.worker.freed(claimed.task.queue)
        await means.commits.write(ends.end, Ending(claimed.task, means.node, at=means.now()))
        self.done.append(claimed.task.message_id)


class Scene:
    """A worker with one step, and what it has claimed."""

    def __init__(self, database: Database, places: int, kind: TaskKind = TaskKind.DELIVER) -> None:
        kit = a_kit(database)
        self.commits = Counted(database, _broken)
        self.kit = replace(kit, means=replace(kit.means, commits=self.commits))
        self.step = Handing(self.kit, places, kind)
        self.worker = self.step.worker = Worker(
            self.kit.means, [self.step], _no_turns, Fairness(Sharing(0.1, lambda _account: 1), 60_000)
        )

    async def put(self, count: int) -> list[str]:
        """So many messages that are due."""
        news = [(message := a_message(), a_task(message)) for _ in range(count)]
        for message, task in news:
            await self.kit.accepted(message, task)
        return [message.id for message, _ in news]

    async def handed(self, wanted: Sequence[str]) -> None:
        """All of these have been handed over, and the pump has nothing left to do."""
        async with asyncio.timeout(20):
            while sorted(self.step.done) != sorted(wanted):
                await asyncio.sleep(0.005)
        for _ in range(20):  # whoever was woken by the last end has had its turn
            await self.kit.means.database.write(_nothing)

    async def claimed(self, count: int) -> None:
        """So many claims have ended."""
        async with asyncio.timeout(20):
            while self.commits.claimed < count:
                await asyncio.sleep(0.002)
        await _turn()


async def _turn() -> None:
    """Everything that can go on at once has done so."""
    for _ in range(20):
        await asyncio.sleep(0)


def _no_turns(_queue: str) -> None:
    return None


def _nothing(_connection: Connection) -> None:
    pass


def _broken(error: BaseException) -> None:
    raise AssertionError(error)


async def test_a_queue_that_gave_all_it_had_is_asked_again_only_when_somebody_says_so(database: Database) -> None:
    scene = Scene(database, places=10)
    first = await scene.put(3)
    scene.worker.wake(QUEUE)
    await scene.handed(first)
    assert scene.commits.claims == 1
    second = await scene.put(2)
    scene.worker.wake(QUEUE)
    await scene.handed(first + second)
    assert scene.commits.claims == 2
    await scene.worker.stop(1.0)


@pytest.mark.parametrize("places", [pytest.param(1, id="one at a time"), pytest.param(2, id="two at a time")])
async def test_a_queue_that_may_have_more_is_asked_again_as_soon_as_there_is_room(
    database: Database, places: int
) -> None:
    scene = Scene(database, places)
    waiting = await scene.put(5)
    scene.worker.wake(QUEUE)
    await scene.handed(waiting)
    assert scene.commits.claims <= 5 // places + 2
    await scene.worker.stop(1.0)


async def test_what_comes_while_a_claim_is_written_is_not_left(database: Database) -> None:
    scene = Scene(database, places=10)
    there: list[str] = []
    for _ in range(20):
        there += await scene.put(1)
        scene.worker.wake(QUEUE)
    await scene.handed(there)
    await scene.worker.stop(1.0)


async def test_after_several_the_next_claim_waits_for_more(database: Database) -> None:
    """A busy machine may come too late for one round, never for all."""
    scene = Scene(database, places=10)
    there: list[str] = []
    waited = False
    for n in range(1, 8):
        there += await scene.put(3)
        scene.worker.wake(QUEUE)
        await scene.claimed(n)
        scene.worker.wake(QUEUE)
        await _turn()  # a pump that waits for nobody would have claimed by now
        waited = waited or scene.commits.claims == n
        await scene.claimed(n + 1)
        scene.commits.claims = scene.commits.claimed = n
    assert waited
    await scene.handed(there)
    await scene.worker.stop(1.0)


async def test_who_claimed_in_vain_lets_others_go_first(database: Database) -> None:
    """A busy machine may come too late for one round, never for all."""
    scene = Scene(database, places=10, kind=TaskKind.NOTIFY)
    scene.worker.heard(SILENT)
    waited = False
    for n in range(1, 8):
        await scene.claimed(n)
        scene.worker.heard(SILENT)
        await _turn()  # without manners it would have claimed by now
        waited = waited or scene.commits.claims == n
    assert waited
    await scene.worker.stop(1.0)


@pytest.mark.parametrize(
    ("age", "prompt"),
    [
        pytest.param(0, False, id="others keep up: it goes on letting them go first"),
        pytest.param(10 * KEPT_UP, True, id="what has waited needs everybody"),
    ],
)
async def test_whether_others_keep_up_is_seen_by_what_is_found(database: Database, age: int, prompt: bool) -> None:
    """A busy machine may come too late for one round, never for all."""
    seen = False
    for _ in range(5):
        scene = Scene(database, places=10, kind=TaskKind.NOTIFY)
        scene.worker.wake(SILENT)
        await scene.claimed(1)  # in vain
        message = a_message()
        task = a_task(message, kind=TaskKind.NOTIFY, queue=SILENT, due_at=now_ms() - age)
        await scene.kit.accepted(message, task)
        scene.worker.wake(SILENT)
        await scene.handed([message.id])
        claims = scene.commits.claims
        scene.worker.heard(SILENT)
        await _turn()
        seen = seen or (scene.commits.claims > claims) is prompt
        await scene.worker.stop(1.0)
    assert seen


async def test_our_own_news_and_what_leaves_us_never_wait_for_others(database: Database) -> None:
    scene = Scene(database, places=10, kind=TaskKind.NOTIFY)
    leaving = Scene(database, places=10)
    for n in range(3):
        scene.worker.wake(SILENT)
        leaving.worker.heard(QUEUE)
        await _turn()
        assert (scene.commits.claims, leaving.commits.claims) == (n + 1, n + 1)
        await scene.claimed(n + 1)
        await leaving.claimed(n + 1)
    await scene.worker.stop(1.0)
    await leaving.worker.stop(1.0)
