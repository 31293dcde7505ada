"""The connections to one origin: how many at once, which rests, who waits.

A slot is a connection or the right to make one. A connection that rested too long, or that the peer closed
meanwhile, is never handed out (durability 3).
"""

import asyncio
from collections import deque
from collections.abc import Callable

from slidewire.outbound.connection import Connection


class Pool:
    """``resting`` gives a connection at once or None; then ``turn`` waits for one or for the right to dial."""

    def __init__(self, connections: int, idle: float, on_empty: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections = connections
        self._idle = idle  #: seconds
        self._on_empty = on_empty
        self._resting: list[Connection] = []  #: the longest resting first
        self._busy: set[Connection] = set()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self.open = 0  #: slots taken

    def resting(self) -> Connection | None:
        """Take the connection that was used last, if one is alive."""
        while self._resting:
            connection = self._resting.pop()
            if self._loop.time() - connection.resting_since < self._idle and connection.usable():
                self._busy.add(connection)
                return connection
            connection.abort()
            self.slot_free()
        return None

    async def turn(self) -> Connection | None:
        """Wait for a live connection, or (None) for a slot to fill with ``took``; first come, first served."""
        if self.open < self._connections:
            self.open += 1
            return None
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            connection = await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())  # it was given in the moment that we were cancelled
            raise
        if connection is not None and not connection.usable():
            self._busy.discard(connection)
            connection.abort()
            return None
        return connection

    def took(self, connection: Connection) -> None:
        """Put a new connection into a slot."""
        connection.on_lost = self._lost
        self._busy.add(connection)

    def failed(self, connection: Connection) -> None:
        """Forget a new connection that did not come to life; its slot stays with the caller."""
        self._busy.discard(connection)
        connection.abort()

    def give_back(self, connection: Connection) -> None:
        """Take a connection back after its exchange, whatever became of it."""
        self._busy.discard(connection)
        if not connection.reusable:
            connection.abort()
            self.slot_free()
        elif self._next_waiter() is not None:
            self._pass_on(connection)
        else:
            connection.resting_since = self._loop.time()
            self._resting.append(connection)
            if self._sweeper is None:
                self._sweeper = self._loop.call_later(self._idle, self._sweep)

    def slot_free(self) -> None:
        """Give an emptied slot to who waits longest."""
        self._pass_on(None)

    def close(self) -> None:
        """Close everything; exchanges under way fail."""
        for connection in (*self._resting, *self._busy):
            connection.drop("the client was closed")
        self.open -= len(self._resting)
        self._resting.clear()
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _pass_on(self, connection: Connection | None) -> None:
        waiter = self._next_waiter()
        if waiter is not None:
            self._waiting.popleft()
            if connection is not None:
                self._busy.add(connection)
            waiter.set_result(connection)
            return
        if connection is not None:
            self.give_back(connection)
            return
        self.open -= 1
        if not self.open:
            self._on_empty()

    def _next_waiter(self) -> "asyncio.Future[Connection | None] | None":
        """Who waits longest, those who gave up left out."""
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()
        return self._waiting[0] if self._waiting else None

    def _lost(self, connection: Connection) -> None:
        """A peer closed; what is busy comes back by itself."""
        if connection in self._resting:
            self._resting.remove(connection)
            self.slot_free()

    def _sweep(self) -> None:
        self._sweeper = None
        now = self._loop.time()
        while self._resting and now - self._resting[0].resting_since >= self._idle:
            self._resting.pop(0).abort()
            self.slot_free()
        if self._resting:
            self._sweeper = self._loop.call_later(self._resting[0].resting_since + self._idle - now, self._sweep)
