"""What the SMSC delivers: answered when it is stored, bounded, and never in another's way (durability 23)."""

import asyncio
from contextlib import suppress

import pytest
from tests.carriers.build import NOW
from tests.carriers.smpp.build import a_delivery, a_sms
from tests.carriers.smpp.script import Script, deliver, sending
from tests.carriers.smpp.world import Taker, carrying, make, until
from tests.fakes.raw_server import RawServer
from tests.fakes.smsc import pdu

from slidewire.carriers.base import Receipt, Verdict
from slidewire.carriers.smpp.link import DELIVERIES
from slidewire.carriers.smpp.pdu import Address, Command, write_message
from slidewire.domain.inbound import Inbound


async def test_a_receipt_is_answered_only_after_it_is_stored() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: object) -> None:
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

    async def before(came: object) -> None:
        if isinstance(came, Receipt) and came.carrier_ref == "1":
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

    async def before(_: object) -> None:
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
    async def before(_: object) -> None:
        raise OSError("the disk is full")

    script = Script(sending(deliver(3, text)))
    async with RawServer(script) as server, carrying(server.port, Taker(before=before)):
        await until(script.answers)
    assert script.answers() == {3: status}


async def test_a_text_from_a_phone_is_answered_only_after_it_is_stored() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: object) -> None:
        await stored.wait()

    taker.before = before
    text = a_delivery("Café {1}".encode("utf-16-be"), data_coding=8, esm_class=0, source=Address(1, 1, "+447700900123"))
    script = Script(sending(pdu(Command.DELIVER_SM, 9, write_message(text))))
    async with RawServer(script) as server, carrying(server.port, taker) as carrier:
        await until(lambda: taker.under_way)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED  # what follows is read meanwhile
        assert script.answers() == {}
        stored.set()
        await until(script.answers)
    assert script.answers() == {9: 0}
    assert taker.inbound == [Inbound("sms-a", "447700900123", "28444", "Café {1}", NOW)]


async def test_a_text_that_cannot_be_stored_is_to_be_sent_again() -> None:
    async def before(_: object) -> None:
        raise OSError("the disk is full")

    script = Script(sending(pdu(Command.DELIVER_SM, 9, write_message(a_delivery(b"STOP", esm_class=0)))))
    async with RawServer(script) as server, carrying(server.port, Taker(before=before)):
        await until(script.answers)
    assert script.answers() == {9: 0x64}


async def test_a_delivery_that_cannot_be_read_is_refused_and_the_link_lives() -> None:
    script = Script(sending(pdu(Command.DELIVER_SM, 9, b"\1\2\3")))
    async with RawServer(script) as server, carrying(server.port) as carrier:
        await until(script.answers)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED
    assert script.answers() == {9: 0x65}


async def test_closing_while_a_receipt_is_stored_waits_for_it() -> None:
    stored, taker = asyncio.Event(), Taker()

    async def before(_: object) -> None:
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
