"""The SMSC at its SMPP port: binds, takes segments as strictly as a network, answers by the receiver's digits.

It misbehaves on demand; what it is asked and how it answers is in sms_behaviours.py.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator import smpp_wire as wire
from slidewire.simulator.sms_behaviours import TAKEN, Reply, SmsTries, sms_behaviour_of
from slidewire.simulator.sms_receipts import Postman, Taken
from slidewire.simulator.sms_text import Puzzle, read_piece

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from structlog.typing import FilteringBoundLogger

    from slidewire.simulator.settings import SimulatorSettings
    from slidewire.simulator.sms_behaviours import SmsBehaviour
    from slidewire.simulator.texts import Texts

NOT_BOUND, ALREADY_BOUND, NO_SUCH_COMMAND, THROTTLED = 0x04, 0x05, 0x03, 0x58
MAX_CONNECTIONS = 100
BIND_SECONDS = 30.0
#: Seconds of silence after which the other side is asked whether it is there; a second silence ends the session.
SILENCE = 60.0
RECEIVING = frozenset({wire.BIND_RECEIVER, wire.BIND_TRANSCEIVER})
SENDING = frozenset({wire.BIND_TRANSMITTER, wire.BIND_TRANSCEIVER})
_BINDS = RECEIVING | SENDING
GARBAGE = b"HTTP/1.1 400 Bad Request\r\n\r\n"


@dataclass(frozen=True, slots=True)
class SmsDesk:
    """What the SMSC works with."""

    settings: SimulatorSettings
    texts: Texts
    clock: Callable[[], datetime]
    log: FilteringBoundLogger


class Conversation:
    """One connection. ``kind`` is the command it bound with, 0 before."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sequence = 0
        self._asked: dict[int, asyncio.Future[int]] = {}
        self.kind = 0
        self.system_id = ""
        self.closed = False

    async def next(self, seconds: float) -> tuple[wire.Header, bytes]:
        """The next PDU. Raises WireError, TimeoutError, or what a broken connection raises."""
        async with asyncio.timeout(seconds):
            header = wire.read_header(await self._reader.readexactly(16))
            return header, await self._reader.readexactly(header.length - 16)

    async def say(self, octets: bytes) -> None:
        """Write, and wait while the other side does not read."""
        self._writer.write(octets)
        await self._writer.drain()

    async def ask(self, command: int, body: bytes, seconds: float) -> int:
        """A request of ours: the command_status of its answer. Raises TimeoutError or ConnectionError."""
        self._sequence += 1
        sequence = self._sequence
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._asked[sequence] = answer
        try:
            async with asyncio.timeout(seconds):
                await self.say(wire.pack(command, sequence, body))
                return await answer
        finally:
            self._asked.pop(sequence, None)

    def answered(self, header: wire.Header) -> None:
        """An answer to a request of ours came."""
        found = self._asked.get(header.sequence)
        if found is not None and not found.done():
            found.set_result(header.status)

    def cut(self) -> None:
        """End the connection at once."""
        self.closed = True
        self._writer.transport.abort()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError("the session ended"))
                answer.exception()


