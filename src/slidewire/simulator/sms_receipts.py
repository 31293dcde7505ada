"""Receipts of SMS: when they go, in which form, and how often one is tried until the ESME takes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slidewire.simulator import smpp_wire as wire
from slidewire.simulator.sms_behaviours import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from slidewire.simulator.sms_behaviours import SmsBehaviour, Stat
    from slidewire.simulator.smsc import Conversation, SmsDesk

#: Receipts that wait for their answers at once.
WINDOW = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """One segment that was taken."""

    submit: wire.Submit
    number: int
    behaviour: SmsBehaviour

    @property
    def told_id(self) -> str:
        """Its id as the answer tells it."""
        return f"{self.number:X}" if self.behaviour.hex_ids else str(self.number)


class Postman:
    """Follows every segment until its last receipt is taken or given up."""

    def __init__(self, desk: SmsDesk, way_back: Callable[[Conversation], Conversation | None]) -> None:
        self._desk = desk
        self._way_back = way_back
        self._following: set[asyncio.Task[None]] = set()
        self._lines = asyncio.Semaphore(WINDOW)

    async def stop(self) -> None:
        """Give up what is still due."""
        following = list(self._following)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    def plan(self, talk: Conversation, taken: Taken) -> None:
        """Let the receipts of one segment follow."""
        self._start(self._follow(talk, taken, self._desk.settings.report_after))

    def hurry(self, talk: Conversation, taken: Taken, after: Callable[[], None]) -> None:
        """Send the receipts at once, and only then call ``after``."""

        async def follow() -> None:
            await self._follow(talk, taken, 0)
            after()

        self._start(follow())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow(self, talk: Conversation, taken: Taken, delay: float) -> None:
        for stat in taken.behaviour.receipts:
            await asyncio.sleep(delay)
            self._desk.texts.mark(taken.told_id, stat.name)
            if taken.submit.wants_receipt:
                body = receipt_of(taken, stat, self._desk.clock()).body()
                for _ in range(taken.behaviour.copies):
                    await self._deliver(talk, body)
            delay = self._desk.settings.report_after

    async def _deliver(self, talk: Conversation, body: bytes) -> None:
        """One receipt, tried until it is taken: as many tries as there are pauses, and one."""
        reason = ""
        for pause in (*self._desk.settings.report_backoff, None):
            way = self._way_back(talk)
            reason = await self._try(way, body) if way is not None else "nobody is bound to receive"
            if not reason or pause is None:
                break
            await asyncio.sleep(pause)
        if reason:
            self._desk.log.warning("receipt given up", reason=reason)

    async def _try(self, way: Conversation, body: bytes) -> str:
        """Deliver once; empty when the receipt was taken, else why not."""
        try:
            async with self._lines:
                status = await way.ask(wire.DELIVER_SM, body, self._desk.settings.report_timeout)
        except (ConnectionError, TimeoutError) as error:
            return f"no answer: {type(error).__name__}"
        return f"command_status 0x{status:02X}" if status else ""


def receipt_of(taken: Taken, stat: Stat, now: datetime) -> wire.Delivery:
    """The receipt in the form that the row asks for."""
    form = taken.behaviour.form
    text = "" if form is Form.TAGS else _words(str(taken.number), stat, now)
    if form is Form.TEXT:
        text = text.replace("id:", "ID:").replace("stat:", "Stat:").replace("text:", "Text:")
    tags: tuple[tuple[int, bytes], ...] = ()
    if form is not Form.TEXT:
        named = str(taken.number).encode() + b"\0"
        tags = ((wire.RECEIPTED_MESSAGE_ID, named), (wire.MESSAGE_STATE, bytes((stat.value,))))
    submit = taken.submit
    kind = 0x20 if stat.name == "ENROUTE" else 0x04
    return wire.Delivery(submit.receiver, submit.source, text, kind, tags)


def _words(message_id: str, stat: Stat, now: datetime) -> str:
    moment = f"{now:%y%m%d%H%M}"
    delivered = int(stat.name == "DELIVRD")
    error = 0 if delivered or stat.name == "ENROUTE" else 1
    return (
        f"id:{message_id} sub:001 dlvrd:00{delivered} submit date:{moment} done date:{moment} "
        f"stat:{stat.name} err:00{error} text:stat:none"
    )
