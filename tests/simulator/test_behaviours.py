"""Every row of the table, played over loopback: what is answered, and what is reported afterwards."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from tests.simulator.builder import Submit
from tests.simulator.catcher import taken

from slidewire.simulator.behaviours import BEHAVIOURS, behaviour_of

if TYPE_CHECKING:
    from tests.simulator.conftest import Bench, MakeBench


def to(digits: str) -> Submit:
    return Submit(receiver=f"155512345{digits}")


@pytest.mark.parametrize(
    ("digits", "fates"),
    [
        pytest.param("00", ["Retrieved"], id="delivered"),
        pytest.param("99", ["Retrieved"], id="delivered, as any number that is not in the table"),
        pytest.param("01", ["Expired"], id="expired"),
        pytest.param("02", ["Rejected"], id="rejected"),
        pytest.param("11", ["Deferred", "Retrieved"], id="deferred, then delivered"),
        pytest.param("13", ["Retrieved", "Retrieved"], id="reported twice"),
        pytest.param("14", ["Unrecognised"], id="unrecognised"),
        pytest.param("15", ["Indeterminate"], id="indeterminate"),
        pytest.param("17", ["Forwarded"], id="forwarded"),
    ],
)
async def test_reports(bench: Bench, digits: str, fates: list[str]) -> None:
    answer = await bench.submit(to(digits))
    reports = await bench.catcher.wait_for(len(fates))
    assert [report["MMStatus"] for report in reports] == fates
    assert {report["MessageID"] for report in reports} == {answer["MessageID"]}
    assert reports[0]["Recipient"].endswith(f"155512345{digits}</mm7:Number>")
    assert reports[0]["Sender"] == "<mm7:ShortCode>28444</mm7:ShortCode>"
    await bench.fates(1, f"155512345{digits}", fates[-1])


async def test_doubled_reports_are_the_same_word_for_word(bench: Bench) -> None:
    await bench.submit(to("13"))
    first, second = await bench.catcher.wait_for(2)
    assert first.body == second.body


async def test_swapped_reports_change_the_sides(bench: Bench) -> None:
    answer = await bench.submit(to("12"))
    (report,) = await bench.catcher.wait_for(1)
    assert report["MessageID"] == answer["MessageID"]
    assert report["Recipient"] == "<mm7:ShortCode>28444</mm7:ShortCode>"
    assert report["Sender"] == "<mm7:Number>15551234512</mm7:Number>"


@pytest.mark.parametrize(
    ("digits", "http", "code", "retry_after"),
    [
        pytest.param("03", 429, 0, "1", id="throttled"),
        pytest.param("04", 503, 0, "1", id="broken"),
        pytest.param("16", 500, 4006, None, id="unavailable"),
        pytest.param("18", 200, 0, None, id="garbled"),
    ],
)
async def test_first_tries_fail_and_the_next_is_delivered(
    bench: Bench, digits: str, http: int, code: int, retry_after: str | None
) -> None:
    for _ in range(2):
        answer = await bench.submit(to(digits))
        assert (answer.http, answer.code, answer.headers.get("Retry-After")) == (http, code, retry_after)
    assert await bench.get("/api/messages") == []
    assert (await bench.submit(to(digits))).code == 1000
    assert [report["MMStatus"] for report in await bench.catcher.wait_for(1)] == ["Retrieved"]
    assert (await bench.submit(to(digits))).code == code, "the next message starts its tries anew"


async def test_first_tries_are_counted_for_each_receiver(make_bench: MakeBench) -> None:
    bench = await make_bench(first_tries=1)
    assert (await bench.submit(Submit(receiver="15551111103"))).http == 429
    assert (await bench.submit(Submit(receiver="15552222203"))).http == 429
    assert (await bench.submit(Submit(receiver="15551111103"))).http == 200


@pytest.mark.parametrize(("digits", "code"), [("08", 2004), ("09", 4007), ("19", 2003)])
async def test_always_refuses(bench: Bench, digits: str, code: int) -> None:
    for _ in range(3):
        assert (await bench.submit(to(digits))).code == code
    assert await bench.get("/api/messages") == []


async def test_silent_takes_and_never_reports(bench: Bench) -> None:
    assert (await bench.submit(to("05"))).code == 1000
    await bench.submit(to("00"))
    reports = await bench.catcher.wait_for(1)
    assert [report["Recipient"] for report in reports] == ["<mm7:Number>15551234500</mm7:Number>"]
    assert (await bench.get("/api/messages/1"))["fates"] == {}


async def test_slow_answers_late_and_reports_after_its_answer(bench: Bench) -> None:
    begun = time.monotonic()
    assert (await bench.submit(to("06"))).code == 1000
    assert time.monotonic() - begun >= 0.3
    assert bench.catcher.reports == []
    await bench.catcher.wait_for(1)


async def test_hasty_reports_before_it_answers(bench: Bench) -> None:
    answer = await bench.submit(to("07"))
    (report,) = bench.catcher.reports
    assert report["MessageID"] == answer["MessageID"]


async def test_cut_takes_the_message_and_answers_nothing_but_once(bench: Bench) -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await bench.submit(to("10"))
    (report,) = await bench.catcher.wait_for(1)
    (kept,) = await bench.get("/api/messages")
    assert report["MessageID"] == kept["message_id"]
    assert (await bench.submit(to("10"))).code == 1000


async def test_several_receivers_have_a_report_each_by_their_own_digits(bench: Bench) -> None:
    numbers = "".join(f"<m:Number>155512345{digits}</m:Number>" for digits in ("00", "01", "05"))
    await bench.submit(Submit(changed={"Recipients": f"<m:To>{numbers}</m:To>"}))
    reports = await bench.catcher.wait_for(2)
    assert sorted(report["MMStatus"] for report in reports) == ["Expired", "Retrieved"]


async def test_reports_nothing_that_was_not_asked_for(bench: Bench) -> None:
    await bench.submit(Submit(changed={"DeliveryReport": "false"}))
    await bench.fates(1, "15551230000", "Retrieved")
    await bench.submit(to("00"))
    (report,) = await bench.catcher.wait_for(1)
    assert report["Recipient"] == "<mm7:Number>15551234500</mm7:Number>"


async def test_presents_its_credentials_with_a_report(make_bench: MakeBench) -> None:
    bench = await make_bench(report_username="mmsc", report_password="pässword")
    await bench.submit(to("00"))
    (report,) = await bench.catcher.wait_for(1)
    assert aiohttp.encode_basic_auth("mmsc", "pässword") == report.headers["authorization"]
    assert report.headers["content-type"] == "text/xml; charset=utf-8"
    assert "transfer-encoding" not in report.headers


def http(status: int) -> web.Response:
    return web.Response(status=status)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda report: http(500), id="a broken receiver"),
        pytest.param(lambda report: http(204), id="an answer without a word"),
        pytest.param(lambda report: web.Response(text="thanks"), id="an answer that is no SOAP"),
        pytest.param(lambda report: web.Response(text="x" * 200_000), id="an answer without end"),
        pytest.param(lambda report: taken(report, code="2000"), id="another code"),
        pytest.param(lambda report: taken(report, transaction_id="other"), id="another transaction"),
    ],
)
async def test_repeats_a_report_until_it_is_taken(bench: Bench, wrong: object) -> None:
    bench.catcher.answers = iter([wrong, wrong])  # type: ignore[list-item]  # callables of a parameter
    await bench.submit(to("00"))
    reports = await bench.catcher.wait_for(3)
    assert len({report.body for report in reports}) == 1
    await noted(bench, tries=3)


async def test_gives_a_report_up_after_five_tries_and_says_why(bench: Bench) -> None:
    bench.catcher.answers = iter([lambda report: http(503)] * 9)
    await bench.submit(to("00"))
    await noted(bench, tries=5, detail="HTTP 503")
    assert len(bench.catcher.reports) == 5


async def test_a_report_that_finds_nobody_does_not_hurt(make_bench: MakeBench) -> None:
    bench = await make_bench(report_url="http://127.0.0.1:1/")
    await bench.submit(to("00"))
    await noted(bench, tries=5, detail="no answer: ClientConnectorError")


async def noted(bench: Bench, tries: int, detail: str = "") -> None:
    """Wait until the message tells of its report."""
    receiver = "15551234500"
    wanted = [{"receiver": receiver, "status": "Retrieved", "tries": tries, "detail": detail}]
    async with asyncio.timeout(5):
        while True:
            if (await bench.get("/api/messages/1"))["reports"] == wanted:
                return
            await asyncio.sleep(0.01)


async def test_stops_while_reports_are_due(make_bench: MakeBench) -> None:
    bench = await make_bench(report_after=60.0)
    await bench.submit(to("00"))
    async with asyncio.timeout(5):
        await bench.simulator.stop()
    assert bench.catcher.reports == []


def test_the_table_is_chosen_by_the_last_two_digits() -> None:
    assert {digits: behaviour_of(f"1555{digits}").says for digits in BEHAVIOURS} == {
        digits: behaviour.says for digits, behaviour in BEHAVIOURS.items()
    }


def test_every_row_of_the_table_is_played_here() -> None:
    played = {"01", "02", "03", "04", "05", "06", "07", "08", "09", *(str(number) for number in range(10, 20))}
    assert set(BEHAVIOURS) == played
