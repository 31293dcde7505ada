import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
import uvicorn
from tests.carriers.build import NOW, a_route
from tests.carriers.replies import MM7, SOAP

from slidewire.carriers.base import Receipt, ReceiptStatus, Route
from slidewire.carriers.mm7.receiver import DoorLimits, Mm7Receiver, Mm7Takers
from slidewire.domain.inbound import ArrivedMms

GUARDED = {"report_username": "mmsc", "report_password": "knock-knock"}
BASIC = ("Authorization", "Basic " + base64.b64encode(b"mmsc:knock-knock").decode())


@dataclass
class Desk:
    """Takes receipts as the store would."""

    taken: list[Receipt] = field(default_factory=list)
    delivered: list[ArrivedMms] = field(default_factory=list)
    broken: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, receipt: Receipt) -> None:
        await self.open.wait()
        if self.broken:
            raise OSError("disk full")
        self.taken.append(receipt)

    async def take_mms(self, mms: ArrivedMms) -> None:
        await self.open.wait()
        if self.broken:
            raise OSError("disk full")
        self.delivered.append(mms)

    @property
    def takers(self) -> Mm7Takers:
        return Mm7Takers(self.take, self.take_mms)


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> list[str]:
        """Local names and texts of the SOAP body, in order."""
        body = ElementTree.fromstring(self.body).find(f"{{{SOAP}}}Body")
        assert body is not None
        found = [(each.tag.rpartition("}")[2], (each.text or "").strip()) for each in body[0].iter()]
        return [f"{name}={text}" if text else name for name, text in found]


class Door:
    """A receiver behind a real server, and a raw client for it."""

    def __init__(self, port: int, desk: Desk) -> None:
        self.port = port
        self.desk = desk

    async def send(self, raw: bytes) -> Answered:
        """Send bytes, read one answer."""
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(raw)
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *lines = head.rstrip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
            finally:
                writer.close()
                await writer.wait_closed()
            return Answered(int(line.split()[1]), headers, body)

    async def post(
        self, body: bytes, *headers: tuple[str, str], path: str = "/mm7/mmsc-a", method: str = "POST"
    ) -> Answered:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
        if not any(name == "Content-Type" for name, _ in headers):
            lines.append("Content-Type: text/xml; charset=utf-8")
        lines += [f"{name}: {value}" for name, value in headers]
        return await self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


