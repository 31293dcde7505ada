"""The bind: kept up, asked after, come back; deliveries answered when they are stored, none in another's way."""

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import trustme
import uvloop
from tests.carriers.smpp.build import a_delivery, a_sms
from tests.carriers.smpp.world import Taker, a_dialer, carrying, make, until
from tests.fakes.raw_server import Peer, RawServer, closing_at_once
from tests.fakes.smsc import BINDS, ENQUIRE_LINK, SUBMIT_SM, UNBIND, Asked, FakeSmsc, pdu, read, resp

from slidewire.carriers.base import Receipt, Verdict
from slidewire.carriers.smpp.link import DELIVERIES
from slidewire.carriers.smpp.pdu import Command, write_message

ANSWER = 0x80000000
DELIVER_SM_RESP = ANSWER | Command.DELIVER_SM
OK = resp(0, b"1\0")


class Script:
    """An SMSC that binds, answers submits, runs ``also`` once bound, and keeps what it was told."""

    def __init__(self, also: Callable[[Peer], Awaitable[None]] | None = None) -> None:
        self.heard: list[Asked] = []
        self.peers: list[Peer] = []
        self._also = also

    async def __call__(self, peer: Peer) -> None:
        self.peers.append(peer)
        running: list[asyncio.Task[None]] = []
        try:
            while (asked := await read(peer)) is not None:
                self.heard.append(asked)
                if asked.command in BINDS:
                    await peer.send(pdu(asked.command | ANSWER, asked.sequence, b"fake\0"))
                    if self._also is not None:
                        running.append(asyncio.ensure_future(self._also(peer)))
                elif asked.command == SUBMIT_SM:
                    await peer.send(OK(asked))
                elif asked.command in (UNBIND, ENQUIRE_LINK):
                    await peer.send(pdu(asked.command | ANSWER, asked.sequence))
        finally:
            for task in running:
                task.cancel()

    def commands(self) -> list[int]:
        return [asked.command for asked in self.heard]

    def answers(self, command: int = DELIVER_SM_RESP) -> dict[int, int]:
        """sequence -> command_status of the answers that we gave."""
        return {asked.sequence: asked.status for asked in self.heard if asked.command == command}


def deliver(sequence: int, text: str | None = None) -> bytes:
    words = f"id:{sequence} stat:DELIVRD" if text is None else text
    return pdu(Command.DELIVER_SM, sequence, write_message(a_delivery(words.encode())))


def sending(*pdus: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def also(peer: Peer) -> None:
        await peer.send(b"".join(pdus))

    return also


async def test_binds_with_what_the_route_says() -> None:
    script = Script()
    async with RawServer(script) as server, carrying(server.port, options={"system_type": "VMA"}):
        pass
    assert script.heard[0].command == Command.BIND_TRANSCEIVER
    assert script.heard[0].body == b"gw\0sesame17\0VMA\0\x34\0\0\0"


async def test_says_goodbye() -> None:
    script = Script()
    async with RawServer(script) as server, carrying(server.port):
        pass
    assert script.commands() == [Command.BIND_TRANSCEIVER, Command.UNBIND]


async def test_a_receipt_is_answered_only_after_it_is_stored() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: Receipt) -> None:
        await stored.wait()

    taker.before = before
    script = Script(sending(deliver(7)))
    async with RawServer(script) as server, carrying(server.port, taker) as carrier:
        await until(lambda: taker.under_way)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED  # what follows is read meanwhile
        assert script.answers() == {}
        stored.set()
        await until(script.answers)
    assert script.answers() == {7: 0}


async def test_a_slow_receipt_holds_up_no_other() -> None:
    stuck, taker = asyncio.Event(), Taker()

    async def before(receipt: Receipt) -> None:
        if receipt.carrier_ref == "1":
            await stuck.wait()

    taker.before = before
    script = Script(sending(*(deliver(number) for number in range(1, 51))))
    async with RawServer(script) as server, carrying(server.port, taker):
        await until(lambda: len(script.answers()) == 49)
        assert 1 not in script.answers()
        stuck.set()
        await until(lambda: len(script.answers()) == 50)


async def test_deliveries_under_way_are_bounded_and_none_is_lost() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: Receipt) -> None:
        await stored.wait()

    taker.before = before
    count = DELIVERIES * 3
    script = Script(sending(*(deliver(number) for number in range(1, count + 1))))
    async with RawServer(script) as server, carrying(server.port, taker):
        await until(lambda: taker.under_way == DELIVERIES)
        stored.set()
        await until(lambda: len(script.answers()) == count, 20)
    assert taker.most_under_way == DELIVERIES
    assert [int(receipt.carrier_ref) for receipt in taker.receipts] == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("hello", 0x65, id="a receipt that names nothing"),
        pytest.param("id:1 stat:DELIVRD", 0x64, id="one that cannot be stored"),
    ],
)
async def test_what_is_not_stored_is_not_acknowledged(text: str, status: int) -> None:
    async def before(_: Receipt) -> None:
        raise OSError("the disk is full")

    script = Script(sending(deliver(3, text)))
    async with RawServer(script) as server, carrying(server.port, Taker(before=before)):
        await until(script.answers)
    assert script.answers() == {3: status}