class Smsc:
    """``open`` it, bind to ``port``, ``close`` it."""

    def __init__(self, desk: SmsDesk) -> None:
        self._desk = desk
        self._settings = desk.settings
        self._tries = SmsTries(desk.settings.first_tries)
        self._puzzle = Puzzle()
        self._postman = Postman(desk, self._receiver_for)
        self._talks: dict[Conversation, asyncio.Task[None]] = {}
        self._late: set[asyncio.Task[None]] = set()
        self._counted = secrets.randbits(40)  # ids that no other run gives
        self._tokens, self._filled_at = desk.settings.smpp_rate, 0.0
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._talk, self._settings.host, self._settings.smpp_port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, end every session, give up receipts that are due."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._postman.stop()
        running = [*self._talks.values(), *self._late]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Conversation(reader, writer)
        task = asyncio.current_task()
        if task is None or len(self._talks) >= MAX_CONNECTIONS:
            talk.cut()
            return
        self._talks[talk] = task
        try:
            await self._bound(talk)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        except wire.WireError as wrong:
            self._desk.log.info("smpp session ended", reason=str(wrong))
            with suppress(ConnectionError):
                await talk.say(wire.pack(wire.GENERIC_NACK, 0, status=wrong.status))
        except asyncio.CancelledError:
            pass  # we stop; asyncio's server would log it
        finally:
            del self._talks[talk]
            talk.cut()

    async def _bound(self, talk: Conversation) -> None:
        """Obey until the session ends."""
        silences = 0
        while True:
            try:
                header, body = await talk.next(SILENCE if talk.kind else BIND_SECONDS)
            except TimeoutError:
                silences += 1
                if not talk.kind or silences > 1:
                    return
                await talk.say(wire.pack(wire.ENQUIRE_LINK, 0x7FFFFFFF))
                continue
            silences = 0
            if header.command & wire.RESP:
                talk.answered(header)
            elif header.command in _BINDS:
                if not await self._bind(talk, header, body):
                    return
            elif header.command == wire.SUBMIT_SM:
                await self._submit(talk, header, body)
            elif header.command == wire.ENQUIRE_LINK:
                await talk.say(wire.pack(header.command | wire.RESP, header.sequence))
            elif header.command == wire.UNBIND:
                await talk.say(wire.pack(header.command | wire.RESP, header.sequence))
                return
            else:
                await talk.say(wire.pack(wire.GENERIC_NACK, header.sequence, status=NO_SUCH_COMMAND))

    async def _bind(self, talk: Conversation, header: wire.Header, body: bytes) -> bool:
        """Let in whoever may; whether the session goes on."""
        try:
            status = ALREADY_BOUND if talk.kind else self._judge(wire.read_login(body))
        except wire.WireError as wrong:
            status = wrong.status
        answer = wire.login_answer("simulator") if status == 0 else b""
        await talk.say(wire.pack(header.command | wire.RESP, header.sequence, answer, status))
        if status == 0:
            talk.kind, talk.system_id = header.command, wire.read_login(body).system_id
            self._desk.log.info("smpp bound", system_id=talk.system_id, kind=talk.kind)
        return status in (0, ALREADY_BOUND)

    def _judge(self, login: wire.Login) -> int:
        wanted = self._settings.smpp_system_id
        if not wanted:
            return 0
        if not hmac.compare_digest(login.system_id.encode(), wanted.encode()):
            return 0x0F
        right = hmac.compare_digest(login.password.encode(), self._settings.smpp_password.encode())
        return 0 if right else 0x0E

    async def _submit(self, talk: Conversation, header: wire.Header, body: bytes) -> None:
        try:
            if talk.kind not in SENDING:
                raise wire.WireError(NOT_BOUND, "submit_sm without a bind for it")
            submit = wire.read_submit(body)
            _check_receiver(submit.receiver)
            piece = read_piece(submit)
            if not self._has_token():
                raise wire.WireError(THROTTLED, "over smpp_rate")
        except wire.WireError as wrong:
            if wrong.status != THROTTLED:
                self._desk.log.info("submit_sm refused", reason=str(wrong), status=wrong.status)
            await talk.say(wire.pack(wire.SUBMIT_SM | wire.RESP, header.sequence, status=wrong.status))
            return
        behaviour = sms_behaviour_of(submit.receiver)
        reply = behaviour.reply
        if behaviour.first_tries and self._tries.is_over(submit.receiver, behaviour):
            reply = Reply.TAKE
        if await self._refused(talk, header, reply, behaviour):
            return
        self._counted += 1
        taken = Taken(submit, self._counted, behaviour)
        whole = self._puzzle.add(submit, piece, taken.told_id)
        if whole is not None:
            self._desk.texts.keep(submit, whole, self._desk.clock())
        await self._answer(talk, header, reply, taken)

    async def _refused(self, talk: Conversation, header: wire.Header, reply: Reply, behaviour: SmsBehaviour) -> bool:
        """Answer a segment that is not taken; whether it was one."""
        if reply is Reply.STATUS:
            await talk.say(wire.pack(wire.SUBMIT_SM | wire.RESP, header.sequence, status=behaviour.status))
        elif reply is Reply.NACK:
            await talk.say(wire.pack(wire.GENERIC_NACK, header.sequence, status=behaviour.status))
        elif reply is Reply.GARBAGE:
            await talk.say(GARBAGE)
            raise ConnectionAbortedError("as the row says")
        else:
            return False
        return True

    async def _answer(self, talk: Conversation, header: wire.Header, reply: Reply, taken: Taken) -> None:
        """Answer a segment that was taken, and let its receipts follow."""
        octets = wire.pack(wire.SUBMIT_SM | wire.RESP, header.sequence, taken.told_id.encode() + b"\0")
        if reply is Reply.SLOW:
            self._later(self._settings.slow_answer, talk, octets, taken)
            return
        if taken.behaviour.early:
            self._postman.hurry(talk, taken, lambda: self._later(0, talk, octets, None))
            return
        self._postman.plan(talk, taken)
        if reply is Reply.CUT:
            raise ConnectionAbortedError("as the row says")
        if reply not in TAKEN:
            await talk.say(octets)

    def _later(self, seconds: float, talk: Conversation, octets: bytes, taken: Taken | None) -> None:
        """Answer after a wait, while the session goes on."""

        async def answer() -> None:
            await asyncio.sleep(seconds)
            with suppress(ConnectionError):
                await talk.say(octets)
            if taken is not None:
                self._postman.plan(talk, taken)

        task = asyncio.create_task(answer())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def say(self, phone: str, number: str, text: str) -> str:
        """Let a phone send a text to a number; empty when it was taken, else why not."""
        way = next((talk for talk in self._talks if talk.kind in RECEIVING and not talk.closed), None)
        if way is None:
            return "nobody is bound to receive"
        body = wire.Delivery(phone, number, text, esm_class=0).body()
        try:
            status = await way.ask(wire.DELIVER_SM, body, self._settings.report_timeout)
        except (ConnectionError, TimeoutError) as error:
            return f"no answer: {type(error).__name__}"
        return f"command_status 0x{status:02X}" if status else ""

    def _receiver_for(self, talk: Conversation) -> Conversation | None:
        """Where receipts for ``talk``'s segments go: itself, else another session of the same system_id."""
        if talk.kind in RECEIVING and not talk.closed:
            return talk
        return next((each for each in self._talks if each.kind in RECEIVING and each.system_id == talk.system_id), None)

    def _has_token(self) -> bool:
        """Whether ``smpp_rate`` allows one more segment; at most a second's worth is saved up."""
        rate = self._settings.smpp_rate
        if not rate:
            return True
        now = asyncio.get_running_loop().time()
        self._tokens = min(self._tokens + (now - self._filled_at) * rate, max(rate, 1.0))
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def _check_receiver(receiver: str) -> None:
    if not (receiver.isdigit() and 7 <= len(receiver) <= 15 and receiver[0] != "0"):
        raise wire.WireError(0x0B, "the receiver is no number")
