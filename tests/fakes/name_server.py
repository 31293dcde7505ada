"""A DNS server on loopback that answers A and AAAA from a table, or not at all."""

import asyncio
import struct
from ipaddress import ip_address
from typing import Self

_TYPES = {1: 4, 28: 6}  #: A and AAAA -> IP version


class NameServer(asyncio.DatagramProtocol):
    """``async with NameServer({"a.test": ["127.0.0.1"]}) as names: names.address``; a name set to None: silence."""

    def __init__(self, table: dict[str, list[str] | None]) -> None:
        self.table = table
        self.asked: list[str] = []  #: names in the order of the questions
        self.address = ""  #: host:port
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._transport.get_extra_info('sockname')[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data)
        self.asked.append(name)
        found = self.table.get(name, [])
        if found is None:
            return
        version = _TYPES.get(struct.unpack_from("!H", data, end)[0])
        addresses = [ip_address(text).packed for text in found if ip_address(text).version == version]
        code = 0 if name in self.table else 3  # NXDOMAIN
        header = data[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(addresses), 0, 0)
        answers = [
            b"\xc0\x0c" + data[end : end + 4] + struct.pack("!IH", 60, len(packed)) + packed for packed in addresses
        ]
        assert self._transport is not None
        self._transport.sendto(header + data[12 : end + 4] + b"".join(answers), addr)


def _name(data: bytes) -> tuple[str, int]:
    """The question's name in lower case, and where its type begins."""
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii").lower())
        at += 1 + data[at]
    return ".".join(labels), at + 1
