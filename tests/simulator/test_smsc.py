"""The SMSC over loopback: every row of its table, what it refuses, and the SMS on the phone's page."""

from __future__ import annotations

import asyncio
import struct
import time
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.simulator.esme import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    ENQUIRE_LINK,
    RESP,
    SUBMIT_SM,
    UNBIND,
    Esme,
    submit_body,
)

from slidewire.simulator.sms_behaviours import SMS_BEHAVIOURS, SMS_DELIVERED, sms_behaviour_of, sms_behaviour_table
from slidewire.simulator.text_pages import with_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.conftest import Bench, MakeBench

HEADER = b"\x05\x00\x03\x2a"


def to(digits: str) -> str:
    return f"4477009001{digits}"


def stat(body: bytes) -> str:
    return body.partition(b"stat:")[2].partition(b" ")[0].decode()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


def esme(bench: Bench, **how: Any) -> Esme:
    return Esme(bench.simulator.smpp_port, **how)


@pytest.mark.parametrize(
    ("digits", "stats"),
    [
        pytest.param("00", ["DELIVRD"], id="delivered"),
        pytest.param("08", ["DELIVRD"], id="delivered, though its MMS is refused"),
        pytest.param("51", ["EXPIRED"], id="expired"),
        pytest.param("52", ["UNDELIV"], id="undeliverable"),
        pytest.param("53", ["REJECTD"], id="rejected"),
        pytest.param("66", ["DELIVRD", "DELIVRD"], id="doubled"),
        pytest.param("67", ["ENROUTE", "DELIVRD"], id="on its way"),
    ],
)
async def test_receipts(bench: Bench, digits: str, stats: list[str]) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to(digits))
        await until(lambda: len(client.deliveries) == len(stats))
        bodies = [delivery.body for delivery in client.deliveries]
    assert (answer.command, answer.status) == (SUBMIT_SM | RESP, 0)
    assert [stat(body) for body in bodies] == stats
    assert {f"id:{answer.id} sub:001".encode() in body for body in bodies} == {True}
    assert [(await bench.get("/api/sms/1"))["fate"]] == stats[-1:]


async def test_an_intermediate_receipt_says_that_it_is_one(bench: Bench) -> None:
    async with esme(bench) as client:
        await client.submit(to("67"))
        await until(lambda: len(client.deliveries) == 2)
        kinds = [delivery.body[len(f"\0\1\1{to('67')}\0\0\x0128444\0")] for delivery in client.deliveries]
    assert kinds == [0x20, 0x04]


async def test_silent_sends_no_receipt(bench: Bench) -> None:
    async with esme(bench) as client:
        await client.submit(to("56"))
        await client.submit(to("00"))
        await until(lambda: client.deliveries)
        assert [to("00").encode() in delivery.body for delivery in client.deliveries] == [True]


async def test_no_receipt_is_sent_that_was_not_asked_for(bench: Bench) -> None:
    async with esme(bench) as client:
        await client.submit(to("00"), registered=0)
        await client.submit(to("10"))
        await until(lambda: client.deliveries)
        assert to("10").encode() in client.deliveries[0].body


@pytest.mark.parametrize(("digits", "status"), [("54", 0x58), ("55", 0x14), ("62", 0x08)])
async def test_first_tries_fail_and_the_next_is_taken(bench: Bench, digits: str, status: int) -> None:
    async with esme(bench) as client:
        statuses = [(await client.submit(to(digits))).status for _ in range(4)]
    assert statuses == [status, status, 0, status]
    assert len(await bench.get("/api/sms")) == 1


async def test_not_understood_is_a_generic_nack(bench: Bench) -> None:
    async with esme(bench) as client:
        answers = [await client.submit(to("68")) for _ in range(3)]
    assert [(answer.command, answer.status) for answer in answers] == [(RESP, 8), (RESP, 8), (SUBMIT_SM | RESP, 0)]


