"""What the suite needs of a carrier: how to make one that talks to a port, and what its peer says in each case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.carriers import replies
from tests.carriers.build import NOW, SUBJECT, TEXT, a_message, a_rendition, a_route, a_submission
from tests.carriers.smpp.build import a_sms, an_sms_route
from tests.fakes.raw_server import Peer, Script, answering, http_answer, silent
from tests.fakes.smsc import ECHO, FakeSmsc, resp

from slidewire.carriers.base import Carrier, SmsSubmission, Submission, Takers, WayOut
from slidewire.carriers.mm7.client import Mm7Carrier, limits_of
from slidewire.carriers.smpp.client import SmppCarrier, World
from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient
from slidewire.outbound.resolve import DnsLookup, Resolver

BIG = 4_000_000


@dataclass(frozen=True, slots=True)
class CarrierKit:
    """One carrier under test."""

    name: str
    make: Callable[[int, float], WayOut[Any]]  #: port of its peer, seconds for one submission
    scripts: Mapping[str, Script]  #: case -> what the peer does
    reference: str  #: the id in the peer's "accepted"
    retry_after: float  #: seconds in the peer's "throttled"
    submission: Submission | SmsSubmission
    big: Submission | SmsSubmission  #: more bytes than the kernel buffers
    secrets: tuple[str, ...]  #: may appear nowhere in an exchange
    stays_open: int  #: connections that a cancelled submission leaves: one that others use too is not theirs to end


async def _echo(peer: Peer) -> None:
    """Everything that was said, headers too, as the body of an error page."""
    while (request := await peer.request()) is not None:
        head = "\r\n".join(f"{name}: {value}" for name, value in request.headers.items())
        page = request.line.encode() + b"\r\n" + head.encode() + b"\r\n\r\n" + request.body
        await peer.send(http_answer(page, "500 Internal Server Error"))


async def _echo_in_words(peer: Peer) -> None:
    """A refusal that quotes us."""
    while (request := await peer.request()) is not None:
        said = " ".join((request.headers["authorization"], "open-sesame-17", SUBJECT, TEXT, "+447700900123"))
        await peer.send(replies.ok(replies.rs_error("2000", f"Not this: {said}")))


def _mm7(port: int, seconds: float) -> Carrier:
    route = a_route(
        url=f"http://127.0.0.1:{port}/mm7/account=open-sesame-17", timeout=seconds, max_bytes=BIG * 2, connections=2
    )
    post = PostClient(Dialer(Resolver(DnsLookup())), limits_of(route))
    return Mm7Carrier(route, post, lambda: NOW)


MM7 = CarrierKit(
    name="mm7",
    make=_mm7,
    scripts={
        "accepted": answering(replies.ok(replies.submit_rsp(message_id="x-qf4631.1.x363.4@mmsc"))),
        "refused": answering(replies.ok(replies.rs_error("2002", "Address error"))),
        "throttled": answering(http_answer(b"", "429 Too Many Requests", (("Retry-After", "17"),))),
        "too big": answering(replies.ok(replies.rs_error("2004", "Too large"))),
        "garbage in the answer": answering(http_answer(b"\x00\xff<<<&;", "200 OK")),
        "garbage instead of an answer": answering(b"\x16\x03\x01\x00\xa5 hello there\r\n\r\n"),
        "half an answer": answering(replies.ok(replies.submit_rsp())[:-60], close=True),
        "a whole answer that says half": answering(replies.ok(replies.submit_rsp()[:-60])),
        "nothing": answering(b"", close=True),
        "silent": silent,
        "echo": _echo,
        "echo in words": _echo_in_words,
    },
    reference="x-qf4631.1.x363.4@mmsc",
    retry_after=17.0,
    submission=a_submission(a_message()),
    big=a_submission(a_message(), a_rendition(*[b"\xff" * 100_000] * (BIG // 100_000))),
    secrets=("open-sesame-17", "Z3c6b3Blbi1zZXNhbWUtMTc=", TEXT, SUBJECT, "447700900123", "7700900123"),
    stays_open=0,
)


async def _take_nothing(_: object) -> None:
    raise AssertionError("these peers send nothing")


def _smpp(port: int, seconds: float) -> SmppCarrier:
    world = World(
        Dialer(Resolver(DnsLookup())), lambda: NOW, lambda: 0.0, Takers(_take_nothing, _take_nothing), backoff=(0.01,)
    )
    return SmppCarrier(an_sms_route(port, timeout=seconds), world)


SMPP = CarrierKit(
    name="smpp",
    make=_smpp,
    scripts={
        "accepted": FakeSmsc(resp(0, b"7F-a.3@smsc\0")),
        "refused": FakeSmsc(resp(0x0B)),
        "throttled": FakeSmsc(resp(0x58)),
        "garbage in the answer": FakeSmsc(resp(0, b"\x00\xff\x1b<<<&;"[1:])),
        "garbage instead of an answer": FakeSmsc(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        "half an answer": FakeSmsc(lambda asked: resp(0, b"7F-a.3@smsc\0")(asked)[:-6], close=True),
        "a whole answer that says half": FakeSmsc(resp(0, b"x" * 80)),
        "nothing": FakeSmsc(lambda _: b"", close=True),
        "silent": FakeSmsc(lambda _: b""),
        "echo": FakeSmsc(ECHO),
    },
    reference="7F-a.3@smsc",
    retry_after=0.25,
    submission=a_sms(),
    big=a_sms(f"{TEXT} " * 1500),
    secrets=("sesame17", TEXT, TEXT.encode().hex(), "447700900123", "7700900123"),
    stays_open=1,
)

KITS = (MM7, SMPP)
