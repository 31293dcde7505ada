"""A process that ended is known dead at once, a living one never, whatever happens meanwhile (durability 5)."""

import asyncio
import sys
from pathlib import Path

import pytest
from tests.builders import now_ms
from tests.store.kit import claimed, events_of, stored

from slidewire.domain.events import Event
from slidewire.store.database import Database, DatabaseError
from slidewire.store.leases import NodeLock, dead_nodes, lock_folder
from slidewire.store.tasks import end_leases, lease_holders

NODE = """
import sys
from pathlib import Path
from slidewire.store.leases import NodeLock

lock = NodeLock(Path(sys.argv[1]), sys.argv[2])
print("locked", flush=True)
sys.stdin.readline()
lock.close()
print("closed", flush=True)
"""
#: Makes and ends locks under a few names while it asks about all of them; it must never see a living one dead.
CHURN = """
import os, random, sys
from pathlib import Path
from slidewire.store.leases import NodeLock, dead_nodes

folder, me, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
dice = random.Random(me)
for n in range(rounds):
    name = f"{me}-{dice.randrange(3)}"
    lock = NodeLock(folder, name)
    for _ in range(dice.randrange(3)):
        dead = dead_nodes(folder, ["steady", name])
        assert dead == [], dead
    if dice.random() < 0.5:
        lock.close()
    else:
        os.close(lock._held)  # as if it had been killed
"""


class Process:
    """A node in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        output, _ = await self._process.communicate(b"go\n")
        assert (output, self._process.returncode) == (b"closed\n", 0)


async def a_node(folder: Path, name: str) -> Process:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", NODE, str(folder), name, stdin=pipe, stdout=pipe
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"locked\n"
    return Process(process)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lock_folder(tmp_path / "slidewire.db")


def test_the_locks_lie_beside_the_database(folder: Path, tmp_path: Path) -> None:
    assert folder == tmp_path / "slidewire.db-nodes"


async def test_a_killed_node_is_dead_and_its_file_is_gone(folder: Path) -> None:
    node = await a_node(folder, "node-1")
    assert dead_nodes(folder, ["node-1"]) == []
    await node.kill()
    assert dead_nodes(folder, ["node-1"]) == ["node-1"]
    assert list(folder.iterdir()) == []


async def test_a_node_that_ended_cleanly_leaves_no_file(folder: Path) -> None:
    node = await a_node(folder, "node-1")
    assert [path.name for path in folder.iterdir()] == ["node-1.lock"]
    await node.end()
    assert list(folder.iterdir()) == []


async def test_only_the_dead_among_those_asked_about_are_named(folder: Path) -> None:
    alive, dead, unasked = [await a_node(folder, name) for name in ("alive", "dead", "unasked")]
    await dead.kill()
    await unasked.kill()
    assert dead_nodes(folder, ["alive", "dead", "unheard of"]) == ["dead", "unheard of"]
    assert [path.name for path in folder.iterdir()] == ["alive.lock"]
    await alive.end()


def test_our_own_node_is_alive(folder: Path) -> None:
    with NodeLock(folder, "me"):
        assert dead_nodes(folder, ["me"]) == []
    assert dead_nodes(folder, ["me"]) == ["me"]


def test_without_a_folder_everybody_is_dead(folder: Path) -> None:
    assert dead_nodes(folder, ["node-1"]) == ["node-1"]
    assert dead_nodes(folder, []) == []


async def test_two_cannot_live_under_one_name(folder: Path) -> None:
    node = await a_node(folder, "node-1")
    with pytest.raises(DatabaseError, match="node-1"):
        NodeLock(folder, "node-1")
    await node.kill()
    NodeLock(folder, "node-1").close()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "", "node 1%2f", "ü"])
def test_a_name_is_never_a_path(folder: Path, name: str) -> None:
    with NodeLock(folder, name):
        assert [path.parent for path in folder.parent.rglob("*.lock")] == [folder]
        assert dead_nodes(folder, [name]) == []
    assert list(folder.iterdir()) == []


def test_a_link_in_the_place_of_a_lock_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "precious").write_text("kept")
    (folder / "node-1.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        NodeLock(folder, "node-1")
    assert (tmp_path / "precious").read_text() == "kept"


async def test_starting_ending_and_looking_at_once_confuses_nobody(folder: Path) -> None:
    steady = await a_node(folder, "steady")
    churns = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", CHURN, str(folder), f"churn-{n}", "1000")
        for n in range(3)
    ]
    async with asyncio.timeout(60):
        codes = [await churn.wait() for churn in churns]
    assert codes == [0, 0, 0]
    assert dead_nodes(folder, ["steady", "churn-0-0"]) == ["churn-0-0"]
    assert [path.name for path in folder.iterdir()] == ["steady.lock"]
    await steady.end()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_a_killed_node_held_is_known_uncertain_at_once(database: Database, folder: Path) -> None:
    dead, alive = await a_node(folder, "dead"), await a_node(folder, "alive")
    tasks = [await stored(database) for _ in range(2)]
    await claimed(database, lease="dead", limit=1)
    await claimed(database, lease="alive", limit=1)
    await dead.kill()
    ended = dead_nodes(folder, await database.read(lease_holders))
    await database.write(lambda c: end_leases(c, ended, now_ms()))
    assert await claimed(database, lease="node-3") == []
    assert [await events_of(database, task.message_id) for task in tasks] == [[Event.UNCERTAIN.value], []]
    await alive.end()
