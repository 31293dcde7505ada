"""The client for programs without asyncio: one connection a thread, kept alive; standard library only."""

import http.client
import random
import ssl
import threading
import time
import uuid
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from slidewire.client.address import read_address
from slidewire.client.calls import Call
from slidewire.client.trying import Patience, Reply, Request, Trying, Wait

T = TypeVar("T")
#: Bytes of an answer that are read at most.
_LONGEST = 10_000_000


class Client:
    """Speaks for one account. Threads may share it."""

    def __init__(self, url: str, key: str, patience: Patience | None = None) -> None:
        """``url``: where the API is, such as https://mms.example.net. Raises ValueError."""
        parts = urlsplit(read_address(url))
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._path = parts.path
        self._key = key
        self._patience = patience or Patience()
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            connection.close()

    def do(self, call: Call[T], idempotency_key: str = "") -> T:
        """Make a call; try again what may be tried again. Raises RefusedError, UnreachableError, BadAnswerError.

        ``idempotency_key``: your own word for just this call, at most 255 signs, where the program itself may start
        anew and ask again; else one is made.
        """
        trying = Trying(call, self._patience, random.random())  # noqa: S311  # jitter is no secret
        request = trying.request(self._key, idempotency_key or str(uuid.uuid4()))
        while True:
            try:
                reply = self._post(request)
            except (OSError, http.client.HTTPException) as error:
                self._drop()
                wait: T | Wait = trying.after_failure(error)
            else:
                wait = trying.after(reply)
            if not isinstance(wait, Wait):
                return wait
            time.sleep(wait.seconds)

    def _post(self, request: Request) -> Reply:
        """A connection that rested may be closed by now: then once more on a new one, under the same key."""
        rested = getattr(self._local, "connection", None) is not None
        try:
            return self._post_once(request)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not rested:
                raise
            self._drop()
            return self._post_once(request)

    def _post_once(self, request: Request) -> Reply:
        connection = self._connection()
        connection.request("POST", self._path, request.body, request.headers)
        response = connection.getresponse()
        body = response.read(_LONGEST)
        if response.will_close or not response.isclosed():
            self._drop()
        return Reply(response.status, body, response.headers.get("retry-after", ""))

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if found is not None:
            return found
        timeout = self._patience.timeout
        if self._secure:
            context = ssl.create_default_context()
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=context
            )
        else:
            made = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        self._local.connection = made
        self._open.add(made)
        return made

    def _drop(self) -> None:
        found = getattr(self._local, "connection", None)
        if found is not None:
            found.close()
            self._open.discard(found)
            self._local.connection = None
