"""The peers of a benchmarked gateway in one process: an MM7 sink, a media origin, a postback catcher.

The sink reads every body: the envelope's ids, the parts, the text; it counts distinct texts and marks when each came.
``GET /tally`` tells what arrived. Reports and postbacks can be left out.
"""

import argparse
import asyncio
import json
import re
import resource
import time
from pathlib import Path
from typing import Any

import httptools
import uvloop

_BOUNDARY = re.compile(rb'boundary="?([^";]+)"?')
_TRANSACTION = re.compile(rb"<(?:\w+:)?TransactionID[^>]*>([^<]+)<")
_NUMBER = re.compile(rb"bench ([0-9]{8})")

_ANSWER = (
    b'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">'
    b"<env:Header><mm7:TransactionID xmlns:mm7="
    b'"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2" env:mustUnderstand="1">%s'
    b"</mm7:TransactionID></env:Header><env:Body><mm7:SubmitRsp xmlns:mm7="
    b'"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2"><mm7:MM7Version>5.3.0'
    b"</mm7:MM7Version><mm7:Status><mm7:StatusCode>1000</mm7:StatusCode><mm7:StatusText>Success</mm7:StatusText>"
    b"</mm7:Status><mm7:MessageID>%s</mm7:MessageID></mm7:SubmitRsp></env:Body></env:Envelope>"
)
_REPORT = (
    '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">'
    "<env:Header><TransactionID xmlns="
    '"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2" env:mustUnderstand="1">{id}'
    "</TransactionID></env:Header><env:Body><DeliveryReportReq xmlns="
    '"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2"><MM7Version>5.3.0</MM7Version>'
    "<MessageID>{id}</MessageID><Recipient><Number>15557650001</Number></Recipient><Sender><ShortCode>24680"
    "</ShortCode></Sender><Date>2031-01-07T12:27:29Z</Date><MMStatus>Retrieved</MMStatus></DeliveryReportReq>"
    "</env:Body></env:Envelope>"
)


class Sink:
    """What arrived."""

    def __init__(self, image: bytes, report_port: int, wait: float) -> None:
        self.image = image
        self.report_port = report_port
        self.wait = wait
        self.arrivals: dict[int, int] = {}
        self.arrived_at: dict[int, float] = {}  # number -> Unix time of its first arrival
        self.transactions: dict[str, int] = {}
        self.bad = 0
        self.count = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.postbacks = 0
        self.fetches = 0
        self.times: list[float] = []

    def submit(self, content_type: bytes, body: bytes) -> bytes:
        self.count += 1
        self.times.append(time.time())
        boundary = _BOUNDARY.search(content_type)
        parts = body.split(b"--" + boundary[1]) if boundary else []
        transaction = _TRANSACTION.search(parts[1]) if len(parts) == 4 else None
        number = _NUMBER.search(body)
        if transaction is None or number is None:
            self.bad += 1
            return b""
        self.arrivals[int(number[1])] = self.arrivals.get(int(number[1]), 0) + 1
        self.arrived_at.setdefault(int(number[1]), time.time())
        message_id = b"m%d.%s@sink" % (self.count, transaction[1])
        self.transactions[transaction[1].decode()] = int(number[1])
        if self.report_port:
            REPORTS.put_nowait(message_id.decode())
        return _ANSWER % (transaction[1], message_id)

    def tally(self) -> bytes:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return json.dumps(
            {
                "count": self.count,
                "distinct": len(self.arrivals),
                "doubles": sum(n - 1 for n in self.arrivals.values()),
                "bad": self.bad,
                "postbacks": self.postbacks,
                "fetches": self.fetches,
                "in_flight": self.in_flight,
                "most_in_flight": self.most_in_flight,
                "cpu_seconds": used.ru_utime + used.ru_stime,
            }
        ).encode()


REPORTS: "asyncio.Queue[str]"


def _own(image: bytes, path: bytes) -> bytes:
    """The picture with its address in a comment: every address has bytes of its own."""
    return image[:2] + b"\xff\xfe" + (len(path) + 2).to_bytes(2, "big") + path + image[2:]


class Door(asyncio.Protocol):
    """One connection: reads requests, answers them by their path."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url, self._type, self._pieces = b"", b"", []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._type = value

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        path, body = self._url, b"".join(self._pieces)
        if path.startswith(b"/mm7") and self._sink.wait:
            asyncio.get_running_loop().create_task(self._slowly(self._type, body))
        elif path.startswith(b"/mm7"):
            self._answer(self._sink.submit(self._type, body), b"text/xml")
        elif path.startswith(b"/media"):
            self._sink.fetches += 1
            self._answer(_own(self._sink.image, path), b"image/jpeg", b"Cache-Control: max-age=3600\r\n")
        elif path.startswith(b"/tally/all"):
            self._answer(json.dumps(self._sink.arrivals).encode(), b"application/json")
        elif path.startswith(b"/tally/arrived"):
            self._answer(json.dumps(self._sink.arrived_at).encode(), b"application/json")
        elif path.startswith(b"/tally/restart"):
            self._sink.postbacks = 0
            self._answer(b"{}", b"application/json")
        elif path.startswith(b"/tally/times"):
            self._answer(json.dumps(self._sink.times).encode(), b"application/json")
        elif path.startswith(b"/tally"):
            self._answer(self._sink.tally(), b"application/json")
        else:
            self._sink.postbacks += 1
            self._answer(b"", b"text/plain")

    async def _slowly(self, content_type: bytes, body: bytes) -> None:
        self._sink.in_flight += 1
        self._sink.most_in_flight = max(self._sink.most_in_flight, self._sink.in_flight)
        answer = self._sink.submit(content_type, body)  # it has arrived now, whatever becomes of the answer
        await asyncio.sleep(self._sink.wait)
        self._sink.in_flight -= 1
        self._answer(answer, b"text/xml")

    def _answer(self, body: bytes, content_type: bytes, more: bytes = b"") -> None:
        if not self._transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n"
            self._transport.write(head % (content_type, more, len(body)) + body)


class _Reporter(asyncio.Protocol):
    """Posts receipts on one connection, one after the other."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.answered = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            self.answered.set()


async def _report(sink: Sink) -> None:
    connection: _Reporter | None = None
    while True:
        body = _REPORT.format(id=await REPORTS.get()).encode()
        head = (
            f"POST /mm7/sink HTTP/1.1\r\nHost: gateway\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        while True:
            try:
                if connection is None or connection.transport.is_closing():
                    _, connection = await asyncio.get_running_loop().create_connection(
                        _Reporter, "127.0.0.1", sink.report_port
                    )
                connection.answered.clear()
                connection.transport.write(head.encode() + body)
                await asyncio.wait_for(connection.answered.wait(), 10)
                break
            except (OSError, TimeoutError):
                connection = None
                await asyncio.sleep(0.1)


async def _serve(arguments: argparse.Namespace) -> None:
    global REPORTS
    REPORTS = asyncio.Queue()
    sink = Sink(Path(arguments.image).read_bytes(), arguments.report_port, arguments.wait)
    server = await asyncio.get_running_loop().create_server(
        lambda: Door(sink), "127.0.0.1", arguments.port, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    reporters = [asyncio.create_task(_report(sink)) for _ in range(8)] if arguments.report_port else []
    await asyncio.gather(server.serve_forever(), *reporters)


def main() -> None:
    """Serve until killed; prints the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--report-port", type=int, default=0)
    parser.add_argument("--wait", type=float, default=0.0)
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
