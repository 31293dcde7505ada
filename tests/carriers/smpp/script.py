"""An SMSC that binds, answers, runs what a test wants once it is bound, and keeps what it was told."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.carriers.smpp.build import a_delivery
from tests.fakes.raw_server import Peer
from tests.fakes.smsc import BINDS, ENQUIRE_LINK, SUBMIT_SM, UNBIND, Asked, pdu, read, resp

from slidewire.carriers.smpp.pdu import Command, write_message

ANSWER = 0x80000000
DELIVER_SM_RESP = ANSWER | Command.DELIVER_SM
OK = resp(0, b"1\0")


class Script:
    """An SMSC that binds, answers submits, runs ``also`` once bound, and keeps what it was told."""

    def __init__(self, also: Callable[[Peer], Awaitable[None]] | None = None) -> None:
        self.heard: list[Asked] = []
        self.peers: list[Peer] = []
        self._also = also

    async def __call__(self, peer: Peer) -> None:
        self.peers.append(peer)
        running: list[asyncio.Task[None]] = []
        try:
            while (asked := await read(peer)) is not None:
                self.heard.append(asked)
                if asked.command in BINDS:
                    await peer.send(pdu(asked.command | ANSWER, asked.sequence, b"fake\0"))
                    if self._also is not None:
                        running.append(asyncio.ensure_future(self._also(peer)))
                elif asked.command == SUBMIT_SM:
                    await peer.send(OK(asked))
                elif asked.command in (UNBIND, ENQUIRE_LINK):
                    await peer.send(pdu(asked.command | ANSWER, asked.sequence))
        finally:
            for task in running:
                task.cancel()

    def commands(self) -> list[int]:
        return [asked.command for asked in self.heard]

    def answers(self, command: int = DELIVER_SM_RESP) -> dict[int, int]:
        """sequence -> command_status of the answers that we gave."""
        return {asked.sequence: asked.status for asked in self.heard if asked.command == command}


def deliver(sequence: int, text: str | None = None) -> bytes:
    words = f"id:{sequence} stat:DELIVRD" if text is None else text
    return pdu(Command.DELIVER_SM, sequence, write_message(a_delivery(words.encode())))


def sending(*pdus: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def also(peer: Peer) -> None:
        await peer.send(b"".join(pdus))

    return also
