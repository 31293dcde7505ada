"""What a POST ends in, and reading an answer off the wire within its caps."""

from dataclasses import dataclass
from enum import Enum, unique

import httptools


@unique
class Phase(Enum):
    """How far a failed POST came (durability 3)."""

    REFUSED = "refused"  #: the guard's no, or an address that we do not call
    NOT_CONNECTED = "not connected"  #: no connection was made: nothing left us
    NOT_SENT = "not sent"  #: the body was not wholly written
    NO_ANSWER = "no answer"  #: wholly written, then cut off or too late: it may have been taken
    BAD_ANSWER = "bad answer"  #: wholly written, but what came back is not HTTP or over the cap


class PostFailed(Exception):  # noqa: N818 - named for what it says
    """The one way a POST fails. ``detail`` carries neither a query nor a resolved address."""

    def __init__(self, phase: Phase, detail: str) -> None:
        super().__init__(f"{phase.value}: {detail}")
        self.phase = phase
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of any status. Redirects are answers too: they are never followed (security 4)."""

    status: int
    reason: str
    headers: dict[str, str]  #: names in lower case; those of a name that came twice are joined by ", "
    body: bytes
    seconds: float  #: from the call to the last byte, connecting included


#: Header lines of one answer, interim answers and trailers included: each repetition copies what came before.
MAX_FIELDS = 200


@dataclass(frozen=True, slots=True)
class AnswerCaps:
    """Bytes that one answer may have."""

    body: int = 1_000_000
    head: int = 65_536  #: status line, headers, trailers and interim answers together

    @property
    def raw(self) -> int:
        """Bytes off the wire for one answer, whatever they are: chunks of one byte still fit."""
        return self.head + 8 * self.body


class BadAnswerError(Exception):
    """The bytes are not HTTP or are over a cap; its text says which."""


class AnswerReader:
    """Reads the answers of one connection, one after the other: ``begin``, ``feed`` until true, ``reply``."""

    def __init__(self, caps: AnswerCaps) -> None:
        self._caps = caps
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """Expect a new answer."""
        self._head_bytes = 0
        self._fields = 0
        self._raw_bytes = 0
        self._done = False
        self._fault = ""
        self.keep_alive = False  #: after the answer: the connection may carry another request
        self._next_message()

    def _next_message(self) -> None:
        self._status = 0
        self._reason = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._in_body = False
        self._until_close = False

    @property
    def begun(self) -> bool:
        """The answer's headers were read."""
        return self._in_body

    @property
    def whole_at_close(self) -> bool:
        """The end of the connection would be the proper end of this answer."""
        return self._in_body and self._until_close

    def feed(self, data: bytes) -> bool:
        """Take bytes and say whether the answer is whole; raises BadAnswerError."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if not self._done:
                raise BadAnswerError(self._fault or "the answer is not HTTP") from None
            self.keep_alive = False  # what follows a whole answer is not ours
        # The parser keeps a header or trailer without end to itself: it reaches no callback.
        self._raw_bytes += len(data)
        if not self._in_body:
            self._head_bytes += len(data)
        if not self._done and (self._head_bytes > self._caps.head or self._raw_bytes > self._caps.raw):
            raise BadAnswerError("the answer's headers are too long")
        return self._done

    def reply(self, seconds: float) -> Reply:
        """Give the whole answer."""
        return Reply(self._status, self._reason.decode("latin-1"), self._headers, bytes(self._body), seconds)

    def on_message_begin(self) -> None:
        """From the parser: an answer begins."""
        if self._done:
            self._stop("more than one answer")

    def on_status(self, reason: bytes) -> None:
        """From the parser: (a piece of) the reason phrase."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """From the parser: a header, or after the body a trailer, which is counted and dropped."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            self._stop("the answer has too many headers")
        if self._in_body:
            self._head_bytes += len(name) + len(value)  # a trailer: feed judges
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """From the parser: the body follows."""
        self._in_body = True
        self._status = self._parser.get_status_code()
        length = self._headers.get("content-length")
        if length is None:
            self._until_close = "chunked" not in self._headers.get("transfer-encoding", "").lower()
        elif int(length) > self._caps.body:
            self._stop(f"the answer has {int(length)} bytes, at most {self._caps.body}")

    def on_body(self, piece: bytes) -> None:
        """From the parser: bytes of the body."""
        self._body += piece
        if len(self._body) > self._caps.body:
            self._stop(f"the answer has more than {self._caps.body} bytes")

    def on_message_complete(self) -> None:
        """From the parser: the answer is whole, or an interim one (1xx) is, and the real one follows."""
        if self._status < 200:
            self._next_message()
        else:
            self._done = True
            self.keep_alive = self._parser.should_keep_alive()

    def _stop(self, fault: str) -> None:
        self._fault = fault
        raise BadAnswerError(fault)