async def test_an_inbound_text_is_refused_as_long_as_nobody_reads_it() -> None:
    body = write_message(a_delivery(b"STOP", esm_class=0))
    script = Script(sending(pdu(Command.DELIVER_SM, 9, body)))
    async with RawServer(script) as server, carrying(server.port):
        await until(script.answers)
    assert script.answers() == {9: 0x65}


async def test_a_delivery_that_cannot_be_read_is_refused_and_the_link_lives() -> None:
    script = Script(sending(pdu(Command.DELIVER_SM, 9, b"\1\2\3")))
    async with RawServer(script) as server, carrying(server.port) as carrier:
        await until(script.answers)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED
    assert script.answers() == {9: 0x65}


@pytest.mark.parametrize("command", [0x03, 0x05 + 0x100, 0x0B, 0x7FFFFFFF])
async def test_an_unknown_command_is_answered_by_generic_nack(command: int) -> None:
    script = Script(sending(pdu(command, 5, b"\0" * 8)))
    async with RawServer(script) as server, carrying(server.port):
        await until(lambda: script.answers(ANSWER))
    assert script.answers(ANSWER) == {5: 0x03}


async def test_an_alert_has_no_answer() -> None:
    script = Script(sending(pdu(Command.ALERT_NOTIFICATION, 5, b"\0" * 8), pdu(ENQUIRE_LINK, 6)))
    async with RawServer(script) as server, carrying(server.port):
        await until(lambda: script.answers(ANSWER | ENQUIRE_LINK))
    assert script.answers(ANSWER) == {}


async def test_the_peers_enquire_link_is_answered() -> None:
    script = Script(sending(pdu(ENQUIRE_LINK, 17)))
    async with RawServer(script) as server, carrying(server.port):
        await until(lambda: script.answers(ANSWER | ENQUIRE_LINK))
    assert script.answers(ANSWER | ENQUIRE_LINK) == {17: 0}


async def test_a_silent_link_is_asked_after() -> None:
    script = Script()
    async with RawServer(script) as server, carrying(server.port, options={"enquire_link": "0.05"}):
        await until(lambda: script.commands().count(ENQUIRE_LINK) >= 3)
    assert len(script.peers) == 1


async def test_a_dead_link_is_left_and_made_again() -> None:
    """The first connection answers nothing after its bind; enquire_link finds out."""
    alive = Script()

    async def script(peer: Peer) -> None:
        if peer.number:
            await alive(peer)
            return
        asked = await read(peer)
        assert asked is not None
        await peer.send(pdu(asked.command | ANSWER, asked.sequence, b"fake\0"))
        await peer.gone()

    options = {"enquire_link": "0.05"}
    async with RawServer(script) as server, carrying(server.port, options=options, timeout=0.2) as carrier:
        await until(lambda: alive.heard)
        await until(lambda: carrier.bound)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED


async def test_the_peers_unbind_is_answered_and_the_bind_comes_back() -> None:
    sent: list[int] = []

    async def also(peer: Peer) -> None:
        sent.append(peer.number)
        if len(sent) == 1:
            await peer.send(pdu(UNBIND, 77))

    script = Script(also)
    async with RawServer(script) as server, carrying(server.port) as carrier:
        await until(lambda: len(sent) == 2 and carrier.bound)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED
    assert script.answers(ANSWER | UNBIND) == {77: 0}


async def test_comes_back_after_an_outage() -> None:
    script = Script()
    async with RawServer(script) as server, carrying(server.port) as carrier:
        server.script = closing_at_once
        script.peers[0].reset()
        await until(lambda: not carrier.bound)
        outcome = await carrier.submit(a_sms())
        assert (outcome.verdict, outcome.route_down) == (Verdict.RETRY, True)
        await until(lambda: server.connections > 4)
        server.script = script
        await until(lambda: carrier.bound)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED


async def test_what_was_under_way_when_the_connection_broke_is_uncertain() -> None:
    async def script(peer: Peer) -> None:
        while (asked := await read(peer)) is not None:
            if asked.command == SUBMIT_SM:
                peer.reset()
                return
            await peer.send(pdu(asked.command | ANSWER, asked.sequence, b"fake\0"))

    async with RawServer(script) as server, carrying(server.port) as carrier:
        outcomes = await asyncio.gather(*(carrier.submit(a_sms()) for _ in range(3)))
    assert Verdict.UNCERTAIN in {outcome.verdict for outcome in outcomes}
    assert {outcome.verdict for outcome in outcomes} <= {Verdict.UNCERTAIN, Verdict.RETRY}


