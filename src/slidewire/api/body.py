"""The bytes of a request's body, as far as they may come."""

from slidewire.api.switchboard import Receive
from slidewire.domain.request import CallerGoneError


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None when it has more than ``limit`` bytes. Raises CallerGoneError when it never ends."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)
