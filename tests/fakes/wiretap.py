"""A relay that remembers every byte, and writes them down as the capture of a TCP conversation.

Nobody may need root to be tested: the packets' frames are made up, what they carry is what went over the wire.
"""

import asyncio
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.fakes.raw_server import Peer, RawServer

#: The libpcap file: magic, version, zone, accuracy, longest packet, and packets that begin with their IPv4 header.
_FILE = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)
_CLIENT, _SERVER = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
_SYN, _ACK, _PUSH = 0x02, 0x10, 0x18
_PIECE = 1_400


@dataclass
class Conversation:
    """What both ends of one connection said, in the order in which it passed."""

    client_port: int
    said: list[tuple[bool, bytes]] = field(default_factory=list)  #: whether the client did, and what


class Wiretap:
    """Listens for clients and passes everything on to ``port``."""

    def __init__(self, port: int) -> None:
        self.raw = RawServer(self._relay)
        self.conversations: list[Conversation] = []
        self._port = port

    @property
    def port(self) -> int:
        return self.raw.port

    async def __aenter__(self) -> Self:
        await self.raw.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.raw.__aexit__()

    async def _relay(self, peer: Peer) -> None:
        conversation = Conversation(40_000 + len(self.conversations))
        self.conversations.append(conversation)
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        back = asyncio.create_task(_pump(conversation, reader, peer.writer, by_client=False))
        try:
            await _pump(conversation, peer.reader, writer, by_client=True)
        finally:
            back.cancel()
            writer.close()
            await asyncio.gather(back, return_exceptions=True)

    def write_capture(self, path: Path, server_port: int) -> None:
        """A file that tcpdump might have written, of conversations with ``server_port``."""
        packets = [packet for each in self.conversations for packet in _packets(each, server_port)]
        records = [struct.pack("<IIII", at, 0, len(packet), len(packet)) + packet for at, packet in enumerate(packets)]
        path.write_bytes(_FILE + b"".join(records))


async def _pump(
    conversation: Conversation, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, by_client: bool
) -> None:
    try:
        while data := await reader.read(65536):
            conversation.said.append((by_client, data))
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass


def _packets(conversation: Conversation, server_port: int) -> list[bytes]:
    """Both SYNs and every piece of data, with the numbers that TCP counts by."""
    ports = {True: (conversation.client_port, server_port), False: (server_port, conversation.client_port)}
    counted = {True: 1_000, False: 9_000}
    packets = [
        _packet(ports, counted, by_client=True, flags=_SYN),
        _packet(ports, counted, by_client=False, flags=_SYN | _ACK),
    ]
    for by_client, data in conversation.said:
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            packets.append(_packet(ports, counted, by_client=by_client, flags=_PUSH, data=piece))
    return packets


def _packet(
    ports: dict[bool, tuple[int, int]], counted: dict[bool, int], *, by_client: bool, flags: int, data: bytes = b""
) -> bytes:
    here, there = ports[by_client]
    acknowledged = counted[not by_client] if flags & _ACK else 0
    tcp = struct.pack(">HHIIBBHHH", here, there, counted[by_client], acknowledged, 5 << 4, flags, 65_535, 0, 0) + data
    counted[by_client] += len(data) + (1 if flags & _SYN else 0)
    ends = (_CLIENT, _SERVER) if by_client else (_SERVER, _CLIENT)
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + ends[0] + ends[1] + tcp
