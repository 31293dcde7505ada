"""When the next segment of a route may leave: its window, its rate in segments, and its rests after throttling."""

import asyncio

from slidewire.carriers.base import Route
from slidewire.carriers.shaping import Bucket

#: Seconds that a bind rests after the peer throttled it, doubled each time in a row, at most the last.
REST = 0.25
MOST_REST = 30.0


class Resting(Exception):  # noqa: N818 - named for what it says
    """No leave within the time. ``throttled``: for how many seconds the peer still wants rest; 0: it does not."""

    def __init__(self, words: str, throttled: float = 0.0) -> None:
        super().__init__(words)
        self.words = words
        self.throttled = throttled


class Pace:
    """One route's. Take ``leave`` before each segment, ``release`` its place in the window after its answer."""

    def __init__(self, route: Route) -> None:
        self._rate = route.rate
        self._window = asyncio.Semaphore(route.window)
        self._bucket: Bucket | None = None
        self._rests_until = 0.0
        self._rest = 0.0

    @property
    def present_share(self) -> float:
        """Of its rate: throttling makes it rest, not slower."""
        return 1.0

    def set_rate(self, rate: float, present_share: float | None = None) -> None:
        """From now on ``rate`` segments a second; with ``present_share`` it was another's until now."""
        self._rate = rate
        if self._bucket is not None:
            self._bucket.change(asyncio.get_running_loop().time(), rate, present_share)

    async def leave(self, seconds: float) -> None:
        """Wait for a place in the window, a token and the end of a rest. Raises Resting after ``seconds``."""
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(deadline):
                await self._window.acquire()
        except TimeoutError:
            raise Resting("the window stayed full") from None
        try:
            await self._token(deadline)
        except BaseException:
            self._window.release()
            raise

    def release(self) -> None:
        """The segment is answered, or given up."""
        self._window.release()

    def throttled(self) -> float:
        """The peer wants rest: for how many seconds. Segments that were under way together count once."""
        now = asyncio.get_running_loop().time()
        if now >= self._rests_until:
            self._rest = min(self._rest * 2 or REST, MOST_REST)
            self._rests_until = now + self._rest
        return self._rest or REST

    def taken(self) -> None:
        """The peer took one: its patience is back."""
        self._rest = 0.0

    async def _token(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        if self._bucket is None:
            self._bucket = Bucket(self._rate, loop.time())
            self._bucket.give_back(1)  # the first need not wait
        while True:
            now = loop.time()
            if now >= self._rests_until and self._bucket.take(now):
                return
            due = max(self._bucket.next_token_at(now), self._rests_until)
            if due > deadline:
                rest = max(self._rests_until - now, 0.0)
                raise Resting("the route rests" if rest else "the rate gave no turn", rest)
            await asyncio.sleep(due - now)
