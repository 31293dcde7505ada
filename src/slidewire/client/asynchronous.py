"""The client for asyncio: the same calls, many at once."""

import asyncio
import random
import uuid
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from slidewire.client.address import read_address
from slidewire.client.calls import Call
from slidewire.client.trying import Patience, Reply, Request, Trying, Wait

T = TypeVar("T")


class AsyncClient:
    """Speaks for one account; open it with ``async with``."""

    def __init__(self, url: str, key: str, patience: Patience | None = None, *, connections: int = 20) -> None:
        """``url``: where the API is, such as https://mms.example.net. Raises ValueError."""
        self._url = read_address(url)
        self._key = key
        self._patience = patience or Patience()
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=self._patience.timeout)
        connector = aiohttp.TCPConnector(limit=self._connections)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def do(self, call: Call[T], idempotency_key: str = "") -> T:
        """As ``Client.do``."""
        trying = Trying(call, self._patience, random.random())  # noqa: S311  # jitter is no secret
        request = trying.request(self._key, idempotency_key or str(uuid.uuid4()))
        while True:
            try:
                reply = await self._post(request)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                wait: T | Wait = trying.after_failure(error)
            else:
                wait = trying.after(reply)
            if not isinstance(wait, Wait):
                return wait
            await asyncio.sleep(wait.seconds)

    async def _post(self, request: Request) -> Reply:
        if self._session is None:
            raise RuntimeError("open the client first: async with AsyncClient(...) as client")
        async with self._session.post(
            self._url, data=request.body, headers=request.headers, allow_redirects=False
        ) as answer:
            return Reply(answer.status, await answer.read(), answer.headers.get("retry-after", ""))