async def test_no_such_number_is_always_refused(bench: Bench) -> None:
    async with esme(bench) as client:
        assert [(await client.submit(to("61"))).status for _ in range(4)] == [0x0B] * 4


async def test_slow_answers_late(bench: Bench) -> None:
    async with esme(bench) as client:
        began = time.monotonic()
        await client.submit(to("57"))
        assert time.monotonic() - began >= 0.3
        await until(lambda: client.deliveries)


async def test_hasty_sends_the_receipt_first(bench: Bench) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to("58"))
        assert f"id:{answer.id} ".encode() in client.deliveries[0].body


async def test_lost_takes_it_and_never_answers_but_once(bench: Bench) -> None:
    async with esme(bench) as client:
        client.send(SUBMIT_SM, 99, submit_body(to("59")))
        await until(lambda: client.deliveries)
        assert [heard.sequence for heard in client.heard if heard.sequence == 99] == []
        assert (await client.submit(to("59"))).status == 0


async def test_cut_takes_it_and_hangs_up_but_once(bench: Bench) -> None:
    async with esme(bench) as client:
        assert (await client.submit(to("60"))).body == b"closed"
    async with esme(bench) as client:
        await until(lambda: client.deliveries)
        assert (await client.submit(to("60"))).status == 0


async def test_garbled_takes_nothing_and_hangs_up(bench: Bench) -> None:
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.simulator.smpp_port)
        for command, body in ((BIND_TRANSCEIVER, Esme(0).login), (SUBMIT_SM, submit_body(to("69")))):
            writer.write(struct.pack(">IIII", 16 + len(body), command, 0, 1) + body)
        assert (await reader.read()).endswith(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
    assert await bench.get("/api/sms") == []


async def test_bare_has_parameters_and_no_text(bench: Bench) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to("63"))
        await until(lambda: client.deliveries)
    tags = b"\x00\x1e" + (len(answer.id) + 1).to_bytes(2, "big") + answer.id.encode() + b"\0" + b"\x04\x27\x00\x01\x02"
    assert client.deliveries[0].body.endswith(b"\0" + tags)


async def test_wordy_has_text_in_capitals_and_no_parameters(bench: Bench) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to("64"))
        await until(lambda: client.deliveries)
    body = client.deliveries[0].body
    assert f"ID:{answer.id} ".encode() in body
    assert body.endswith(b"Stat:DELIVRD err:000 Text:Stat:none")


async def test_hex_ids_are_decimal_in_the_receipt(bench: Bench) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to("65"))
        await until(lambda: client.deliveries)
    assert f"id:{int(answer.id, 16)} ".encode() in client.deliveries[0].body
    assert (await bench.get("/api/sms/1"))["fate"] == "DELIVRD"


def test_every_row_of_the_table_is_played_here() -> None:
    assert set(SMS_BEHAVIOURS) == {str(number) for number in range(51, 70)}
    assert sms_behaviour_of("447700900112") is SMS_DELIVERED
    assert len(sms_behaviour_table().splitlines()) == 20


def joined(number: int, total: int, text: bytes) -> bytes:
    return HEADER + bytes((total, number)) + text


