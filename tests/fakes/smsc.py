"""An SMSC that answers each submit_sm with exactly the bytes that a test gives it. It reads the wire by itself.

    async with RawServer(FakeSmsc(resp(0x58))) as server: ...

``server.script`` may be changed to another FakeSmsc while connections live: the next answer is its.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.raw_server import Peer, Received

_HEAD = struct.Struct(">IIII")
BINDS = (1, 2, 9)
SUBMIT_SM, UNBIND, ENQUIRE_LINK = 4, 6, 0x15


@dataclass(frozen=True, slots=True)
class Asked:
    """One PDU as it came."""

    command: int
    status: int
    sequence: int
    body: bytes


Answer = Callable[[Asked], bytes]


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return _HEAD.pack(16 + len(body), command, status, sequence) + body


def resp(status: int, body: bytes = b"") -> Answer:
    """A submit_sm_resp."""
    return lambda asked: pdu(asked.command | 0x80000000, asked.sequence, body, status)


def ECHO(asked: Asked) -> bytes:  # noqa: N802 - a constant that happens to be a function
    """A refusal that quotes us."""
    return pdu(asked.command | 0x80000000, asked.sequence, asked.body[:60], 0x08)


@dataclass
class FakeSmsc:
    """A script of RawServer. ``bind``: the answer to binds; ``close``: hang up after the first answer."""

    answer: Answer
    bind: Answer = field(default=lambda asked: pdu(asked.command | 0x80000000, asked.sequence, b"fake\0"))
    close: bool = False

    async def __call__(self, peer: Peer) -> None:
        while (asked := await read(peer)) is not None:
            script = peer.server.script
            now = script if isinstance(script, FakeSmsc) else self
            name = {SUBMIT_SM: "submit_sm"}.get(asked.command, f"{asked.command:#x}")
            if asked.command == SUBMIT_SM:
                peer.server.requests.append(Received(name, {}, asked.body, peer.number))
                await peer.send(now.answer(asked))
                if now.close:
                    return
            elif asked.command in BINDS:
                await peer.send(now.bind(asked))
            elif asked.command in (UNBIND, ENQUIRE_LINK):
                await peer.send(pdu(asked.command | 0x80000000, asked.sequence))


async def read(peer: Peer) -> Asked | None:
    """The next PDU; None when the connection has ended."""
    try:
        length, command, status, sequence = _HEAD.unpack(await peer.reader.readexactly(16))
        return Asked(command, status, sequence, await peer.reader.readexactly(length - 16))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
