"""A small SMPP client for the simulator's tests: it sends exactly what it is told and keeps what comes."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Self

_HEAD = struct.Struct(">IIII")
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 1, 2, 9
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 4, 5, 6, 0x15
RESP = 0x80000000


@dataclass(frozen=True)
class Heard:
    """One PDU from the SMSC."""

    command: int
    status: int
    sequence: int
    body: bytes

    @property
    def id(self) -> str:
        return self.body.partition(b"\0")[0].decode()


@dataclass
class Esme:
    """Bound by ``async with``; ``receipt_status`` is what deliveries are answered with, None: not at all."""

    port: int
    kind: int = BIND_TRANSCEIVER
    login: bytes = b"gw\0secret\0\0\x34\0\0\0"
    receipt_status: int | None = 0
    heard: list[Heard] = field(default_factory=list)
    deliveries: list[Heard] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        await self.connect()
        await self.ask(self.kind, self.login)
        return self

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._sequence = 0
        self._listening = asyncio.create_task(self._listen())

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        self._writer.transport.abort()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                length, command, status, sequence = _HEAD.unpack(await self._reader.readexactly(16))
                found = Heard(command, status, sequence, await self._reader.readexactly(length - 16))
            except (asyncio.IncompleteReadError, ConnectionError):
                self.heard.append(Heard(0, 0, 0, b"closed"))
                return
            if command == DELIVER_SM:
                self.deliveries.append(found)
                if self.receipt_status is not None:
                    self.send(DELIVER_SM | RESP, sequence, b"\0", self.receipt_status)
            else:
                self.heard.append(found)

    def send(self, command: int, sequence: int, body: bytes = b"", status: int = 0) -> None:
        self._writer.write(_HEAD.pack(16 + len(body), command, status, sequence) + body)

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def ask(self, command: int, body: bytes = b"") -> Heard:
        """A request and its answer; the connection's end counts as one."""
        self._sequence += 1
        sequence, before = self._sequence, len(self.heard)
        self.send(command, sequence, body)
        async with asyncio.timeout(5):
            while True:
                for found in self.heard[before:]:
                    if found.sequence == sequence or found.body == b"closed":
                        return found
                await asyncio.sleep(0.002)

    async def submit(self, receiver: str = "447700900123", text: bytes = b"Hello", **fields: int) -> Heard:
        return await self.ask(SUBMIT_SM, submit_body(receiver, text, **fields))


def submit_body(
    receiver: str = "447700900123",
    text: bytes = b"Hello",
    esm_class: int = 0,
    coding: int = 0,
    registered: int = 1,
) -> bytes:
    return b"".join(
        (
            b"\0\x03\0" + b"28444\0\x01\x01",
            receiver.encode() + b"\0",
            bytes((esm_class, 0, 0)) + b"\0\0",
            bytes((registered, 0, coding, 0, len(text))),
            text,
        )
    )