async def test_segments_are_put_together_whatever_their_order(bench: Bench) -> None:
    async with esme(bench) as client:
        for number, text in ((3, b"third"), (1, b"first "), (2, b"second ")):
            assert (await client.submit(text=joined(number, 3, text), esm_class=0x40)).status == 0
    (sms,) = await bench.get("/api/sms")
    assert (sms["text"], sms["segments"], sms["coding"]) == ("first second third", 3, "GSM")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"text": b"x" * 161}, 0x01, id="161 septets"),
        pytest.param({"text": joined(1, 2, b"x" * 154), "esm_class": 0x40}, 0x01, id="154 behind a header"),
        pytest.param({"text": b"\0a" * 71, "coding": 8}, 0x01, id="71 characters of UCS-2"),
        pytest.param({"text": b"\0ab", "coding": 8}, 0x01, id="half a character"),
        pytest.param({"text": b"\xd8\x3d", "coding": 8}, 0x08, id="half a surrogate pair"),
        pytest.param({"text": b"abc\x1b"}, 0x08, id="half an escape pair"),
        pytest.param({"text": b"\x1bA"}, 0x08, id="an escape with nothing behind it"),
        pytest.param({"text": b"\x80"}, 0x08, id="no septet"),
        pytest.param({"text": b"abc", "coding": 4}, 0x08, id="another coding"),
        pytest.param({"text": b"", "esm_class": 0x40}, 0x43, id="a header that is not there"),
        pytest.param({"text": b"\x01\x02", "esm_class": 0x40}, 0x43, id="a header of another kind"),
        pytest.param({"text": joined(3, 2, b"x"), "esm_class": 0x40}, 0x43, id="the third of two"),
        pytest.param({"receiver": "+447700900123"}, 0x0B, id="a number with plus"),
        pytest.param({"receiver": "12"}, 0x0B, id="a number too short"),
    ],
)
async def test_refuses_what_a_network_would(bench: Bench, fields: dict[str, Any], status: int) -> None:
    async with esme(bench) as client:
        assert (await client.submit(**fields)).status == status
        assert (await client.submit()).status == 0
    assert len(await bench.get("/api/sms")) == 1


@pytest.mark.parametrize(
    ("login", "status"),
    [
        pytest.param(b"gw\0secret\0\0\x34\0\0\0", 0, id="the right ones"),
        pytest.param(b"gw\0wrong\0\0\x34\0\0\0", 0x0E, id="another password"),
        pytest.param(b"xx\0secret\0\0\x34\0\0\0", 0x0F, id="another system_id"),
        pytest.param(b"g" * 16 + b"\0\0\0\x34\0\0\0", 0x0F, id="a system_id too long"),
        pytest.param(b"gw\0" + b"x" * 9 + b"\0\0\x34\0\0\0", 0x0E, id="a password too long"),
        pytest.param(b"gw\0secret\0\0\x34\0", 0x02, id="cut short"),
    ],
)
async def test_lets_in_who_it_knows(make_bench: MakeBench, login: bytes, status: int) -> None:
    bench = await make_bench(smpp_system_id="gw", smpp_password="secret")
    client = esme(bench)
    await client.connect()
    answer = await client.ask(BIND_TRANSCEIVER, login)
    await client.__aexit__()
    assert (answer.command, answer.status) == (BIND_TRANSCEIVER | RESP, status)


async def test_takes_nothing_from_who_is_not_bound_to_send(bench: Bench) -> None:
    stranger = esme(bench)
    await stranger.connect()
    assert (await stranger.submit()).status == 0x04
    await stranger.__aexit__()
    async with esme(bench, kind=BIND_RECEIVER) as receiver:
        assert (await receiver.submit()).status == 0x04
        assert (await receiver.ask(BIND_RECEIVER, receiver.login)).status == 0x05


async def test_receipts_go_to_the_receiver_of_the_same_system_id(bench: Bench) -> None:
    async with (
        esme(bench, kind=BIND_TRANSMITTER) as sender,
        esme(bench, kind=BIND_RECEIVER, login=b"other\0\0\0\x34\0\0\0") as other,
        esme(bench, kind=BIND_RECEIVER) as receiver,
    ):
        await sender.submit()
        await until(lambda: receiver.deliveries)
        assert (sender.deliveries, other.deliveries) == ([], [])


async def test_repeats_a_receipt_until_it_is_taken(bench: Bench) -> None:
    async with esme(bench, receipt_status=0x64) as client:
        await client.submit()
        await until(lambda: len(client.deliveries) == 2)
        client.receipt_status = 0
        await until(lambda: len(client.deliveries) == 3)
    assert len({delivery.body for delivery in client.deliveries}) == 1


