"""Four real processes on one database: accounts' limits hold over all of them, and a rotated key ends in each.

What passes is counted twice: by the answers, and by the MMSC that receives it.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from bench.cases import picture
from tests.cli.command import running, slidewire
from tests.story.house import request, until

from bench import peers
from slidewire.demo.loopback import free_port

#: The account's throughput, how long it is called, and by how many callers at each process.
RATE, SECONDS, CALLERS = 30, 3.0, 2
QUOTA = 60


@dataclass(frozen=True)
class Four:
    """Where they are reached."""

    folder: Path
    urls: list[str]
    sink: int

    def account(self, name: str, *settings: str) -> str:
        """A new account's key."""
        words = itertools.chain.from_iterable(("--set", each) for each in settings)
        ran = slidewire(self.folder, "account", "add", name, "--sender", "24680", *words)
        assert ran.code == 0, ran.err
        return str(ran.json["key"])

    def received(self) -> int:
        """Messages that the MMSC has."""
        return int(peers.tally(self.sink)["distinct"])


@contextmanager
def four_processes(folder: Path, database: str) -> Iterator[Four]:
    picture(folder / "picture.jpg")
    with ExitStack() as stack:
        sink_of = peers.running(["bench.sink", "--image", str(folder / "picture.jpg")], folder / "sink.log")
        _, sink = stack.enter_context(sink_of)
        ports = [free_port() for _ in range(4)]
        peers.write_config(peers.Plan(folder, sink, database=database), ports[0])
        for number, port in enumerate(ports):
            here = {"SLIDEWIRE_LISTEN": f"127.0.0.1:{port}", "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0"}
            role = "api" if number else "all"
            stack.enter_context(running(folder, "serve", "--role", role, **here))
        for port in ports:
            peers.wait_ready(port)
        yield Four(folder, [f"http://127.0.0.1:{port}/API/wxml/1.3/" for port in ports], sink)


async def call(http: aiohttp.ClientSession, url: str, key: str, text: str) -> str:
    """What a call is answered: Success, or its code."""
    slides = f"<SLIDE><TEXT>bench {text}</TEXT></SLIDE>"
    async with http.post(url, data=request(slides, API_KEY=key)) as answer:
        body = await answer.text()
    return "Success" if "<STATUS>Success" in body else body.partition("<ERRORCODE>")[2][:4]


async def call_all(four: Four, http: aiohttp.ClientSession, key: str, seconds: float) -> list[str]:
    """Everybody calls everywhere as fast as answers come; all answers."""
    ends, numbers = time.monotonic() + seconds, itertools.count(1)

    async def call_on_and_on(url: str) -> list[str]:
        answers = []
        while time.monotonic() < ends:
            answers.append(await call(http, url, key, f"{next(numbers):08d}"))
        return answers

    told = await asyncio.gather(*(call_on_and_on(url) for url in four.urls for _ in range(CALLERS)))
    return list(itertools.chain.from_iterable(told))


async def test_four_processes_are_one_gateway(database_url: str, tmp_path: Path) -> None:
    with four_processes(tmp_path, database_url) as four:
        async with aiohttp.ClientSession() as http:
            await throughput_holds(four, http)
            await a_quota_holds(four, http)
            await a_rotated_key_ends(four, http)


async def throughput_holds(four: Four, http: aiohttp.ClientSession) -> None:
    key = await asyncio.to_thread(four.account, "fast", f"throughput=sendMMS={RATE}/s")
    started = time.monotonic()
    answers = await call_all(four, http, key, SECONDS)
    took = time.monotonic() - started
    passed = answers.count("Success")
    print(f"{passed} passed in {took:.2f} s at {RATE}/s, {len(answers) - passed} were refused")
    assert set(answers) == {"Success", "E113"}
    assert RATE * SECONDS < passed <= RATE + RATE * took

    async def arrived() -> bool:
        return await asyncio.to_thread(four.received) == passed

    await until(arrived, 30, f"{passed} messages at the MMSC")


async def a_quota_holds(four: Four, http: aiohttp.ClientSession) -> None:
    key = await asyncio.to_thread(four.account, "little", f"quota={QUOTA}")
    answers = await call_all(four, http, key, 1.5)
    passed = answers.count("Success")
    print(f"{passed} passed of a quota of {QUOTA}, {len(answers) - passed} were refused")
    assert set(answers) == {"Success", "E120"}
    assert QUOTA * 0.95 <= passed <= QUOTA


async def a_rotated_key_ends(four: Four, http: aiohttp.ClientSession) -> None:
    old = await asyncio.to_thread(four.account, "rotating")
    assert [await call(http, url, old, "old") for url in four.urls] == ["Success"] * 4
    rotate = ("account", "rotate-key", "rotating", "--overlap", "0s")
    new = str((await asyncio.to_thread(slidewire, four.folder, *rotate)).json["key"])

    async def ended() -> bool:
        return [await call(http, url, old, "old") for url in four.urls] == ["E104"] * 4

    await until(ended, 2, "the old key to end everywhere")
    assert [await call(http, url, new, "new") for url in four.urls] == ["Success"] * 4
    (key, was) = (await asyncio.to_thread(slidewire, four.folder, "account", "keys", "rotating", "--json")).json
    assert (key["ends_at"], bool(was["ends_at"])) == ("", True)
