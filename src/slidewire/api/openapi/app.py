"""Serves /docs: written once, at the start; nothing of it is secret, and nothing of it runs."""

import msgspec

from slidewire.api.openapi.document import DOCUMENT, ROOT, Places, document
from slidewire.api.openapi.page import POLICY, page
from slidewire.api.switchboard import Receive, Scope, Send

_HEADERS = (
    (b"cache-control", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class DocsApp:
    """The page and the document behind it."""

    def __init__(self, places: Places) -> None:
        written = document(places)
        self._files = {
            ROOT: (b"text/html; charset=utf-8", POLICY, page(written)),
            DOCUMENT: (b"application/json", "default-src 'none'; sandbox", msgspec.json.encode(written)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI
        """One request."""
        kind, policy, body = self._files.get(scope["path"].rstrip("/")) or (b"text/plain; charset=utf-8", "", b"")
        status = 200 if body else 404
        if body and scope["method"] not in {"GET", "HEAD"}:
            status, body, kind = 405, b"Only to be read.\n", b"text/plain; charset=utf-8"
        elif not body:
            body = b"There is nothing here.\n"
        headers = [
            (b"content-type", kind),
            (b"content-security-policy", (policy or "default-src 'none'").encode()),
            (b"content-length", b"%d" % len(body)),
            *([(b"allow", b"GET, HEAD")] if status == 405 else []),
            *_HEADERS,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