async def test_answers_enquire_link_and_unbind_and_nothing_unknown(bench: Bench) -> None:
    async with esme(bench) as client:
        assert (await client.ask(ENQUIRE_LINK)).command == ENQUIRE_LINK | RESP
        unknown = await client.ask(0x03)
        assert (unknown.command, unknown.status) == (RESP, 0x03)
        assert (await client.ask(UNBIND)).command == UNBIND | RESP
        await until(lambda: client.heard[-1].body == b"closed")


async def test_no_pdu_ends_the_session_after_a_generic_nack(bench: Bench) -> None:
    async with esme(bench) as client:
        client.write(b"GET / HTTP/1.1\r\n\r\n")
        await until(lambda: client.heard[-1].body == b"closed")
    assert (client.heard[-2].command, client.heard[-2].status) == (RESP, 0x02)


async def test_over_its_rate_it_throttles(make_bench: MakeBench) -> None:
    bench = await make_bench(smpp_rate=5.0)
    async with esme(bench) as client:
        statuses = [(await client.submit()).status for _ in range(10)]
    assert statuses[:5] == [0] * 5
    assert 0x58 in statuses[5:]


async def test_the_phone_shows_the_sms_with_a_link_that_can_be_followed(bench: Bench) -> None:
    link = "https://m.example.co/x/Ab3dE9kQ12a"
    async with esme(bench) as client:
        await client.submit(text=f"Your photos: {link}. <b>".encode())
    for path in ("/phone/447700900123", "/"):
        async with bench.http.get(bench.simulator.http_url + path) as answer:
            page = await answer.text()
        assert "&lt;b&gt;" in page
        if path != "/":
            assert f'<a href="{link}" rel="noreferrer" target="_blank">{link}</a>. &lt;b&gt;' in page
    async with bench.http.delete(bench.simulator.http_url + "/api/sms") as answer:
        assert answer.status == 204
    assert await bench.get("/api/sms") == []


async def test_the_json_tells_all_of_an_sms(bench: Bench) -> None:
    async with esme(bench) as client:
        answer = await client.submit(to("56"))
    (sms,) = await bench.get("/api/sms")
    assert sms.pop("arrived_at").startswith("20")
    assert sms == {
        "id": 1,
        "sender": "28444",
        "sender_plan": [3, 0],
        "receiver": to("56"),
        "receiver_plan": [1, 1],
        "text": "Hello",
        "segments": 1,
        "message_ids": [answer.id],
        "coding": "GSM",
        "validity": "",
        "wants_receipt": True,
        "fate": "Accepted",
        "fates": {},
    }
    async with bench.http.get(bench.simulator.http_url + "/api/sms/7") as missing:
        assert missing.status == 404


def test_only_web_addresses_become_links() -> None:
    assert "<a" not in with_links("javascript:alert(1) ftp://x mailto:a@b 'https")
    assert with_links('a"https://x.example/?a=1&b=2"') == (
        'a&quot;<a href="https://x.example/?a=1&amp;b=2" rel="noreferrer" target="_blank">'
        "https://x.example/?a=1&amp;b=2</a>&quot;"
    )


async def test_keeps_no_more_than_it_may(make_bench: MakeBench) -> None:
    bench = await make_bench(keep_messages=3)
    async with esme(bench) as client:
        for number in range(5):
            await client.submit(text=b"%d" % number)
    assert [sms["text"] for sms in await bench.get("/api/sms")] == ["2", "3", "4"]


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_that_is_sent_to_it_breaks_it(bench: Bench, seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", bench.simulator.smpp_port)
        for _ in range(10):
            body = rng.randbytes(rng.randrange(80))
            command = rng.choice((1, 2, 4, 5, 6, 9, 0x15, 0x80000004, rng.randrange(1 << 32)))
            writer.write(struct.pack(">IIII", 16 + len(body), command, 0, rng.randrange(1 << 32)) + body)
        writer.write(rng.randbytes(40))
        writer.close()
    async with esme(bench) as client:
        assert (await client.submit()).status == 0
