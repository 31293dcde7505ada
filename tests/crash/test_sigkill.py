"""A gateway killed again and again while it accepts and sends: nothing that was answered with Success is lost."""

import asyncio
import collections
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bench.peers import Plan, add_account, running, start_gateway, tally, wait_ready, write_config

from slidewire.demo.loopback import free_port
from slidewire.store.database import open_database
from slidewire.store.messages import message_events
from slidewire.store.tasks import waiting_counts

REQUESTS = 3_000
RATE = 300  #: requests a second
KILLS = 10
ANSWERS_AFTER = 0.2  #: seconds the sink takes for each submission
IN_FLIGHT = 5  #: submissions at the sink, at least, whenever the gateway is killed
CALLERS = 48

BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>15557650001</TO><FROM>24680</FROM>"
    "<SUBJECT>Crash</SUBJECT><NAME>crash</NAME><SLIDE><TEXT>bench {n}</TEXT></SLIDE></REQUEST>"
)
DELIVERY = 'uncertain_wait = "2s"\nretry = [0.2, 0.5, 1]\nstop_grace = "5s"'


@dataclass
class Answers:
    """What the callers were told: number -> tracking id."""

    success: dict[int, str] = field(default_factory=dict)
    written: int = 0
    other: collections.Counter[str] = field(default_factory=collections.Counter)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_every_success_arrives_whatever_is_killed(
    empty_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "unused.jpg"
    picture.write_bytes(b"")
    with running(["bench.sink", "--image", str(picture), "--wait", str(ANSWERS_AFTER)], tmp_path / "sink.log") as (
        _,
        sink,
    ):
        port = free_port()
        plan = Plan(tmp_path, sink, empty_url, connections=100, delivery=DELIVERY)
        config = write_config(plan, port)
        key = add_account(config)
        gateway = await asyncio.to_thread(_start, config, port, tmp_path)
        answers = Answers()
        callers = asyncio.create_task(_call(answers, port, key))
        in_flight: list[int] = []
        try:
            for turn in range(KILLS):
                while answers.written < REQUESTS * (turn + 0.7) / (KILLS + 0.5):
                    await asyncio.sleep(0.02)
                in_flight.append(await asyncio.to_thread(_kill_busy, gateway, sink))
                gateway = await asyncio.to_thread(_start, config, port, tmp_path)
            await callers
            await _drained(empty_url, limit=120)
        finally:
            gateway.send_signal(signal.SIGKILL)
            gateway.wait()
        arrived = await asyncio.to_thread(_arrivals, sink)
    lost = [number for number in answers.success if number not in arrived]
    doubles = {n: count for n, count in arrived.items() if count > 1 and n in answers.success}
    unmarked = await _unmarked(empty_url, [answers.success[number] for number in doubles])
    with capsys.disabled():
        print(
            f"\n{empty_url.split(':', maxsplit=1)[0]}: {answers.written} requests, {len(answers.success)} Success, "
            f"{KILLS} kills with {in_flight} submissions in flight, lost {len(lost)}, "
            f"doubles {sum(doubles.values()) - len(doubles)} of {len(doubles)} messages, unmarked {len(unmarked)}"
        )
    assert min(in_flight) >= IN_FLIGHT
    assert answers.written >= REQUESTS
    assert len(answers.success) > REQUESTS * 0.8
    assert lost == []
    assert unmarked == []


def _start(config: Path, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    process = start_gateway(config, folder / "gateway.log")
    wait_ready(port)
    return process


def _kill_busy(gateway: "subprocess.Popen[bytes]", sink: int) -> int:
    """Kill the gateway while enough submissions are in flight; how many were."""
    ends = time.monotonic() + 30
    while (busy := int(tally(sink)["in_flight"])) < IN_FLIGHT:
        assert time.monotonic() < ends, "the gateway does not send"
        time.sleep(0.01)
    gateway.send_signal(signal.SIGKILL)
    gateway.wait()
    return busy


async def _call(answers: Answers, port: int, key: str) -> None:
    """CALLERS keep-alive connections at RATE together; who loses its connection makes a new one."""
    started = asyncio.get_running_loop().time()

    async def caller() -> None:
        while answers.written < REQUESTS:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    while answers.written < REQUESTS:
                        number = answers.written
                        answers.written += 1
                        pause = started + number / RATE - asyncio.get_running_loop().time()
                        await asyncio.sleep(max(pause, 0))
                        _note(answers, number, await _ask(reader, writer, key, number))
                finally:
                    writer.close()
                    with suppress(OSError):
                        await writer.wait_closed()
            await asyncio.sleep(0.05)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str, number: int) -> bytes:
    body = BODY.replace("{key}", key).replace("{n}", f"{number:08d}").encode()
    head = f"POST /API/wxml/1.3/ HTTP/1.1\r\nHost: gateway\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    head_back = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head_back)
    return await reader.readexactly(int(length[1])) if length else b""


def _note(answers: Answers, number: int, answer: bytes) -> None:
    tracking = re.search(rb"<TRACKINGID>([^<]+)<", answer)
    if b"<STATUS>Success" in answer and tracking:
        answers.success[number] = tracking[1].decode()
    else:
        answers.other[answer.decode()] += 1


async def _drained(url: str, limit: float) -> None:
    """Wait until no delivery waits any more."""
    ends = time.monotonic() + limit
    database = open_database(url)
    try:
        while True:
            waiting = await database.read(waiting_counts)
            if not any(count for queue, count in waiting.items() if queue.startswith(("deliver:", "uncertain:"))):
                return
            assert time.monotonic() < ends, f"still waiting: {waiting}"
            await asyncio.sleep(0.3)
    finally:
        await database.close()


def _arrivals(sink: int) -> dict[int, int]:
    import json
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{sink}/tally/all") as answer:
        return {int(number): int(count) for number, count in json.load(answer).items()}


async def _unmarked(url: str, tracking_ids: list[str]) -> list[str]:
    """Messages that arrived more than once without an event that says it might be so."""
    database = open_database(url)
    try:
        missing = []
        for tracking_id in tracking_ids:
            events = await database.read(lambda c, t=tracking_id: message_events(c, t))  # type: ignore[misc]
            if not any(event["event"] == "uncertain" for event in events):
                missing.append(tracking_id)
        return missing
    finally:
        await database.close()
