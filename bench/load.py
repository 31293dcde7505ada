"""The load: keep-alive connections that post one request after the other, in a process of its own.

Reads its orders as JSON from standard input, prints its result as JSON: what was answered Success, how long each
took, and its own CPU.
"""

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httptools
import uvloop


@dataclass
class Orders:
    """What to post. ``{n}`` in the body is the request's number, ``{media}`` its media address."""

    port: int
    path: str
    body: str
    connections: int
    seconds: float
    rate: float = 0.0  #: requests a second over all connections; 0: as fast as they are answered
    media: str = ""
    fresh_every: int = 10  #: one request in so many uses a new media address; 0: none
    first: int = 0  #: number of the first request
    count: int = 0  #: stop after so many; 0: by time only
    accept_any: bool = False  #: the ceiling's answer says nothing
    asks: list[str] = field(default_factory=list)  #: heads of requests to be asked in turn; empty: the POST above
    stamps: str = ""  #: a file to write down when each request was posted: its number, Unix seconds


@dataclass
class Tally:
    """What happened."""

    sent: int = 0
    success: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    posted_at: dict[int, float] = field(default_factory=dict)  #: number -> Unix time


class Caller(asyncio.Protocol):
    """One connection; ``ask`` posts and waits for the answer."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[bytes] | None = None
        self._pieces: list[bytes] = []
        self._parser: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    @property
    def is_good(self) -> bool:
        """Whether the last answer was a file or a part of one."""
        return self._parser.get_status_code() in {200, 206}

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(b"".join(self._pieces))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("closed"))

    async def ask(self, request: bytes) -> bytes:
        self._answer = asyncio.get_running_loop().create_future()
        self._pieces = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        return await self._answer


async def run(orders: Orders) -> Tally:
    """Post until the time or the count is over."""
    tally = Tally()
    ends = time.perf_counter() + orders.seconds
    started = time.perf_counter()

    async def post_on_and_on() -> None:
        _, caller = await asyncio.get_running_loop().create_connection(Caller, "127.0.0.1", orders.port)
        while time.perf_counter() < ends and not (orders.count and tally.sent >= orders.count):
            number = tally.sent
            tally.sent += 1
            if orders.rate:
                await asyncio.sleep(max(started + number / orders.rate - time.perf_counter(), 0))
            if orders.stamps:
                tally.posted_at[orders.first + number] = time.time()
            before = time.perf_counter()
            answer = await caller.ask(_request(orders, orders.first + number))
            tally.seconds.append(time.perf_counter() - before)
            good = caller.is_good if orders.asks else b"<STATUS>Success" in answer
            if orders.accept_any or good:
                tally.success += 1
            else:
                word = answer[:200].decode("utf-8", "replace")
                tally.refused[word] = tally.refused.get(word, 0) + 1

    await asyncio.gather(*(post_on_and_on() for _ in range(orders.connections)))
    return tally


def _request(orders: Orders, number: int) -> bytes:
    if orders.asks:
        return orders.asks[number % len(orders.asks)].encode()
    media = orders.media
    if orders.fresh_every and number % orders.fresh_every == 0:
        media = media.replace(".jpg", f"-{number}.jpg")
    body = orders.body.replace("{n}", f"{number:08d}").replace("{media}", media).encode()
    head = (
        f"POST {orders.path} HTTP/1.1\r\nHost: 127.0.0.1:{orders.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    """Read orders, do them, print what happened."""
    orders = Orders(**json.loads(sys.stdin.read()))
    started = time.perf_counter()
    tally = uvloop.run(run(orders))
    took = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    times = sorted(tally.seconds)
    if orders.stamps:
        Path(orders.stamps).write_text(json.dumps(tally.posted_at))
    print(
        json.dumps(
            {
                "sent": tally.sent,
                "success": tally.success,
                "refused": tally.refused,
                "seconds": took,
                "rate": tally.success / took,
                "p50_ms": 1000 * times[len(times) // 2] if times else None,
                "p99_ms": 1000 * times[int(len(times) * 0.99)] if times else None,
                "cpu_seconds": used.ru_utime + used.ru_stime,
            }
        )
    )


if __name__ == "__main__":
    main()
