"""Chaos: percentages read, drawn from a seeded source, and changed while the simulator runs."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.simulator.builder import Submit

from slidewire.simulator.behaviours import DELIVERED, Answer
from slidewire.simulator.chaos import TROUBLES, Chaos, parse_chaos

if TYPE_CHECKING:
    from tests.simulator.conftest import Bench, MakeBench


def test_reads_percentages() -> None:
    assert parse_chaos(" throttle=5, cut=2.5 ,") == Chaos({"throttle": 5.0, "cut": 2.5})
    assert parse_chaos("") == Chaos()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("thunder=5", "unknown chaos 'thunder'", id="an unknown trouble"),
        pytest.param("throttle", "is not NAME=PERCENT", id="no percentage"),
        pytest.param("throttle=much", "is not NAME=PERCENT", id="a percentage in words"),
        pytest.param("throttle=101", "from 0 to 100", id="more than everything"),
        pytest.param("throttle=-1", "from 0 to 100", id="less than nothing"),
        pytest.param("throttle=nan", "from 0 to 100", id="no number at all"),
    ],
)
def test_refuses_percentages(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_chaos(text)


def test_zero_never_strikes_and_a_hundred_always_does() -> None:
    rng = Random(1)
    assert all(Chaos().upset(DELIVERED, rng) == DELIVERED for _ in range(1000))
    assert all(Chaos({"cut": 100}).upset(DELIVERED, rng).answer is Answer.CUT for _ in range(1000))


def test_strikes_about_as_often_as_asked_and_the_same_again_by_its_seed() -> None:
    chaos = Chaos({"throttle": 10, "report-loss": 30})

    def play() -> list[Any]:
        rng = Random(7)
        return [chaos.upset(DELIVERED, rng) for _ in range(5000)]

    counts = Counter((one.answer, bool(one.reports)) for one in play())
    throttled = sum(count for (answer, _), count in counts.items() if answer is Answer.THROTTLE)
    lost = sum(count for (_, reported), count in counts.items() if not reported)
    assert 400 < throttled < 600
    assert 1350 < lost < 1650
    assert play() == play()


def test_one_trouble_of_the_answer_at_most() -> None:
    everything = Chaos(dict.fromkeys(TROUBLES, 100.0))
    upset = everything.upset(DELIVERED, Random(1))
    assert (upset.answer, upset.reports, upset.copies, upset.early, upset.swapped) == (
        Answer.THROTTLE,
        (),
        2,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("trouble", "http", "code"),
    [
        ("throttle", 429, 0),
        ("error", 503, 0),
        ("unavailable", 500, 4006),
        ("refuse", 500, 2004),
        ("garbage", 200, 0),
        ("slow", 200, 1000),
        ("report-loss", 200, 1000),
    ],
)
async def test_strikes_a_submission(make_bench: MakeBench, trouble: str, http: int, code: int) -> None:
    bench = await make_bench(chaos=f"{trouble}=100")
    answer = await bench.submit(Submit())
    assert (answer.http, answer.code) == (http, code)


async def test_cuts_every_submission(make_bench: MakeBench) -> None:
    bench = await make_bench(chaos="cut=100")
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError):
            await bench.submit(Submit())
    assert len(await bench.get("/api/messages")) == 2


async def test_strikes_reports(make_bench: MakeBench) -> None:
    bench = await make_bench(chaos="report-early=100,report-duplicate=100,swap=100")
    await bench.submit(Submit())
    first, second = bench.catcher.reports
    assert first.body == second.body
    assert first["Sender"] == "<mm7:Number>15551230000</mm7:Number>"


async def test_is_changed_over_the_api(bench: Bench) -> None:
    url = bench.simulator.http_url + "/api/chaos"
    calm = dict.fromkeys(TROUBLES, 0.0)
    assert await bench.get("/api/chaos") == calm
    async with bench.http.put(url, json={"error": 100}) as answer:
        assert (answer.status, await answer.json()) == (200, {**calm, "error": 100.0})
    assert (await bench.submit(Submit())).http == 503
    async with bench.http.put(url, json={}) as answer:
        assert await answer.json() == calm
    assert (await bench.submit(Submit())).http == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"thunder": 5}', id="an unknown trouble"),
        pytest.param(b'{"cut": 101}', id="more than everything"),
        pytest.param(b'{"cut": NaN}', id="no number"),
        pytest.param(b'{"cut": true}', id="a boolean"),
        pytest.param(b'{"cut": "5"}', id="a string"),
        pytest.param(b'{"cut": ' + b"9" * 5000 + b"}", id="an endless number"),
        pytest.param(b"[5]", id="a list"),
        pytest.param(b"{", id="half a JSON"),
        pytest.param(b"[" * 9000, id="a deep JSON"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
async def test_refuses_chaos_over_the_api(bench: Bench, body: bytes) -> None:
    async with bench.http.put(bench.simulator.http_url + "/api/chaos", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]
    assert not any((await bench.get("/api/chaos")).values())
