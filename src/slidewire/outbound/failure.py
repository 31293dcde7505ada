"""Why a fetch failed, and the one place where foreign errors become our words."""

import errno
from enum import Enum, unique

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from slidewire.outbound.address import BadAddress
from slidewire.outbound.guard import Refused
from slidewire.outbound.inflate import DamagedError
from slidewire.outbound.resolve import NotResolved
from slidewire.outbound.spool import NoRoom


@unique
class Why(Enum):
    """Why a fetch failed."""

    BAD_ADDRESS = "bad address"  #: not one that we call at all
    REFUSED = "refused"  #: the guard's no, or a redirect from https to http
    UNREACHABLE = "unreachable"  #: no such name, no connection, no TLS, no HTTP
    TIMEOUT = "timeout"
    STATUS = "status"  #: another answer than 200; see FetchFailed.status
    TOO_BIG = "too big"  #: see FetchFailed.size
    EMPTY = "empty"
    TOO_MANY_REDIRECTS = "too many redirects"
    CUT_OFF = "cut off"  #: the answer ended before its end
    NO_ROOM = "no room"  #: ours: the spool is full (durability 20)


class FetchFailed(Exception):  # noqa: N818 - named for what it says
    """The one way a fetch fails. ``detail`` may be shown to the customer."""

    def __init__(self, reason: Why, detail: str, *, status: int | None = None, size: int | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
        self.status = status  #: HTTP status, for STATUS
        self.size = size  #: bytes as announced, else those that came, for TOO_BIG


#: Foreign errors in our words, the first that fits; their own texts carry addresses and are never shown.
_WORDS: tuple[tuple[type[BaseException], Why, str], ...] = (
    (NotResolved, Why.UNREACHABLE, "the host name was not found"),
    (aiohttp.ClientConnectorDNSError, Why.UNREACHABLE, "the host name was not found"),
    (aiohttp.ClientSSLError, Why.UNREACHABLE, "the TLS connection failed"),
    (aiohttp.ClientHttpProxyError, Why.UNREACHABLE, "the egress proxy refused the connection"),
    (aiohttp.ClientProxyConnectionError, Why.UNREACHABLE, "the egress proxy could not be reached"),
    (aiohttp.ClientConnectorError, Why.UNREACHABLE, "no connection could be made"),
    (aiohttp.ClientPayloadError, Why.CUT_OFF, "the answer ended before its end"),
    (DamagedError, Why.CUT_OFF, "the compressed answer is damaged"),
    (TimeoutError, Why.TIMEOUT, "it took too long"),
    (aiohttp.InvalidURL, Why.BAD_ADDRESS, "the address cannot be read"),
    (aiohttp.ServerDisconnectedError, Why.UNREACHABLE, "the connection was closed without an answer"),
    (aiohttp.ClientResponseError, Why.UNREACHABLE, "the answer is not HTTP"),
    (HttpProcessingError, Why.CUT_OFF, "the answer is broken"),
    (aiohttp.ClientError, Why.UNREACHABLE, "the connection broke"),
    (OSError, Why.UNREACHABLE, "the connection broke"),
)


def failure_of(error: BaseException) -> FetchFailed | None:
    """The FetchFailed for anything that a peer or its address can cause; None for bugs and cancellation."""
    if isinstance(error, FetchFailed):
        return error
    if isinstance(error, BadAddress):
        return FetchFailed(Why.BAD_ADDRESS, str(error))
    if isinstance(error, NoRoom):
        return FetchFailed(Why.NO_ROOM, str(error))
    refused = getattr(error, "os_error", error)
    if isinstance(refused, Refused):
        return FetchFailed(Why.REFUSED, refused.reason)
    if isinstance(refused, OSError) and refused.errno == errno.EACCES:
        return FetchFailed(Why.REFUSED, "no address of the host may be called")
    for kind, reason, words in _WORDS:
        if isinstance(error, kind):
            return FetchFailed(reason, words)
    return None
