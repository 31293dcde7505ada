"""The simulator put together: MMSC, SMSC, reports and handset, on three ports, inside the caller's event loop."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import structlog

from slidewire.simulator.answers import Dialect, Writer
from slidewire.simulator.behaviours import behaviour_table
from slidewire.simulator.chaos import chaos_table
from slidewire.simulator.door import Door
from slidewire.simulator.handset import Handset
from slidewire.simulator.inbox import Inbox
from slidewire.simulator.mmsc import PATH, Mmsc
from slidewire.simulator.reports import Desk, Reporter
from slidewire.simulator.settings import SimulatorSettings
from slidewire.simulator.shelf import Shelf
from slidewire.simulator.sms_behaviours import sms_behaviour_table
from slidewire.simulator.smsc import Smsc, SmsDesk
from slidewire.simulator.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Simulator", "SimulatorSettings", "describe"]


def _now() -> datetime:
    return datetime.now(UTC)


def _message_ids() -> Callable[[int], str]:
    """MessageIDs that no other run gives, with the signs that real ones hold.  # standards.md 8"""
    run = secrets.token_hex(3)
    return lambda number: f"x-{run}.{number}.x{secrets.token_hex(2)}.{number % 10}@simulator"


class Simulator:
    """``start`` it, talk to ``mm7_url`` or ``smpp_port``, look at ``http_url``, ``stop`` it; or ``async with`` it."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.inbox = Inbox(settings.keep_messages, settings.keep_bytes)
        self.texts = Texts(settings.keep_messages)
        writer = Writer(Dialect(settings.answer_schema, settings.unprefixed))
        desk = Desk(settings, self.inbox, writer, _now, structlog.get_logger("simulator"))
        self._reporter = Reporter(desk)
        rng = Random(settings.seed)  # noqa: S311 - it chooses trouble, it guards nothing
        self.mmsc = Mmsc(desk, self._reporter, rng, _message_ids())
        self.smsc = Smsc(SmsDesk(settings, self.texts, _now, structlog.get_logger("simulator")))
        self._handset = Handset(Shelf(self.inbox, self.texts), self.mmsc, settings.host, self.smsc.say)
        self._mm7_door = Door(self.mmsc, settings.host, settings.mm7_port)
        self._http_door = Door(self._handset, settings.host, settings.http_port)

    @property
    def mm7_url(self) -> str:
        """Where MM7 clients post to; known once started."""
        return self._url(self._mm7_door) + PATH

    @property
    def http_url(self) -> str:
        """The handset page, without a slash at its end; known once started."""
        return self._url(self._http_door)

    @property
    def smpp_port(self) -> int:
        """Where SMPP clients bind; known once started."""
        return self.smsc.port

    async def start(self) -> None:
        """Listen on every port. Raises OSError when one is taken, with nothing left open."""
        await self._reporter.start()
        try:
            await self._mm7_door.open()
            await self._http_door.open()
            await self.smsc.open()
        except OSError:
            await self.stop()
            raise
        self._handset.mm7_url = self.mm7_url
        self._handset.smpp_port = self.smpp_port

    async def stop(self) -> None:
        """Stop listening, give up reports that are still due, let go of everything."""
        await self._reporter.stop()
        await self.smsc.close()
        await asyncio.gather(self._mm7_door.close(), self._http_door.close())
        self._handset.close()

    async def __aenter__(self) -> Simulator:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    def _url(self, door: Door) -> str:
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{door.port}"


def describe() -> str:
    """What ``slidewire simulator --help`` tells about behaviours and chaos."""
    return (
        "The last two digits of the receiver decide what happens to a message:\n\n"
        f"{behaviour_table()}\n\n"
        "and what happens to each segment of an SMS:\n\n"
        f"{sms_behaviour_table()}\n\n"
        "Chaos strikes any MMS, by percent (--chaos throttle=5,cut=2):\n\n"
        f"{chaos_table()}\n"
    )
