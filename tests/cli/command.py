"""The real command line in processes of its own, in a folder of its own, with an environment without our settings.

Commands that end are forked from a process that has our modules loaded already: half a second less for each.
"""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Seconds: a machine that does much else at the same time must be able to keep them.
LIMIT = 60.0


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def _environment(more: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SLIDEWIRE_")}
    return {**ours, "PYTHONWARNINGS": "error", **more}


_FORKS = multiprocessing.get_context("forkserver")
_LOADED = ("cli.app", "runtime.offline", "store.sqlite", "store.messages", "domain.senders", "simulator.settings")
_FORKS.set_forkserver_preload([*(f"slidewire.{name}" for name in _LOADED), "typer._adapters", "uvloop"])


def slidewire(folder: Path, *words: str, given: str = "", **environment: str) -> Ran:
    """Run a command in ``folder`` to its end."""
    streams = [folder / f".{name}" for name in ("in", "out", "err")]
    streams[0].write_text(given)
    process = _FORKS.Process(target=_command, args=(folder, words, _environment(environment), streams))
    process.start()
    process.join(LIMIT)
    assert process.exitcode is not None, f"{words} did not end"
    out, err = (stream.read_bytes().decode() for stream in streams[1:])
    assert "Traceback" not in err, err
    return Ran(process.exitcode, out, err)


def _command(folder: Path, words: tuple[str, ...], environment: dict[str, str], streams: list[Path]) -> None:
    """What the forked process does: become the command."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    warnings.simplefilter("error")
    for number, stream in enumerate(streams):
        os.dup2(os.open(stream, os.O_RDWR | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # the process's own, until its end
    sys.argv = ["slidewire", *words]

    from slidewire.cli.app import main

    main()


@dataclass
class Running:
    """A command that goes on: what it prints is collected as it comes."""

    process: subprocess.Popen[str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first place in what it printed that fits; fails when it does not come."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if found := re.search(pattern, "".join(self.out) + "".join(self.err)):
                return found
            assert self.process.poll() is None, f"ended with {self.process.poll()}: {self.out} {self.err}"
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in {self.out} {self.err}")

    def events(self) -> list[dict[str, Any]]:
        """Its log."""
        return [json.loads(line) for line in self.err]

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        return self.process.wait(LIMIT)


@contextmanager
def running(folder: Path, *words: str, **environment: str) -> Iterator[Running]:
    """Run a command in ``folder`` until the block ends; it is killed when it is still there then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "slidewire", *words],
        cwd=folder,
        env=_environment(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    there = Running(process)
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [
        threading.Thread(target=lambda: there.out.extend(process.stdout or ())),
        threading.Thread(target=lambda: there.err.extend(process.stderr or ())),
    ]
    for reader in readers:
        reader.start()
    try:
        yield there
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(LIMIT)
        for reader in readers:
            reader.join(LIMIT)
        process.stdout.close()
        process.stderr.close()
