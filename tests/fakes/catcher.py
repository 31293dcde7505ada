"""A customer's postback address on loopback: catches what is posted, answers as it is told."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from tests.fakes.raw_server import Peer, RawServer

_ELEMENT = re.compile(r"<([A-Z_]+)>([^<]*)</\1>")


@dataclass(frozen=True, slots=True)
class Caught:
    """One postback."""

    fields: dict[str, str]  #: element -> text, in the order they came
    headers: dict[str, str]
    status: int  #: what it was answered
    body: bytes = b""

    @property
    def code(self) -> str:
        return self.fields["CODE"]


class Catcher:
    """The server. ``answer`` is called with the number of each post, the first is 1."""

    def __init__(self, answer: Callable[[int], int] = lambda number: 200, delay: float = 0.0) -> None:
        self.raw = RawServer(self._script)
        self.answer = answer
        self.delay = delay
        self.posts: list[Caught] = []

    @property
    def url(self) -> str:
        return self.raw.url("/postback")

    def received(self, tracking_id: str = "") -> list[Caught]:
        """What was answered 2xx, of one message or of all."""
        return [p for p in self.posts if 200 <= p.status < 300 and tracking_id in {"", p.fields.get("TRACKINGID", "")}]

    async def __aenter__(self) -> Self:
        await self.raw.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.raw.__aexit__()

    async def _script(self, peer: Peer) -> None:
        while (request := await peer.request()) is not None:
            status = self.answer(len(self.posts) + 1)
            fields = dict(_ELEMENT.findall(request.body.decode()))
            self.posts.append(Caught(fields, request.headers, status, request.body))
            if self.delay:
                await asyncio.sleep(self.delay)
            await peer.send(f"HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n".encode())
