"""One TCP connection that speaks SMPP: requests with their answers by sequence number, and the peer's own requests.

What the peer delivers is answered when its taker has returned; meanwhile everything behind it is read. A taker that
falls behind stops the reading, so that memory stays bounded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import structlog

from slidewire.carriers.smpp import status
from slidewire.carriers.smpp.pdu import MAX_SEQUENCE, RESPONSE, Command, Framer, Pdu, PduError, write

_LOG = structlog.get_logger(__name__)

#: Deliveries that are being stored at once.
DELIVERIES = 500

#: Takes one deliver_sm; what it returns is the command_status of the answer.
Taker = Callable[[Pdu], Awaitable[int]]


class LinkBroken(Exception):  # noqa: N818 - named for what it says
    """The connection ended before an answer came. ``sent``: whether all of the request had left us (durability 3)."""

    def __init__(self, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.words = words
        self.sent = sent


class _Asked:
    """A request without its answer yet."""

    __slots__ = ("answer", "command", "end")

    def __init__(self, command: int, end: int, answer: "asyncio.Future[Pdu]") -> None:
        self.command = command
        self.end = end  # bytes that had been written to the connection with it
        self.answer = answer


class Link(asyncio.Protocol):
    """The client's end. ``ended`` is set once the connection is gone; ``why`` says how."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._framer = Framer()
        self._asked: dict[int, _Asked] = {}
        self._sequence = 0
        self._transport: asyncio.Transport | None = None
        self._storing: set[asyncio.Task[None]] = set()
        self._reading = True
        self._writable = asyncio.Event()
        self._written = 0
        self._flushed = 0
        self._leaving: list[bytes] = []  # written in this turn of the loop: they leave in one go
        self.ended = asyncio.Event()
        self.why = ""
        self.heard_at = 0.0  #: the loop's time at which the peer last said something

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = stream = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        # What the kernel has not taken is known (durability 3); 1 because asyncio's TLS never resumes from 0. Under TLS
        # a little may still wait unseen: then we call sent what was not, and a message uncertain rather than doubled.
        stream.set_write_buffer_limits(high=1, low=0)
        self._writable.set()
        self.heard_at = asyncio.get_running_loop().time()

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The kernel took everything."""
        self._flushed = self._written
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Bytes from the peer."""
        self.heard_at = asyncio.get_running_loop().time()
        self._framer.feed(data)
        self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: every request without an answer hears of it."""
        self.why = self.why or (f"connection lost: {exc}" if exc else "the peer closed the connection")
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(LinkBroken(self.why, sent=asked.end <= self._flushed))
        self._asked.clear()
        self._writable.set()
        self.ended.set()

    async def ask(self, command: Command, body: bytes, seconds: float) -> Pdu:
        """Send a request and wait for its answer.

        Raises LinkBroken, also when no answer comes within ``seconds``.
        """
        answer: asyncio.Future[Pdu] | None = None
        sequence = self._next_sequence()
        sent_to = 0
        try:
            async with asyncio.timeout(seconds):
                await self._writable.wait()
                if self._transport is None or self.ended.is_set() or self._transport.is_closing():
                    raise LinkBroken(self.why or "the connection is closing", sent=False)
                answer = asyncio.get_running_loop().create_future()
                sent_to = self._write(write(command, sequence, body))
                self._asked[sequence] = _Asked(command, sent_to, answer)
                return await answer
        except TimeoutError:
            sent = answer is not None and sent_to <= self._flushed
            raise LinkBroken(f"no answer within {seconds:g} s", sent=sent) from None
        finally:
            self._asked.pop(sequence, None)
            if answer is not None and answer.done() and not answer.cancelled():
                answer.exception()  # seen: who asked may have been cancelled at the same moment

    async def goodbye(self, seconds: float) -> None:
        """Unbind, let deliveries be answered, close."""
        if not self.ended.is_set():
            if self._storing:
                await asyncio.wait(self._storing, timeout=seconds)
            with suppress(LinkBroken):
                await self.ask(Command.UNBIND, b"", seconds)
        self.abort("closed by us")

    def abort(self, why: str) -> None:
        """End the connection at once."""
        self.why = self.why or why
        for task in self._storing:
            task.cancel()
        self._flush()
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> int:
        """Write at the end of this turn of the loop; how many bytes the connection will have been given by then."""
        if not self._leaving:
            asyncio.get_running_loop().call_soon(self._flush)
        self._leaving.append(data)
        self._written += len(data)
        return self._written

    def _flush(self) -> None:
        """Give the connection what was written: one call for all, many PDUs are short."""
        data = b"".join(self._leaving)
        self._leaving.clear()
        if not data or self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._writable.is_set():
            self._flushed = self._written

    def _next_sequence(self) -> int:
        while True:
            self._sequence = self._sequence % MAX_SEQUENCE + 1
            if self._sequence not in self._asked:
                return self._sequence

    def _read_on(self) -> None:
        """Obey every PDU that is there, as long as deliveries have room."""
        try:
            while len(self._storing) < DELIVERIES:
                pdu = self._framer.next()
                if pdu is None:
                    return
                self._obey(pdu)
        except PduError as error:
            self._answer(Command.GENERIC_NACK, 0, status.BAD_LENGTH)
            self.abort(f"the peer does not speak SMPP: {error}")
            return
        if self._reading and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()

    def _obey(self, pdu: Pdu) -> None:
        if pdu.is_response:
            self._answered(pdu)
        elif pdu.command == Command.DELIVER_SM:
            task = asyncio.create_task(self._deliver(pdu))
            self._storing.add(task)
            task.add_done_callback(self._stored)
        elif pdu.command == Command.ENQUIRE_LINK:
            self._answer(Command.ENQUIRE_LINK, pdu.sequence, status.OK)
        elif pdu.command == Command.UNBIND:
            self._answer(Command.UNBIND, pdu.sequence, status.OK)
            self.why = "the peer unbound"
            self._flush()
            if self._transport is not None:
                self._transport.close()
        elif pdu.command != Command.ALERT_NOTIFICATION:  # which has no answer
            self._answer(Command.GENERIC_NACK, pdu.sequence, status.BAD_COMMAND)

    def _answered(self, pdu: Pdu) -> None:
        asked = self._asked.get(pdu.sequence)
        if asked is None or asked.answer.done():
            return  # too late: whoever asked has gone
        if pdu.command not in (asked.command | RESPONSE, RESPONSE):
            error = LinkBroken(f"answered by command 0x{pdu.command:08X}", sent=True)
            asked.answer.set_exception(error)
        else:
            asked.answer.set_result(pdu)

    async def _deliver(self, pdu: Pdu) -> None:
        self._answer(Command.DELIVER_SM, pdu.sequence, await self._taker(pdu))

    def _stored(self, task: "asyncio.Task[None]") -> None:
        self._storing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("delivery not answered", exc_info=error)
        if self.ended.is_set() or self._transport is None or self._transport.is_closing():
            return
        if not self._reading and len(self._storing) < DELIVERIES:
            self._reading = True
            self._read_on()
            if self._reading:
                self._transport.resume_reading()

    def _answer(self, command: Command, sequence: int, code: int) -> None:
        if self._transport is None or self.ended.is_set():
            return
        body = b"\0" if command is Command.DELIVER_SM else b""  # its message_id, which SMPP leaves empty
        self._write(write(command | RESPONSE, sequence, body, code))
