"""/metrics: what this gateway does and has to do, for Prometheus. Whoever reaches `admin_listen` may read it.

It tells of no account and no number, so it asks for no token (security 13, docs/adr/0370).
"""

from collections.abc import Awaitable, Callable

from slidewire.api.switchboard import Receive, Scope, Send
from slidewire.domain.exposition import TYPE

ROOT = "/metrics"
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_ONLY_READ = b"Only to be read.\n"


class MetricsApp:
    """One page, written anew for whoever asks."""

    def __init__(self, tell: Callable[[], Awaitable[bytes]]) -> None:
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI
        """One request."""
        status, kind, extra = 200, TYPE.encode(), _HEADERS
        if scope["method"] in {"GET", "HEAD"}:
            body = await self._tell()
        else:
            status, kind, body = 405, b"text/plain; charset=utf-8", _ONLY_READ
            extra = (*_HEADERS, (b"allow", b"GET, HEAD"))
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *extra]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
