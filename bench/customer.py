"""A customer in one process: posts until it is answered, has its pictures fetched, catches its postbacks.

Beside it a door for receipts that leads to any living API process, as a balancer in front of them would. It prints its
port and the door's; ``POST /start`` takes the orders as JSON, ``GET /seen`` tells all that was answered and caught.
"""

import asyncio
import json
import re
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>{to}</TO><FROM>24680</FROM>"
    "<SUBJECT>chaos {n}</SUBJECT><NAME>chaos</NAME><SLIDE><IMAGE><URL>{media}</URL></IMAGE><TEXT>chaos {n}</TEXT>"
    "</SLIDE></REQUEST>"
)
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_STATUS = re.compile(rb"<STATUS>Success")
_TRACKING = re.compile(rb"<TRACKINGID>([^<]+)<")
_CODE = re.compile(rb"<CODE>([^<]+)<")
_WEBHOOK = re.compile(rb"(?i)\r\nwebhook-id: *([^\r]+)")
_LIMIT = 5_000_000
#: What receivers end in that are never delivered to: expired, rejected, refused, unknown. Others ask for nothing.
_ENDINGS = {1: "01", 2: "02", 3: "08", 4: "19"}
#: Seconds before a request is asked again.
_PAUSE = 0.2

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@dataclass(frozen=True)
class Orders:
    """What to post, where, and what of the postbacks is refused."""

    ports: list[int]  #: of the API processes: each request goes to any of them
    key: str
    seconds: float
    rate: float  #: requests a second over all callers
    callers: int = 16
    shared_every: int = 10  #: one request in so many shows a picture that others show too
    refused: float = 2.0  #: percent of the postbacks that are answered 503
    seed: int = 1


@dataclass
class Seen:
    """What the customer knows."""

    asked: int = 0
    tries: int = 0
    answers: dict[int, str] = field(default_factory=dict)  #: number of the request -> tracking id
    refused: dict[str, int] = field(default_factory=dict)  #: Failures, by their first words
    told: list[tuple[str, str, str]] = field(default_factory=list)  #: received: tracking id, code, the postback's id
    posts: int = 0
    is_over: bool = False


class Customer:
    """The server and the callers."""

    def __init__(self, image: bytes) -> None:
        self._image = image
        self.port = 0
        self.seen = Seen()
        self._orders = Orders([], "", 0, 1)
        self._chance = Random(0)
        self._calling: asyncio.Task[None] | None = None
        self._doors: dict[bytes, Callable[[bytes, bytes, bytes], Awaitable[tuple[int, bytes]]]] = {
            b"media": self._picture,
            b"postback": self._postback,
            b"start": self._start,
            b"seen": self._tell,
        }

    async def answer(self, reader: Reader, writer: Writer) -> None:
        """One connection of whoever asks us."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                head, body = await _message(reader)
                path = head.split(b" ", 2)[1]
                status, said = await self._doors[path.split(b"/")[1]](path, head, body)
                writer.write(b"HTTP/1.1 %d Word\r\nContent-Length: %d\r\n" % (status, len(said)))
                writer.write(b"Content-Type: image/jpeg\r\n\r\n" + said)
                await writer.drain()
        writer.close()

    async def pass_on(self, reader: Reader, writer: Writer) -> None:
        """One connection of the MMSC: to any API process that takes it."""
        ports = self._orders.ports.copy()
        self._chance.shuffle(ports)
        for port in ports:
            with suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
                return
        writer.close()

    async def _picture(self, path: bytes, _head: bytes, _body: bytes) -> tuple[int, bytes]:
        note = b"\xff\xfe" + (len(path) + 2).to_bytes(2, "big") + path  # a comment: every address has bytes of its own
        return 200, self._image[:2] + note + self._image[2:]

    async def _postback(self, _path: bytes, head: bytes, body: bytes) -> tuple[int, bytes]:
        self.seen.posts += 1
        if self._chance.uniform(0, 100) < self._orders.refused:
            return 503, b""
        named = [found[1].decode() if found else "" for found in (_TRACKING.search(body), _CODE.search(body))]
        webhook = _WEBHOOK.search(head)
        self.seen.told.append((named[0], named[1], webhook[1].decode() if webhook else ""))
        return 200, b""

    async def _start(self, _path: bytes, _head: bytes, body: bytes) -> tuple[int, bytes]:
        self._orders = Orders(**json.loads(body))
        self._chance = Random(self._orders.seed)
        self._calling = asyncio.create_task(self._call())
        return 200, b""

    async def _tell(self, _path: bytes, _head: bytes, _body: bytes) -> tuple[int, bytes]:
        return 200, json.dumps(asdict(self.seen)).encode()

    async def _call(self) -> None:
        began = time.monotonic()

        async def caller() -> None:
            while time.monotonic() - began < self._orders.seconds:
                self.seen.asked += 1
                number = self.seen.asked
                await asyncio.sleep(max(began + number / self._orders.rate - time.monotonic(), 0))
                while not await self._post(number):  # noqa: ASYNC110  # it asks the gateway, not us
                    await asyncio.sleep(_PAUSE)

        await asyncio.gather(*(caller() for _ in range(self._orders.callers)))
        self.seen.is_over = True

    async def _post(self, number: int) -> bool:
        """Ask any API process; False: ask again, under the same key."""
        self.seen.tries += 1
        try:
            async with asyncio.timeout(60):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._chance.choice(self._orders.ports))
                try:
                    writer.write(self._request(number))
                    _, answer = await _message(reader)
                finally:
                    writer.close()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return False
        tracking = _TRACKING.search(answer)
        if _STATUS.search(answer) and tracking:
            self.seen.answers[number] = tracking[1].decode()
            return True
        words = answer[:300].decode("utf-8", "replace")
        self.seen.refused[words] = self.seen.refused.get(words, 0) + 1
        return b"E503" not in answer

    def _request(self, number: int) -> bytes:
        shared = number % self._orders.shared_every == 0
        media = f"http://127.0.0.1:{self.port}/media/{'shared' if shared else number}.jpg"
        phone = f"1555765{number // 50 % 100:02d}{_ENDINGS.get(number % 50) or 50 + number % 50}"
        words = {"key": self._orders.key, "to": phone, "n": f"{number:08d}", "media": media}
        body = BODY.format(**words).encode()
        head = f"POST /API/wxml/1.3/ HTTP/1.1\r\nHost: gateway\r\nIdempotency-Key: order-{number}\r\n"
        return f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _message(reader: Reader) -> tuple[bytes, bytes]:
    """Head and body of a request or an answer. Raises IncompleteReadError."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head, await reader.readexactly(int(length[1])) if length else b""


async def _pump(reader: Reader, writer: Writer) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


async def _serve(image: Path) -> None:
    customer = Customer(image.read_bytes())
    server = await asyncio.start_server(customer.answer, "127.0.0.1", 0, limit=_LIMIT)
    door = await asyncio.start_server(customer.pass_on, "127.0.0.1", 0)
    customer.port = server.sockets[0].getsockname()[1]
    print(customer.port, door.sockets[0].getsockname()[1], sep="\n", flush=True)
    await asyncio.gather(server.serve_forever(), door.serve_forever())


def main() -> None:
    """Serve until killed; the argument is a picture."""
    uvloop.run(_serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
