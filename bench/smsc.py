"""An SMSC for benchmarks in one process: takes texts as fast as they come, tells their receipts, counts.

Its reader is as short as can be, so that it is not what limits a run. ``GET /tally`` on the same port tells what
arrived, ``/times`` when, ``/acked`` which receipts were acknowledged. ``--rate`` answers 0x58 to what comes faster,
``--throttle-every`` to single ones besides. With ``--hold`` receipts wait for ``GET /flood``; those not acknowledged
when a connection ends are sent again over the next, as SMSCs do.
"""

import argparse
import asyncio
import collections
import json
import re
import resource
import struct
import time
from typing import Any

import uvloop

_HEAD = struct.Struct(">IIII")
_RESP = 0x80000000
_SUBMIT, _DELIVER, _UNBIND, _ENQUIRE = 0x04, 0x05, 0x06, 0x15
_BINDS = (0x01, 0x02, 0x09)
_THROTTLED = 0x58
_NUMBER = re.compile(rb"bench ([0-9]{8})")
#: A user data header of ours: which of how many.
_PIECE = re.compile(rb"\x05\x00\x03.(.)(.)", re.DOTALL)
#: Receipts under way at once on one connection.
_OUTSTANDING = 150
_RECEIPT = b"id:%d sub:001 dlvrd:001 submit date:2603040506 done date:2603040507 stat:DELIVRD err:000 text:"


class Smsc:
    """What arrived."""

    def __init__(self, rate: float, every: int, *, hold: bool) -> None:
        self.rate = rate
        self.every = every
        self.hold = hold
        self.held: dict[int, bytes] = {}  # receipts that were not acknowledged yet
        self.flooding = False
        self.lines: list[Line] = []
        self.arrivals: collections.Counter[bytes] = collections.Counter()
        self.taken_at: list[float] = []
        self.acked_at: list[float] = []
        self.acked: list[int] = []
        self.asked = 0
        self.throttled = 0
        self.bad = 0
        self._tokens = rate / 5
        self._at = time.monotonic()

    def submit(self, sequence: int, body: bytes) -> bytes:
        """The answer, and behind it the receipt."""
        now = time.monotonic()
        self.asked += 1
        if self.rate and not self._lets_pass(now):
            self.throttled += 1
            return _HEAD.pack(16, _SUBMIT | _RESP, _THROTTLED, sequence)
        found = _NUMBER.search(body)
        if found is None:
            self.bad += 1
        else:
            piece = _PIECE.search(body)
            self.arrivals[found[1] + (piece[2] if piece else b"")] += 1
        self.taken_at.append(now)
        number = len(self.taken_at)
        told = b"%d\0" % number
        answer = _HEAD.pack(16 + len(told), _SUBMIT | _RESP, 0, sequence) + told
        if self.hold:
            self.held[number] = self._receipt(number, body)
            return answer
        return answer + self._receipt(number, body)

    def _lets_pass(self, now: float) -> bool:
        self._tokens = min(self._tokens + (now - self._at) * self.rate, self.rate / 5)
        self._at = now
        if self._tokens < 1 or (self.every and self.asked % self.every == 0):
            return False
        self._tokens -= 1
        return True

    def acknowledged(self, number: int) -> None:
        """The ESME has a receipt."""
        self.acked_at.append(time.monotonic())
        self.acked.append(number)
        self.held.pop(number, None)

    def _receipt(self, number: int, body: bytes) -> bytes:
        source, receiver = _numbers(body)
        text = _RECEIPT % number
        told = b"%d\0" % number
        fields = b"\0\1\1" + receiver + b"\0\3\0" + source + b"\0\4\0\0\0\0\0\0\0\0"
        tlvs = struct.pack(">HH", 0x001E, len(told)) + told + b"\x04\x27\0\1\2"
        pdu = fields + bytes((len(text),)) + text + tlvs
        return _HEAD.pack(16 + len(pdu), _DELIVER, 0, number) + pdu

    def times(self) -> dict[str, list[float]]:
        """When each text and each acknowledgement came, in seconds from the first text."""
        began = self.taken_at[0] if self.taken_at else 0.0
        return {
            "taken": [round(at - began, 4) for at in self.taken_at],
            "acked": [round(at - began, 4) for at in self.acked_at],
        }

    def tally(self) -> dict[str, Any]:
        """What arrived."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "taken": len(self.taken_at),
            "distinct": len(self.arrivals),
            "doubles": sum(self.arrivals.values()) - len(self.arrivals),
            "acked": len(self.acked_at),
            "throttled": self.throttled,
            "bad": self.bad,
            "connections": len(self.lines),
            "cpu_seconds": used.ru_utime + used.ru_stime,
        }


def _numbers(body: bytes) -> tuple[bytes, bytes]:
    """source_addr and destination_addr of a submit_sm."""
    at = body.index(b"\0") + 3
    end = body.index(b"\0", at)
    source = body[at:end]
    at = end + 3
    return source, body[at : body.index(b"\0", at)]


class Line(asyncio.Protocol):
    """One connection: SMPP, or one HTTP request."""

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc
        self._buffer = b""
        self._outstanding: set[int] = set()

    def flood(self) -> None:
        """Send held receipts, as many as may be under way."""
        if not self._smsc.flooding:
            return
        room = _OUTSTANDING - len(self._outstanding)
        due = [number for number in self._smsc.held if number not in self._outstanding][:room] if room > 30 else []
        self._outstanding.update(due)
        self._transport.write(b"".join(self._smsc.held[number] for number in due))

    def connection_lost(self, _error: Exception | None) -> None:
        if self in self._smsc.lines:
            self._smsc.lines.remove(self)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        if buffer.startswith(b"GET "):
            self._tell(buffer.split()[1])
            return
        at, answers, smsc = 0, [], self._smsc
        while len(buffer) - at >= 16:
            length, command, status, sequence = _HEAD.unpack_from(buffer, at)
            if len(buffer) - at < length:
                break
            if command == _SUBMIT:
                answers.append(smsc.submit(sequence, buffer[at + 16 : at + length]))
            elif command == _DELIVER | _RESP and status == 0:
                smsc.acknowledged(sequence)
                self._outstanding.discard(sequence)
            elif command in _BINDS:
                smsc.lines.append(self)
                answers.append(_HEAD.pack(22, command | _RESP, 0, sequence) + b"bench\0")
            elif command in (_ENQUIRE, _UNBIND):
                answers.append(_HEAD.pack(16, command | _RESP, 0, sequence))
            at += length
        self._buffer = buffer[at:]
        if answers:
            self._transport.write(b"".join(answers))
        if self in smsc.lines:
            self.flood()

    def _tell(self, path: bytes) -> None:
        if path == b"/flood":
            self._smsc.flooding = True
            for line in self._smsc.lines:
                line.flood()
        told = {b"/acked": lambda: self._smsc.acked, b"/times": self._smsc.times}
        body = json.dumps(told.get(path, self._smsc.tally)()).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self._transport.write(head % len(body) + body)
        self._transport.close()


async def _serve(arguments: argparse.Namespace) -> None:
    smsc = Smsc(arguments.rate, arguments.throttle_every, hold=arguments.hold)
    server = await asyncio.get_running_loop().create_server(lambda: Line(smsc), "127.0.0.1", arguments.port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until killed; prints the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0, help="segments a second; above it 0x58")
    parser.add_argument("--throttle-every", type=int, default=0, help="with --rate: one in so many is answered 0x58")
    parser.add_argument("--hold", action="store_true", help="receipts wait for GET /flood")
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