@asynccontextmanager
async def door(*routes: Route, limits: DoorLimits = DoorLimits(body_seconds=5.0)) -> AsyncIterator[Door]:  # noqa: B008
    desk = Desk()
    desk.open.set()
    receiver = Mm7Receiver(routes or (a_route(),), desk.takers, lambda: NOW, limits)
    config = uvicorn.Config(
        receiver, host="127.0.0.1", port=0, lifespan="off", log_config=None, http="httptools", proxy_headers=False
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield Door(server.servers[0].sockets[0].getsockname()[1], desk)
    finally:
        await server.shutdown()


def envelope(body: str, transaction: str = "17-a", namespace: str = "REL-5-MM7-1-0") -> bytes:
    header = f'<m:TransactionID xmlns:m="{MM7}{namespace}" e:mustUnderstand="1">{transaction}</m:TransactionID>'
    return (
        f'<?xml version="1.0"?><e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header>'
        f"<e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def report(word: str = "Retrieved", **parts: str) -> bytes:
    sides = {
        "Recipient": "<Number>+447700900123</Number>",
        "Sender": "<ShortCode>28444</ShortCode>",
        "MessageID": "m.1@mmsc",
        "Rest": "",
    } | parts
    return envelope(
        f'<DeliveryReportReq xmlns="{MM7}REL-6-MM7-1-4"><MM7Version>6.8.0</MM7Version>'
        f"<MessageID>{sides['MessageID']}</MessageID><Recipient>{sides['Recipient']}</Recipient>"
        f"<Sender>{sides['Sender']}</Sender><Date>2026-03-04T05:06:07Z</Date><MMStatus>{word}</MMStatus>"
        f"{sides['Rest']}</DeliveryReportReq>"
    )


def a_receipt(**changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "route": "mmsc-a",
        "carrier_ref": "m.1@mmsc",
        "status": ReceiptStatus.DELIVERED,
        "word": "Retrieved",
        "received_at": NOW,
        "numbers": ("447700900123", "28444"),
        "date": "2026-03-04T05:06:07Z",
    }
    return Receipt(**(values | changes))


async def test_a_report_is_stored_then_thanked_for() -> None:
    async with door() as mmsc:
        answer = await mmsc.post(report())
    assert mmsc.desk.taken == [a_receipt()]
    assert (answer.status, answer.headers["content-type"]) == (200, 'text/xml; charset="utf-8"')
    assert answer.words == [
        "DeliveryReportRsp",
        "MM7Version=6.8.0",
        "Status",
        "StatusCode=1000",
        "StatusText=Success",
    ]
    root = ElementTree.fromstring(answer.body)
    assert root[0][0].tag == f"{{{MM7}REL-5-MM7-1-0}}TransactionID"
    assert root[0][0].text == "17-a"
    assert root[1][0].tag == f"{{{MM7}REL-6-MM7-1-4}}DeliveryReportRsp"


@pytest.mark.parametrize(
    ("body", "receipt"),
    [
        pytest.param(report("Expired"), a_receipt(status=ReceiptStatus.EXPIRED, word="Expired"), id="expired"),
        pytest.param(
            report(
                "Rejected",
                Rest="<MMStatusExtension>RejectionByMMSRecipient</MMStatusExtension><StatusText>No</StatusText>",
            ),
            a_receipt(status=ReceiptStatus.REJECTED, word="Rejected", detail="RejectionByMMSRecipient No"),
            id="rejected, and why",
        ),
        pytest.param(report("Deferred"), a_receipt(status=ReceiptStatus.PENDING, word="Deferred"), id="not final"),
        pytest.param(
            report(Recipient="<ShortCode>28444</ShortCode>", Sender="<Number>447700900123</Number>"),
            a_receipt(numbers=("28444", "447700900123")),
            id="sides swapped",
        ),
        pytest.param(
            report(" Retrieved\n", MessageID="\n\tm.1@mmsc  ", Recipient="+447700900123/TYPE=PLMN"),
            a_receipt(),
            id="padded with white space, the number as text",
        ),
        pytest.param(
            report(Rest='<UACapabilities UAProf="http://ua.example/p.xml" TimeStamp="x"/>'),
            a_receipt(handset="http://ua.example/p.xml"),
            id="the handset told",
        ),
    ],
)
async def test_a_report_becomes_a_receipt(body: bytes, receipt: Receipt) -> None:
    async with door() as mmsc:
        assert (await mmsc.post(body)).status == 200
    assert mmsc.desk.taken == [receipt]


async def test_the_same_report_twice_has_the_same_key() -> None:
    async with door() as mmsc:
        await mmsc.post(report())
        await mmsc.post(report(Recipient="28444", Sender="447700900123"))
    first, second = mmsc.desk.taken
    assert first.key == second.key


async def test_a_report_in_a_multipart_body_is_found() -> None:
    body = b"--b\r\nContent-Type: text/xml\r\n\r\n" + report() + b"\r\n--b--\r\n"
    async with door() as mmsc:
        answer = await mmsc.post(body, ("Content-Type", "multipart/related; boundary=b"))
    assert answer.status == 200
    assert mmsc.desk.taken == [a_receipt()]


async def test_nothing_is_answered_before_the_receipt_is_stored() -> None:
    async with door() as mmsc:
        mmsc.desk.open.clear()
        asking = asyncio.create_task(mmsc.post(report()))
        done, _ = await asyncio.wait([asking], timeout=0.2)
        assert not done
        mmsc.desk.open.set()
        assert (await asking).status == 200


async def test_a_receipt_that_cannot_be_stored_is_to_be_sent_again() -> None:
    async with door() as mmsc:
        mmsc.desk.broken = True
        answer = await mmsc.post(report())
        mmsc.desk.broken = False
        again = await mmsc.post(report())
    assert answer.status == 500
    assert answer.words == [
        "Fault",
        "faultcode=env:Server",
        "faultstring=Server error",
        "detail",
        "VASPErrorRsp",
        "MM7Version=6.8.0",
        "Status",
        "StatusCode=3000",
        "StatusText=Server error",
    ]
    assert again.status == 200
    assert mmsc.desk.taken == [a_receipt()]


@pytest.mark.parametrize(
    ("element", "status", "code", "name"),
    [
        pytest.param("ReadReplyReq", 200, "1000", "ReadReplyRsp", id="a read reply is thanked for"),
        pytest.param("DeliverReq", 400, "2007", "VASPErrorRsp", id="a message of nobody"),
        pytest.param("CancelReq", 200, "4003", "VASPErrorRsp", id="something only we may ask"),
        pytest.param("x" * 5000, 200, "4003", "VASPErrorRsp", id="a name without end"),
        pytest.param("DeliveryReportReq", 400, "2007", "VASPErrorRsp", id="an empty report"),
    ],
)
async def test_answers_everything_properly(element: str, status: int, code: str, name: str) -> None:
    async with door() as mmsc:
        answer = await mmsc.post(envelope(f'<{element} xmlns="{MM7}REL-5-MM7-1-3"/>'))
    assert answer.status == status
    assert name in answer.words
    assert f"StatusCode={code}" in answer.words
    assert b"17-a" in answer.body
    assert mmsc.desk.taken == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no XML"),
        pytest.param(b"<a>" * 100_000, id="nested without end"),
        pytest.param(report()[:-40], id="half of it"),
        pytest.param(b"<!DOCTYPE a>" + report().partition(b"?>")[2], id="a DOCTYPE"),
        pytest.param(b"\xff\xfe\x00" * 100, id="bytes"),
        pytest.param(report().replace(b"17-a", b"x" * 600), id="a TransactionID without end"),
    ],
)
async def test_what_cannot_be_read_is_a_validation_error(body: bytes) -> None:
    async with door() as mmsc:
        answer = await mmsc.post(body)
    assert answer.status == 400
    assert "StatusCode=4004" in answer.words


