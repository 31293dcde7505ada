"""The bind: kept up, asked after, come back; deliveries answered when they are stored, none in another's way."""

import asyncio
import ssl
import struct

import pytest
import trustme
import uvloop
from tests.carriers.smpp.build import a_sms
from tests.carriers.smpp.script import ANSWER, OK, Script, sending
from tests.carriers.smpp.test_deliveries import (
    test_a_receipt_is_answered_only_after_it_is_stored as receipts_are_stored,
)
from tests.carriers.smpp.test_deliveries import (
    test_deliveries_under_way_are_bounded_and_none_is_lost as deliveries_are_bounded,
)
from tests.carriers.smpp.world import a_dialer, carrying, make, until
from tests.fakes.raw_server import Peer, RawServer, closing_at_once
from tests.fakes.smsc import ENQUIRE_LINK, SUBMIT_SM, UNBIND, Asked, FakeSmsc, pdu, read, resp

from slidewire.carriers.base import Verdict
from slidewire.carriers.smpp.pdu import Command


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


def test_speaks_in_the_loop_that_the_gateway_runs_in() -> None:
    """uvloop's transports are not asyncio's: everything once more over them, TLS too."""

    async def all_of_it() -> None:
        await receipts_are_stored()
        await deliveries_are_bounded()
        await test_speaks_tls_and_checks_the_name()
        await test_comes_back_after_an_outage()

    uvloop.run(all_of_it())
