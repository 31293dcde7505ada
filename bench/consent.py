"""A million subscriptions and 100,000 blocked phones: how long they take to come in, what they cost each message."""

import asyncio
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Scale, picture
from bench.peers import Plan, cpu_seconds, free_port, load, running, serving, write_config
from slidewire.domain.campaigns import Clearance, Question
from slidewire.store.consent import clearances
from slidewire.store.database import Database, open_database
from slidewire.store.sql import Place
from slidewire.store.sqlite import SqliteDatabase

#: What every request of the load writes to: subscribed in both databases.
RECEIVER = "15557650001"
BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>15557650001</TO><FROM>24680</FROM>"
    "<SUBJECT>Joined</SUBJECT><NAME>consent</NAME><CAMPAIGNREF>spring</CAMPAIGNREF>"
    "<SLIDE><TEXT>bench {n}</TEXT></SLIDE></REQUEST>"
)
#: Lines of the file that are no numbers.
BAD_LINES = (3, 500, 1_000)


@dataclass(frozen=True)
class Crowd:
    """How many there are, and how many of them are looked for."""

    subscriptions: int = 1_000_000
    blocks: int = 100_000
    looks: int = 5_000


@dataclass(frozen=True)
class Town:
    """A gateway's settings, its account's key, and what the command line says to it."""

    config: Path
    key: str
    account: str

    def run(self, *words: str) -> tuple[float, int, str]:
        """One command: seconds, exit code, all that it said."""
        began = time.monotonic()
        command = [sys.executable, "-m", "slidewire", *words, "--config", str(self.config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return time.monotonic() - began, done.returncode, done.stdout + done.stderr


def consent(scale: Scale, database: str = "") -> dict[str, Any]:
    """The crowd comes in and is asked about; then, on SQLite, accepting with it beside accepting without it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        full = settled(folder / "full", database)
        found = arrival(full, Crowd(), folder) | asyncio.run(looked(full, Crowd()))
        if not database:
            found |= _accepting(stack, folder, full, scale)
        return found


def settled(folder: Path, database: str = "", sink: int = 9) -> Town:
    """A database with one account that holds its messages to a campaign, and one phone that has joined it."""
    folder.mkdir()
    config = write_config(Plan(folder, sink, database=database), free_port())
    bare = Town(config, "", "")
    words = ("account", "add", "crowd", "--sender", "24680", "--set", "enforce_campaign=on", "--json")
    made = json.loads(_done(bare.run(*words)))
    town = Town(config, made["key"], made["id"])
    _done(town.run("campaign", "add", "spring", "--account", town.account))
    _done(town.run("subscribe", "spring", RECEIVER, "--account", town.account))
    return town


def numbers(count: int, first: int) -> list[str]:
    """So many phones, no two alike: seven digits behind one area code after the other."""
    return [f"1{202 + (first + n) // 7_000_000}{2_000_000 + (first + n) % 7_000_000}" for n in range(count)]


def arrival(town: Town, crowd: Crowd, folder: Path) -> dict[str, Any]:
    """The files' way in: one with bad lines does nothing and names them, the whole one brings everybody."""
    joined, blocked = numbers(crowd.subscriptions, 0), numbers(crowd.blocks, 7_000_000)
    whole, bad, others = folder / "whole.csv", folder / "bad.csv", folder / "blocked.csv"
    whole.write_text("\n".join(joined))
    spoilt = dict.fromkeys((line for line in BAD_LINES if line <= len(joined)), "nobody")
    bad.write_text("\n".join(spoilt.get(line, number) for line, number in enumerate(joined, start=1)))
    others.write_text("\n".join(blocked))
    refusing, code, said = town.run("campaign", "import", "spring", str(bad), "--account", town.account)
    left = asyncio.run(_count(town, "subscriptions"))
    importing = town.run("campaign", "import", "spring", str(whole), "--account", town.account)
    _done(importing)
    blocking = town.run("block", "--file", str(others), "--account", town.account)
    _done(blocking)
    return {
        "import_rows": crowd.subscriptions,
        "import_s": importing[0],
        "bad_file_refused": code == 1,
        "bad_lines_told": [int(line) for line in re.findall(r"line (\d+):", said)] == list(spoilt),
        "bad_file_s": refusing,
        "rows_after_bad_file": left - 1,
        "subscriptions": asyncio.run(_count(town, "subscriptions")) - 1,
        "blocks": asyncio.run(_count(town, "blocks")),
        "block_s": blocking[0],
    }


async def looked(town: Town, crowd: Crowd) -> dict[str, Any]:
    """What one look at blocks and subscriptions takes in the database, for phones drawn from all of them."""
    draw = random.Random(7)
    known = [*numbers(crowd.subscriptions, 0), *numbers(crowd.blocks, 7_000_000), *numbers(crowd.blocks, 20_000_000)]
    asked = [Question(draw.choice(known), town.account, "24680", "spring") for _ in range(crowd.looks)]

    def timed(place: Place) -> list[tuple[float, Clearance]]:
        results = []
        for question in asked:
            began = time.perf_counter()
            [clearance] = clearances(place, [question])
            results.append((time.perf_counter() - began, clearance))
        return results

    database = open_database(_address(town))
    try:
        found = timed(database.reader()) if isinstance(database, SqliteDatabase) else await database.read(timed)
    finally:
        await database.close()
    times = sorted(1000 * seconds for seconds, _ in found)
    seen = {kind.name.lower(): sum(clearance is kind for _, clearance in found) for kind in Clearance}
    return {
        "look_mean_ms": statistics.mean(times),
        "look_p50_ms": statistics.median(times),
        "look_p99_ms": times[-1 - len(times) // 100],
        **{f"looks_{name}": count for name, count in seen.items()},
    }


def _accepting(stack: ExitStack, folder: Path, full: Town, scale: Scale) -> dict[str, Any]:
    """Rounds with and without the crowd, one after the other; the medians, and what is left of the rate."""
    picture(folder / "picture.jpg")
    sinking = ["bench.sink", "--image", str(folder / "picture.jpg")]
    stack.enter_context(running(sinking, folder / "sink.log"))
    empty = settled(folder / "empty")
    rounds: dict[str, list[tuple[float, float]]] = {"empty": [], "full": []}
    for _ in range(scale.rounds):
        for name, town in (("empty", empty), ("full", full)):
            rounds[name].append(_accepted(town, scale.seconds))
    rates = {name: statistics.median(rate for rate, _ in found) for name, found in rounds.items()}
    cpu = {name: statistics.median(each for _, each in found) for name, found in rounds.items()}
    return {
        "accept_empty_rate": rates["empty"],
        "accept_full_rate": rates["full"],
        "accept_share": rates["full"] / rates["empty"],
        "accept_empty_cpu_ms": cpu["empty"],
        "accept_full_cpu_ms": cpu["full"],
        "accept_cpu_share": cpu["full"] / cpu["empty"],
        "rounds": rounds,
    }


def _accepted(town: Town, seconds: float) -> tuple[float, float]:
    """Accepted a second, and milliseconds of CPU for each."""
    [port] = re.findall(r'^listen = "127\.0\.0\.1:(\d+)"', town.config.read_text(), re.MULTILINE)
    orders = {"port": int(port), "path": "/API/wxml/1.3/", "body": BODY.replace("{key}", town.key), "connections": 32}
    with serving(town.config, int(port), town.config.with_name("gateway.log"), role="api") as process:
        load(**orders, seconds=1.0, rate=50)
        before = cpu_seconds(process.pid)
        done = load(**orders, seconds=seconds, first=10_000_000)
        cpu = cpu_seconds(process.pid) - before
    return done["rate"], 1000 * cpu / max(done["success"], 1)


def _address(town: Town) -> str:
    [address] = re.findall(r'^database = "(.*)"', town.config.read_text(), re.MULTILINE)
    return str(address)


async def _count(town: Town, table: str) -> int:
    database: Database = open_database(_address(town))
    try:
        return int(await database.read(lambda c: c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()))
    finally:
        await database.close()


def _done(ran: tuple[float, int, str]) -> str:
    _, code, said = ran
    if code:
        raise RuntimeError(said)
    return said