def without_date(answer: Answered) -> Answered:
    answer.headers.pop("date", None)
    return answer


GUARDED_ROUTE = a_route(**GUARDED)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/mm7/nobody", (BASIC,), id="no such route"),
        pytest.param("/mm7/", (BASIC,), id="no route"),
        pytest.param("/mm7/mmsc-a", (), id="no credentials"),
        pytest.param("/mm7/mmsc-a", (("Authorization", "Basic bW1zYzpub2JvZHk="),), id="a wrong password"),
        pytest.param("/mm7/mmsc-a", (("Authorization", "Basic %%%"),), id="no base64"),
        pytest.param("/mm7/mmsc-a", (("Authorization", BASIC[1].replace("Basic", "Bearer")),), id="another scheme"),
        pytest.param("/mm7/mmsc-a", (BASIC, BASIC), id="credentials twice"),
        pytest.param("/mm7/mmsc-a%00", (BASIC,), id="a name with a NUL"),
        pytest.param("/mm7/mmsc-a/more", (BASIC,), id="a path below the route"),
    ],
)
async def test_whoever_is_not_let_in_learns_nothing(path: str, headers: tuple[tuple[str, str], ...]) -> None:
    async with door(GUARDED_ROUTE) as mmsc:
        refused = without_date(await mmsc.post(report(), *headers, path=path))
        nobody = without_date(await mmsc.post(b"", path="/mm7/never-heard"))
    assert refused == nobody
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'Basic realm="mm7"'
    assert mmsc.desk.taken == []


async def test_credentials_let_in() -> None:
    async with door(GUARDED_ROUTE) as mmsc:
        assert (await mmsc.post(report(), BASIC)).status == 200
        assert (await mmsc.post(report(), (BASIC[0], BASIC[1].replace("Basic", "basic ")))).status == 200


