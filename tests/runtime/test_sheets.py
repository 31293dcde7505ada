"""Sheets of figures, shared by real processes: what one counted stays when it is killed."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from slidewire.domain.figures import POSTBACKS, summed
from slidewire.runtime.sheets import Sheets, make_sheets

#: Counts once, says so, and lives until its standard input ends.
CHILD = """
import sys
from slidewire.domain.figures import POSTBACKS
from slidewire.runtime.sheets import Sheets
sheets = Sheets(int(sys.argv[1]))
sheets.figures.add(POSTBACKS, "received")
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def shared() -> Iterator[int]:
    descriptor = make_sheets()
    yield descriptor
    os.close(descriptor)


def child(shared: int) -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(shared)],
        pass_fds=(shared,),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "counted\n"
    return started


def end(started: subprocess.Popen[str]) -> None:
    started.kill()
    started.communicate()


def received(sheets: Sheets) -> float:
    return summed(sheets.read())[POSTBACKS.name, ("received",)][0]


def test_processes_are_added_up_and_the_killed_stay_counted(shared: int) -> None:
    ours = Sheets(shared)
    first, second = child(shared), child(shared)
    assert (received(ours), sorted(ours.processes())) == (2.0, sorted([os.getpid(), first.pid, second.pid]))
    end(first)
    assert (received(ours), sorted(ours.processes())) == (2.0, sorted([os.getpid(), second.pid]))
    third = child(shared)
    ours.figures.add(POSTBACKS, "received")
    assert (received(ours), len(ours.read())) == (4.0, 3)  # the third counts on where the first was killed
    assert ours.resident() > 1_000_000
    for each in (second, third):
        end(each)


def test_a_process_alone_reads_what_it_counted() -> None:
    alone = Sheets(None)
    alone.figures.add(POSTBACKS, "received")
    assert (received(alone), alone.processes()) == (1.0, [os.getpid()])
