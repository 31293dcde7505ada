"""The gate is fair between processes: an eager writer does not starve another (durability 10)."""

import asyncio
import fcntl
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from slidewire.store.gate import Gate

WRITER = """
import sys, time
from pathlib import Path
from slidewire.store.gate import Gate

path, hold, count = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
gate = Gate(path)
log = path.with_name(f"log-{sys.argv[4]}")
print("ready", flush=True)
sys.stdin.readline()
turns = []
for turn in range(count):
    asked = time.monotonic()
    with gate.held():
        entered = time.monotonic()
        if turn == 0:
            print("inside", flush=True)
        time.sleep(hold)
        turns.append(f"{entered} {time.monotonic()} {asked}\\n")
log.write_text("".join(turns))
"""
HELD = 0.0005
TURNS = 500


async def test_an_eager_writer_does_not_starve_another(tmp_path: Path) -> None:
    """Two that never pause take turns: while both are at it, each has its share and nobody overtakes for long.

    On a busy machine who is let in may run some milliseconds late, and be overtaken meanwhile. Without the turnstile
    one turn in five goes to the other, and a hundred overtake.
    """
    turns = await race(tmp_path, 2)
    both = [turn.who for turn in turns if turn.entered <= min(last(turns, 0), last(turns, 1))]
    assert 0.33 <= both.count(0) / len(both) <= 0.67
    assert sum(one != two for one, two in pairwise(both)) > 0.6 * len(both)
    assert max(overtaken(turns, who) for who in (0, 1)) <= 40


async def test_never_are_two_inside(tmp_path: Path) -> None:
    turns = await race(tmp_path, 3)
    overlaps = [(one, two) for one, two in pairwise(turns) if two.entered < one.left]
    assert overlaps == []
    assert len(turns) == 3 * TURNS


class Turn(NamedTuple):
    """One time inside; who is not scheduled for a while asks late, and has not been overtaken."""

    entered: float
    left: float
    asked: float
    who: int


async def race(folder: Path, count: int) -> list[Turn]:
    """Every turn, in order."""
    database = folder / "slidewire.db"
    writers = []
    for who in range(count):
        command = [sys.executable, "-c", WRITER, str(database), str(HELD), str(TURNS), str(who)]
        pipe = asyncio.subprocess.PIPE
        writers.append(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
    for writer in writers:
        assert writer.stdout is not None
        assert await writer.stdout.readline() == b"ready\n"
    await asyncio.gather(*(writer.communicate(b"go\n") for writer in writers))
    assert [writer.returncode for writer in writers] == [0] * count
    turns = []
    for who in range(count):
        lines = (folder / f"log-{who}").read_text().splitlines()
        turns += [Turn(*map(float, line.split()), who) for line in lines]
    return sorted(turns)


def last(turns: list[Turn], who: int) -> float:
    return max(turn.entered for turn in turns if turn.who == who)


def overtaken(turns: list[Turn], who: int) -> int:
    """How many turns of others there were while one of ``who`` waited, at most."""
    others = [turn.entered for turn in turns if turn.who != who]
    return max(sum(turn.asked < each < turn.entered for each in others) for turn in turns if turn.who == who)


async def test_a_killed_holder_lets_the_others_in(tmp_path: Path) -> None:
    database = tmp_path / "slidewire.db"
    command = [sys.executable, "-c", WRITER, str(database), "60", "1", "dead"]
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdin.write(b"go\n")
    async with asyncio.timeout(20):
        assert [await holder.stdout.readline() for _ in range(2)] == [b"ready\n", b"inside\n"]
    holder.kill()
    await holder.wait()
    command = [sys.executable, "-c", WRITER, str(database), "0", "1", "next"]
    follower = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    async with asyncio.timeout(20):
        await follower.communicate(b"go\n")
    assert follower.returncode == 0


async def test_a_free_gate_is_taken_at_once_and_a_held_one_is_not(tmp_path: Path) -> None:
    ours, theirs = Gate(tmp_path / "slidewire.db"), Gate(tmp_path / "slidewire.db")
    assert ours.take()
    assert not theirs.take()
    ours.leave()
    assert theirs.take()
    theirs.leave()


async def test_who_takes_at_once_does_not_overtake_who_waits(tmp_path: Path) -> None:
    """Durability 10: whoever waits has the turnstile, and comes first."""
    holder, waiting, eager = (Gate(tmp_path / "slidewire.db") for _ in range(3))
    holder.enter()
    entering = asyncio.create_task(asyncio.to_thread(waiting.enter))
    async with asyncio.timeout(20):
        while is_free(tmp_path / "slidewire.db-turnstile"):
            await asyncio.sleep(0.001)
    holder.leave()
    taken = eager.take()  # either the other is inside by now or still at the turnstile
    await asyncio.wait_for(entering, 20)
    assert not taken
    waiting.leave()


def is_free(turnstile: Path) -> bool:
    """Whether nobody has the turnstile."""
    with turnstile.open("r+") as own:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
