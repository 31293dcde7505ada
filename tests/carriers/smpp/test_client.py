"""Segments handed to the simulator's SMSC, which reads the wire by itself: verdicts, ids, receipts, rate."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.carriers.build import NOW, a_message
from tests.carriers.smpp.build import a_sms, an_sms_route
from tests.carriers.smpp.world import Taker, carrying, make, until

from slidewire.carriers.base import Outcome, ReceiptStatus, SegmentOutcome, SmsSubmission, Verdict
from slidewire.carriers.smpp.text import Writing, segments
from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.simulator.texts import Text

QUICK: dict[str, Any] = {
    "mm7_port": 0,
    "http_port": 0,
    "smpp_port": 0,
    "report_after": 0.01,
    "report_backoff": (0.01,) * 4,
    "slow_answer": 0.2,
    "smpp_system_id": "gw",
    "smpp_password": "sesame17",
}
LONG = "Wir sehen uns unter der großen Uhr: {heute} um acht. " * 6


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(**QUICK)) as running:
        yield running


def to(digits: str, text: str = "Meet me under the clock", **changes: Any) -> SmsSubmission:
    return a_sms(text, a_message(receiver=f"447700900{digits}", **changes))


def arrived(simulator: Simulator) -> list[tuple[str, str, str]]:
    return [(text.submit.source, text.submit.receiver, text.text) for text in simulator.texts]


def only(simulator: Simulator) -> Text:
    (text,) = simulator.texts
    return text


async def test_an_sms_arrives_and_its_receipt_comes_back(simulator: Simulator) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker) as carrier:
        outcome = await carrier.submit(to("123"))
        await until(lambda: taker.receipts)
    text = only(simulator)
    assert outcome.verdict is Verdict.ACCEPTED
    assert outcome.carrier_ref == text.message_ids[0]
    assert outcome.segments == (
        SegmentOutcome(1, Verdict.ACCEPTED, text.message_ids[0], "command_status 0x00000000 (ESME_ROK)"),
    )
    assert arrived(simulator) == [("28444", "447700900123", "Meet me under the clock")]
    (receipt,) = taker.receipts
    assert (receipt.route, receipt.carrier_ref, receipt.status, receipt.word) == (
        "sms-a",
        outcome.carrier_ref,
        ReceiptStatus.DELIVERED,
        "DELIVRD",
    )
    assert receipt.numbers == ("447700900123", "28444")
    assert receipt.received_at == NOW


@pytest.mark.parametrize("text", [LONG, "Как дела? 😀 " * 20], ids=["GSM", "UCS-2"])
@pytest.mark.parametrize("reference", ["8", "16"])
async def test_a_long_text_arrives_as_one(simulator: Simulator, text: str, reference: str) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker, options={"reference": reference}) as carrier:
        made = segments(text.strip(), 0x1234, carrier.options.writing)
        outcome = await carrier.submit(SmsSubmission(a_message(), "t1", made))
        await until(lambda: len(taker.receipts) == len(made))
    assert outcome.verdict is Verdict.ACCEPTED
    assert [each.number for each in outcome.segments] == list(range(1, len(made) + 1))
    assert only(simulator).text == text.strip()
    assert only(simulator).message_ids == tuple(each.carrier_ref for each in outcome.segments)
    assert {receipt.carrier_ref for receipt in taker.receipts} == set(only(simulator).message_ids)


@pytest.mark.parametrize(
    ("message", "options", "source", "plan"),
    [
        pytest.param({}, {}, "28444", (3, 0), id="a short code"),
        pytest.param({"sender": "12025550123"}, {}, "12025550123", (1, 1), id="a long code"),
        pytest.param({"sender": "18005550123"}, {}, "18005550123", (1, 1), id="a toll-free number"),
        pytest.param({"mask": "Acme & Co"}, {}, "Acme & Co", (5, 0), id="a mask over the sender"),
        pytest.param({}, {"short_code": "0/1"}, "28444", (0, 1), id="a short code as the route wants it"),
        pytest.param({"mask": "Acme"}, {"mask": "5/1"}, "Acme", (5, 1), id="a mask as the route wants it"),
    ],
)
async def test_the_sender_has_its_type_and_plan(
    simulator: Simulator, message: dict[str, Any], options: dict[str, str], source: str, plan: tuple[int, int]
) -> None:
    async with carrying(simulator.smpp_port, options=options) as carrier:
        await carrier.submit(to("123", **message))
    submit = only(simulator).submit
    assert (submit.source, submit.source_plan, submit.receiver_plan) == (source, plan, (1, 1))
    assert submit.wants_receipt


@pytest.mark.parametrize(
    ("how", "told"),
    [("absolute", "260307050607000+"), ("relative", "000003000000000R"), ("none", "")],
)
async def test_the_validity_is_told(simulator: Simulator, how: str, told: str) -> None:
    async with carrying(simulator.smpp_port, options={"validity": how}) as carrier:
        await carrier.submit(to("123"))
    assert only(simulator).submit.validity == told


@pytest.mark.parametrize(
    ("digits", "verdict", "flags"),
    [
        pytest.param("154", Verdict.THROTTLED, set(), id="throttled"),
        pytest.param("155", Verdict.THROTTLED, set(), id="queue full"),
        pytest.param("161", Verdict.REFUSED, set(), id="no such number"),
        pytest.param("162", Verdict.RETRY, {"few_tries"}, id="system error"),
        pytest.param("168", Verdict.RETRY, {"few_tries"}, id="generic_nack"),
        pytest.param("159", Verdict.UNCERTAIN, {"route_down"}, id="lost"),
        pytest.param("160", Verdict.UNCERTAIN, {"route_down"}, id="cut"),
        pytest.param("169", Verdict.UNCERTAIN, {"route_down"}, id="garbled"),
    ],
)
async def test_says_what_the_answer_means(simulator: Simulator, digits: str, verdict: Verdict, flags: set[str]) -> None:
    async with carrying(simulator.smpp_port, timeout=0.5) as carrier:
        outcome = await carrier.submit(to(digits))
    raised = {name for name in ("alarm", "route_down", "few_tries", "operator_doubt") if getattr(outcome, name)}
    assert (outcome.verdict, raised) == (verdict, flags)
    assert [each.verdict for each in outcome.segments] == [verdict]


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        pytest.param("151", ["EXPIRED"], id="expired"),
        pytest.param("152", ["UNDELIV"], id="undeliverable"),
        pytest.param("153", ["REJECTD"], id="rejected"),
        pytest.param("163", ["DELIVRD"], id="by parameters alone"),
        pytest.param("164", ["DELIVRD"], id="by words alone"),
        pytest.param("166", ["DELIVRD", "DELIVRD"], id="doubled"),
        pytest.param("167", ["ENROUTE", "DELIVRD"], id="on its way"),
    ],
)
async def test_receipts_tell_what_became_of_it(simulator: Simulator, digits: str, words: list[str]) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker) as carrier:
        outcome = await carrier.submit(to(digits))
        await until(lambda: len(taker.receipts) == len(words))
    assert [receipt.word for receipt in taker.receipts] == words
    assert {receipt.carrier_ref for receipt in taker.receipts} == {outcome.carrier_ref}


async def test_a_doubled_receipt_is_recognisable(simulator: Simulator) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker) as carrier:
        await carrier.submit(to("166"))
        await until(lambda: len(taker.receipts) == 2)
    assert taker.receipts[0].key == taker.receipts[1].key


async def test_a_receipt_may_come_before_the_answer(simulator: Simulator) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker) as carrier:
        outcome = await carrier.submit(to("158"))
        assert [receipt.carrier_ref for receipt in taker.receipts] == [outcome.carrier_ref]


async def test_an_id_in_hex_is_found_by_its_other_spellings(simulator: Simulator) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker, options={"ids": "answer-hex"}) as carrier:
        outcome = await carrier.submit(to("165"))
        await until(lambda: taker.receipts)
    (receipt,) = taker.receipts
    assert receipt.carrier_ref != outcome.carrier_ref
    assert outcome.carrier_ref in receipt.other_refs


async def test_only_what_failed_is_sent_again(simulator: Simulator) -> None:
    """The SMSC throttles the first two segments; what is handed over again are those two alone."""
    async with carrying(simulator.smpp_port) as carrier:
        made = to("154", LONG)
        first = await carrier.submit(made)
        assert first.verdict is Verdict.THROTTLED
        taken = {each.number for each in first.segments if each.verdict is Verdict.ACCEPTED}
        assert [each.carrier_ref != "" for each in first.segments] == [each.number in taken for each in first.segments]
        assert len(taken) == len(made.segments) - 2
        left = tuple(segment for segment in made.segments if segment.number not in taken)
        outcome = first
        while outcome.verdict is not Verdict.ACCEPTED:
            outcome = await carrier.submit(SmsSubmission(made.message, made.transaction_id, left))
            done = {each.number for each in outcome.segments if each.verdict is Verdict.ACCEPTED}
            left = tuple(segment for segment in left if segment.number not in done)
    assert only(simulator).text == LONG


async def test_one_refused_segment_refuses_the_sms(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port) as carrier:
        outcome = await carrier.submit(to("161", LONG))
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.carrier_ref == ""
    assert outcome.detail == "command_status 0x0000000B (ESME_RINVDSTADR)"


async def test_throttling_rests_the_whole_bind(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port) as carrier:
        assert (await carrier.submit(to("154"))).retry_after == 0.25
        began = time.monotonic()
        assert (await carrier.submit(to("123"))).verdict is Verdict.ACCEPTED
        assert time.monotonic() - began > 0.2


async def test_a_rest_longer_than_the_timeout_is_told_at_once(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port, timeout=0.1) as carrier:
        await carrier.submit(to("154"))
        outcome = await carrier.submit(to("123"))
    assert (outcome.verdict, outcome.detail) == (Verdict.THROTTLED, "not sent: the route rests")
    assert 0 < outcome.retry_after <= 0.25
    assert arrived(simulator) == []


async def test_the_rate_is_counted_in_segments(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port, rate=40.0) as carrier:
        began = time.monotonic()
        outcome = await carrier.submit(to("123", "a" * 153 * 20))  # 20 segments; 4 tokens at most are saved up
        took = time.monotonic() - began
    assert outcome.verdict is Verdict.ACCEPTED
    assert took >= (20 - 4 - 1) / 40


async def test_a_rate_that_gives_no_turn_is_a_retry(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port, rate=0.1, timeout=0.3) as carrier:
        assert (await carrier.submit(to("123"))).verdict is Verdict.ACCEPTED
        outcome = await carrier.submit(to("123"))
    assert (outcome.verdict, outcome.detail) == (Verdict.RETRY, "not sent: the rate gave no turn")
    assert not outcome.route_down


async def test_texts_are_submitted_over_the_transmitter_and_receipts_come_over_the_receiver(
    simulator: Simulator,
) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker, options={"bind": "pair"}) as carrier:
        outcome = await carrier.submit(to("123"))
        await until(lambda: taker.receipts)
    assert taker.receipts[0].carrier_ref == outcome.carrier_ref


async def test_a_wrong_password_keeps_the_messages_and_alarms(simulator: Simulator) -> None:
    carrier = make(simulator.smpp_port, password="wrong")
    outcome = await carrier.submit(to("123"))
    await carrier.close()
    assert (outcome.verdict, outcome.alarm, outcome.route_down) == (Verdict.RETRY, True, True)
    assert outcome.detail == "not sent: bind: command_status 0x0000000E (ESME_RINVPASWD)"


async def test_a_thousand_at_once_arrive_once_each(simulator: Simulator) -> None:
    taker = Taker()
    async with carrying(simulator.smpp_port, taker, window=50) as carrier:
        texts = [f"Number {number}" for number in range(1000)]
        outcomes = await asyncio.gather(*(carrier.submit(to("123", text)) for text in texts))
        await until(lambda: len(taker.receipts) == 1000, 30)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert sorted(text.text for text in simulator.texts) == sorted(texts)
    assert {receipt.carrier_ref for receipt in taker.receipts} == {outcome.carrier_ref for outcome in outcomes}


def exchange_of(outcome: Outcome) -> str:
    assert outcome.exchange is not None
    return "\n".join((outcome.exchange.request, outcome.exchange.response, outcome.exchange.body))


async def test_what_is_kept_of_a_refusal_tells_all_but_the_text(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port) as carrier:
        outcome = await carrier.submit(to("161"))
    assert exchange_of(outcome) == (
        "submit_sm of segment 1 of 1, TransactionID 0195a7c08d3a7f0b8a1f4d2c6e9b7a55\n"
        "command_status 0x0000000B (ESME_RINVDSTADR)\n"
        "segment 1: from 3/0 28444 to 1/1 ********0161, esm_class 0x00, data_coding 0, "
        "validity 260307050607000+, 23 octets: command_status 0x0000000B (ESME_RINVDSTADR)"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"options": {"bid": "pair"}}, "option 'bid' is not one of", id="an unknown option"),
        pytest.param({"options": {"bind": "both"}}, "option bind: 'both' is not one of", id="an unknown bind"),
        pytest.param({"options": {"mask": "9/1"}}, "option mask: '9/1' is no type and plan", id="a plan that is none"),
        pytest.param({"options": {"tls": "yes"}}, "option tls", id="a switch that is none"),
        pytest.param({"options": {"reference": "32"}}, "option reference", id="a reference of 32 bits"),
        pytest.param({"options": {"enquire_link": "0"}}, "option enquire_link", id="no time at all"),
        pytest.param({"options": {"codes": "0=retry"}}, "option codes", id="success cannot be changed"),
        pytest.param({"options": {"blocked_codes": "0"}}, "option blocked_codes", id="a success that blocks"),
        pytest.param({"options": {"codes": "0x401=maybe"}}, "option codes", id="a word that is none"),
        pytest.param({"options": {"system_type": "x" * 13}}, "option system_type", id="a long system_type"),
        pytest.param({"host": ""}, "needs its host", id="no host"),
        pytest.param({"password": "too-long-17"}, "password has 11 octets", id="a password that SMPP cannot carry"),
        pytest.param({"system_id": "x" * 16}, "system_id has 16 octets", id="a system_id that SMPP cannot carry"),
    ],
)
def test_refuses_settings_that_cannot_work(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make(2775, **changes)


async def test_codes_of_a_routes_own_come_first(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port, options={"codes": "0x0B=retry, 1025=throttled"}) as carrier:
        outcome = await carrier.submit(to("161"))
    assert outcome.verdict is Verdict.RETRY


async def test_a_route_names_the_codes_that_say_that_the_receiver_blocks_us(simulator: Simulator) -> None:
    async with carrying(simulator.smpp_port, options={"blocked_codes": "0x0B"}) as carrier:
        outcome = await carrier.submit(to("161"))
    assert (outcome.verdict, outcome.blocked) == (Verdict.REFUSED, True)


def test_the_writing_of_a_route_is_known_without_a_connection() -> None:
    carrier = make(2775, options={"reference": "16", "punctuation": "false"})
    assert carrier.options.writing == Writing(16, punctuation=False)
    assert an_sms_route().port == 2775