async def test_the_answer_comes_before_the_body() -> None:
    async with door(GUARDED_ROUTE) as mmsc:
        answer = await mmsc.send(b"POST /mm7/mmsc-a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    assert answer.status == 401
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("changes", "headers", "status"),
    [
        pytest.param({}, (), 200, id="nothing set: loopback may"),
        pytest.param({}, (("X-Forwarded-For", "203.0.113.9"),), 401, id="nothing set, behind a proxy: nobody may"),
        pytest.param({}, (("Via", "1.1 x"),), 401, id="nothing set, behind another proxy: nobody may"),
        pytest.param({"report_addresses": ("127.0.0.0/8",)}, (), 200, id="a network that holds the peer"),
        pytest.param({"report_addresses": ("203.0.113.0/24",)}, (), 401, id="a network that does not"),
        pytest.param({"report_addresses": ("203.0.113.0/24",), **GUARDED}, (BASIC,), 401, id="both must hold: network"),
        pytest.param({"report_addresses": ("127.0.0.1",), **GUARDED}, (), 401, id="both must hold: credentials"),
        pytest.param({"report_addresses": ("127.0.0.1",), **GUARDED}, (BASIC,), 200, id="both hold"),
    ],
)
async def test_networks_and_loopback(
    changes: dict[str, Any], headers: tuple[tuple[str, str], ...], status: int
) -> None:
    async with door(a_route(**changes)) as mmsc:
        assert (await mmsc.post(report(), *headers)).status == status


async def test_each_route_has_its_own_callers() -> None:
    other = a_route(name="mmsc-b", report_username="mmsc", report_password="another")
    async with door(GUARDED_ROUTE, other) as mmsc:
        assert (await mmsc.post(report(), BASIC, path="/mm7/mmsc-b")).status == 401
        assert (await mmsc.post(report(), BASIC)).status == 200
    assert [receipt.route for receipt in mmsc.desk.taken] == ["mmsc-a"]


async def test_only_posts_are_taken() -> None:
    async with door() as mmsc:
        answer = await mmsc.post(b"", method="GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_a_body_over_the_cap_is_not_read_to_its_end() -> None:
    async with door(limits=DoorLimits(body=2_000_000)) as mmsc:
        answer = await mmsc.post(b"x" * 2_000_001)
    assert answer.status == 413


async def test_a_body_that_never_ends_is_given_up() -> None:
    async with door(limits=DoorLimits(body_seconds=0.2)) as mmsc:
        answer = await mmsc.send(b"POST /mm7/mmsc-a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<a")
    assert answer.status == 408


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"report_addresses": ("10.0.0.0/99",)}, "10.0.0.0/99", id="a network that is none"),
        pytest.param({"report_username": "mmsc"}, "report_password", id="a user without a password"),
    ],
)
def test_a_route_whose_callers_cannot_be_told_stops_the_start(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Mm7Receiver((a_route(**changes),), Desk().takers, lambda: NOW)


@pytest.mark.parametrize(
    ("header", "network"),
    [
        pytest.param(("x-carrier-id", "0001890"), "31003", id="the peer's word for one of ours"),
        pytest.param(("X-Carrier-Id", " 311480 "), "311480", id="a word that is not translated"),
        pytest.param(("X-Carrier-Id", "a b"), "", id="no word"),
        pytest.param(("X-Carrier-Id", "9" * 65), "", id="too long"),
        pytest.param(("X-Other", "0001890"), "", id="another header"),
    ],
)
async def test_a_header_may_name_the_phones_operator(header: tuple[str, str], network: str) -> None:
    options = (("operator_header", "X-Carrier-Id"), ("operator_ids", "31003=0001890"))
    async with door(a_route(options=options)) as mmsc:
        await mmsc.post(report(), header)
        assert mmsc.desk.taken == [a_receipt(network=network)]
    async with door() as mmsc:
        await mmsc.post(report(), header)
        assert mmsc.desk.taken == [a_receipt()]