@pytest.mark.parametrize(
    ("status", "alarm"),
    [
        pytest.param(0x0D, True, id="bind failed"),
        pytest.param(0x0E, True, id="wrong password"),
        pytest.param(0x0F, True, id="wrong system_id"),
        pytest.param(0x53, True, id="wrong system_type"),
        pytest.param(0x05, False, id="already bound"),
        pytest.param(0x08, False, id="system error"),
    ],
)
async def test_who_is_not_let_in_waits(status: int, alarm: bool) -> None:
    refusing = FakeSmsc(OK, bind=lambda asked: pdu(asked.command | ANSWER, asked.sequence, status=status))
    async with RawServer(refusing) as server:
        carrier = make(server.port)
        outcome = await carrier.submit(a_sms())
        await carrier.close()
    assert (outcome.verdict, outcome.route_down, outcome.alarm) == (Verdict.RETRY, True, alarm)
    assert "command_status" in outcome.detail


async def test_the_window_is_never_exceeded() -> None:
    waiting: list[Asked] = []
    held: list[int] = []

    async def script(peer: Peer) -> None:
        while (asked := await read(peer)) is not None:
            if asked.command == SUBMIT_SM:
                waiting.append(asked)
                if len(waiting) == 5:
                    await peer.send(pdu(ENQUIRE_LINK, 1))  # its answer comes behind all that was sent before
            elif asked.command == ANSWER | ENQUIRE_LINK:
                held.append(len(waiting))
                for each in reversed(waiting):  # answers may come in any order
                    await peer.send(resp(0, f"{each.sequence}".encode() + b"\0")(each))
                waiting.clear()
            else:
                await peer.send(pdu(asked.command | ANSWER, asked.sequence, b"fake\0"))

    async with RawServer(script) as server, carrying(server.port, window=5) as carrier:
        outcomes = await asyncio.gather(*(carrier.submit(a_sms()) for _ in range(25)))
    assert held == [5] * 5
    assert len({outcome.carrier_ref for outcome in outcomes}) == 25


async def test_an_answer_of_another_kind_is_no_answer() -> None:
    wrong = FakeSmsc(lambda asked: pdu(ANSWER | ENQUIRE_LINK, asked.sequence))
    async with RawServer(wrong) as server, carrying(server.port) as carrier:
        outcome = await carrier.submit(a_sms())
    assert (outcome.verdict, outcome.detail) == (Verdict.UNCERTAIN, "answered by command 0x80000015")


async def test_an_answer_to_nothing_is_passed_over() -> None:
    script = Script(sending(pdu(ANSWER | SUBMIT_SM, 4_000, b"x\0")))
    async with RawServer(script) as server, carrying(server.port) as carrier:
        assert (await carrier.submit(a_sms())).carrier_ref == "1"


async def test_a_late_answer_is_not_given_to_another() -> None:
    late: list[Asked] = []

    def answer(asked: Asked) -> bytes:
        if not late:
            late.append(asked)
            return b""
        return resp(0, b"first\0")(late[0]) + resp(0, b"second\0")(asked)

    async with RawServer(FakeSmsc(answer)) as server, carrying(server.port, timeout=0.3) as carrier:
        assert (await carrier.submit(a_sms())).verdict is Verdict.UNCERTAIN
        assert (await carrier.submit(a_sms())).carrier_ref == "second"


async def test_garbage_is_answered_once_and_the_connection_left() -> None:
    script = Script(sending(struct.pack(">IIII", 5, 0, 0, 0)))
    async with RawServer(script) as server, carrying(server.port) as carrier:
        await until(lambda: len(script.peers) >= 2)
        carrier.start()
    assert script.answers(ANSWER) in ({0: 0x02}, {})  # the reset may overtake it


async def test_speaks_tls_and_checks_the_name() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    dialer = a_dialer(tls=trusting)
    async with RawServer(Script(), tls=context) as server:
        secure = {"tls": "true"}
        async with carrying(server.port, dialer=dialer, options=secure, host="localhost") as carrier:
            assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED
        stranger = make(server.port, dialer=dialer, options=secure)  # 127.0.0.1 is not in the certificate
        outcome = await stranger.submit(a_sms())
        await stranger.close()
    assert (outcome.verdict, outcome.route_down) == (Verdict.RETRY, True)
    assert "no connection" in outcome.detail


async def test_closing_while_a_receipt_is_stored_waits_for_it() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: Receipt) -> None:
        await stored.wait()

    taker.before = before
    script = Script(sending(deliver(7)))
    async with RawServer(script) as server:
        carrier = make(server.port, taker)
        carrier.start()
        await until(lambda: taker.under_way)
        closing = asyncio.create_task(carrier.close())
        await asyncio.sleep(0)
        stored.set()
        await closing
        with suppress(TimeoutError):
            await until(script.answers, 2)
    assert script.answers() == {7: 0}


def test_speaks_in_the_loop_that_the_gateway_runs_in() -> None:
    """uvloop's transports are not asyncio's: everything once more over them, TLS too."""

    async def all_of_it() -> None:
        await test_a_receipt_is_answered_only_after_it_is_stored()
        await test_deliveries_under_way_are_bounded_and_none_is_lost()
        await test_speaks_tls_and_checks_the_name()
        await test_comes_back_after_an_outage()

    uvloop.run(all_of_it())
