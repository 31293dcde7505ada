"""A pump claims what is due, and asks again only when there may be more: an empty claim costs as much as a full one."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import NO_CROWD, Counted, Kit, a_kit

from slidewire.domain.change import Ending
from slidewire.domain.fairness import Sharing
from slidewire.domain.task import TaskKind, door_of
from slidewire.store import ends
from slidewire.store.database import Database
from slidewire.store.hot import Claimed
from slidewire.work.fairness import Fairness
from slidewire.work.manners import FALLEN_BEHIND, KEPT_UP, Crowd
from slidewire.work.places import Places
from slidewire.work.worker import Room, Worker

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

    def __init__(
        self, database: Database, places: int, kind: TaskKind = TaskKind.DELIVER, crowd: Crowd = NO_CROWD
    ) -> None:
        kit = a_kit(database)
        self.queue = QUEUE if kind is TaskKind.DELIVER else kind.queue("acct-1")
        self.commits = Counted(database, _broken)
        self.kit = replace(kit, means=replace(kit.means, commits=self.commits))
        self.step = Handing(self.kit, places, kind)
        self.worker = self.step.worker = Worker(
            self.kit.means, [self.step], _no_turns, Fairness(Sharing(0.1, lambda _account: 1), 60_000), crowd
        )

    async def put(self, count: int, age: int = 0) -> list[str]:
        """So many messages that are due, for so many milliseconds."""
        due = {"kind": self.step.kind, "queue": self.queue, "due_at": now_ms() - age}
        news = [(message := a_message(), a_task(message, **due)) for _ in range(count)]
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


@pytest.mark.parametrize(
    ("kind", "age", "aside"),
    [
        pytest.param(TaskKind.NOTIFY, 1_000, True, id="those who are at it anyway do it"),
        pytest.param(TaskKind.NOTIFY, 2 * FALLEN_BEHIND, False, id="what has waited for so long needs everybody"),
        pytest.param(TaskKind.ENCODE, 1_000, False, id="a film is worth a core"),
        pytest.param(TaskKind.DELIVER, 1_000, False, id="what leaves us never waits for others"),
    ],
)
async def test_where_cores_are_scarce_a_helper_claims_only_now_and_then(
    database: Database, tmp_path: Path, kind: TaskKind, age: int, aside: bool
) -> None:
    """A busy machine may come too late for one round, never for all."""
    seen = False
    for _ in range(5):
        scene = Scene(database, 2, kind, a_crowd(tmp_path, ran=1_000, waited=5_000))
        waiting = await scene.put(6, age)
        scene.worker.wake(scene.queue)
        async with asyncio.timeout(20):
            while len(scene.step.done) < 2:
                await asyncio.sleep(0.002)
        await _turn()
        seen = seen or (scene.commits.claims == 1) is aside
        await scene.handed(waiting)  # each in its time
        await scene.worker.stop(1.0)
    assert seen


async def test_a_helper_that_stepped_aside_hears_of_nothing_but_has_its_own_news(
    database: Database, tmp_path: Path
) -> None:
    """A busy machine may come too late for one round, never for all."""
    seen = False
    for _ in range(5):
        scene = Scene(database, 2, TaskKind.NOTIFY, a_crowd(tmp_path, ran=1_000, waited=5_000))
        waiting = await scene.put(6, 1_000)
        scene.worker.wake(SILENT)
        await scene.claimed(1)
        scene.worker.heard(SILENT)
        await _turn()
        seen = seen or scene.commits.claims == 1
        scene.worker.wake(SILENT)
        await scene.claimed(2)
        await scene.handed(waiting)
        await scene.worker.stop(1.0)
    assert seen


@pytest.mark.parametrize(
    ("ran", "waited", "holds_lanes", "crowd"),
    [
        pytest.param(1_000, 1_001, False, True, id="it waits for a core longer than it has one"),
        pytest.param(1_001, 1_000, False, False, id="it has one for longer"),
        pytest.param(1_000, 9_000, True, False, id="who holds lanes is at it anyway"),
    ],
)
def test_cores_are_scarce_for_who_waits_longer_than_he_runs(
    tmp_path: Path, ran: int, waited: int, holds_lanes: bool, crowd: bool
) -> None:
    assert a_crowd(tmp_path, ran, waited, holds_lanes=holds_lanes).is_here() is crowd


def test_what_was_long_ago_tells_nothing_of_now(tmp_path: Path) -> None:
    now = [0.0]
    crowd = a_crowd(tmp_path, ran=1_000, waited=5_000, monotonic=lambda: now[0])
    assert crowd.is_here()
    (tmp_path / "schedstat").write_text("3000 5500 9")
    now[0] = 0.09
    assert crowd.is_here()  # not looked at again so soon
    now[0] = 0.11
    assert not crowd.is_here()


@pytest.mark.parametrize("told", [None, "", "17", "cores: 2"])
def test_a_system_that_does_not_tell_has_cores_enough(tmp_path: Path, told: str | None) -> None:
    path = tmp_path / "schedstat"
    if told is not None:
        path.write_text(told)
    assert not Crowd(lambda: False, time.monotonic, path).is_here()


def test_what_this_system_tells_is_understood() -> None:
    crowd = Crowd(lambda: False, time.monotonic)
    assert crowd.is_here() in {True, False}
    crowd.close()
    assert not crowd.is_here()


def a_crowd(
    folder: Path,
    ran: int,
    waited: int,
    *,
    holds_lanes: bool = False,
    monotonic: Callable[[], float] = time.monotonic,
) -> Crowd:
    """As a system tells it that says so many nanoseconds."""
    told = folder / "schedstat"
    told.write_text(f"{ran} {waited} 7\n")
    return Crowd(lambda: holds_lanes, monotonic, told)
