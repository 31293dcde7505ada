"""An egress proxy on loopback: absolute-form requests and CONNECT, each remembered as it was asked."""

import asyncio
from typing import Self

from tests.fakes.raw_server import Peer, RawServer, Received


class Proxy:
    """Forwards to whatever literal address it is asked for, as a proxy that resolves nothing would."""

    def __init__(self) -> None:
        self.raw = RawServer(self._script)
        self.asked: list[Received] = []

    @property
    def url(self) -> str:
        return self.raw.url("")

    async def __aenter__(self) -> Self:
        await self.raw.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.raw.__aexit__()

    async def _script(self, peer: Peer) -> None:
        request = await peer.request_head()
        if request is None:
            return
        method, target, _ = request.line.split(" ")
        authority = target if method == "CONNECT" else target.split("/")[2]
        host, _, port = authority.rpartition(":")
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        back = asyncio.create_task(_pump(reader, peer.writer))
        try:
            if method == "CONNECT":
                self.asked.append(request)
                await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await _pump(peer.reader, writer)
            while request is not None and method != "CONNECT":  # a client keeps one connection for each authority
                self.asked.append(request)
                writer.write(_as_origins_take_it(request))
                request = await peer.request_head()
        finally:
            back.cancel()
            writer.close()
            await asyncio.gather(back, return_exceptions=True)


def _as_origins_take_it(request: Received) -> bytes:
    """A request without a body, with its path alone."""
    method, target, version = request.line.split(" ")
    head = [f"{method} /{target.split('/', 3)[3]} {version}"]
    head += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
