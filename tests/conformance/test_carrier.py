"""What every carrier must do, whoever it speaks to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.conformance.kit import KITS, CarrierKit
from tests.fakes.raw_server import RawServer, Script, never_reading, silent

from slidewire.carriers.base import Outcome, Verdict, WayOut


@pytest.fixture(params=[pytest.param(kit, id=kit.name) for kit in KITS])
def kit(request: pytest.FixtureRequest) -> CarrierKit:
    chosen = request.param
    assert isinstance(chosen, CarrierKit)
    return chosen


@asynccontextmanager
async def facing(kit: CarrierKit, script: Script, seconds: float = 5.0) -> AsyncIterator[tuple[WayOut[Any], RawServer]]:
    async with RawServer(script) as server:
        carrier = kit.make(server.port, seconds)
        try:
            yield carrier, server
        finally:
            await carrier.close()


async def outcome_of(kit: CarrierKit, case: str, seconds: float = 5.0) -> Outcome:
    async with facing(kit, kit.scripts[case], seconds) as (carrier, _):
        return await carrier.submit(kit.submission)


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_accepted_gives_the_carriers_id_exactly(kit: CarrierKit) -> None:
    outcome = await outcome_of(kit, "accepted")
    assert (outcome.verdict, outcome.carrier_ref) == (Verdict.ACCEPTED, kit.reference)


async def test_accepted_keeps_no_body(kit: CarrierKit) -> None:
    outcome = await outcome_of(kit, "accepted")
    assert outcome.exchange is not None
    assert (outcome.exchange.body, outcome.exchange.failed) == ("", False)


#: What a peer does -> what it means, for every carrier whose peers can do it.
MEANINGS = {
    "refused": Verdict.REFUSED,
    "throttled": Verdict.THROTTLED,
    "too big": Verdict.TOO_BIG,
    "garbage in the answer": Verdict.UNCERTAIN,
    "garbage instead of an answer": Verdict.UNCERTAIN,
    "half an answer": Verdict.UNCERTAIN,
    "a whole answer that says half": Verdict.UNCERTAIN,
    "nothing": Verdict.UNCERTAIN,
}
CASES = [(kit, case) for kit in KITS for case in MEANINGS if case in kit.scripts]


@pytest.mark.parametrize(
    ("kit", "case"), [pytest.param(kit, case, id=f"{kit.name}: {case}") for kit, case in CASES], indirect=["kit"]
)
async def test_says_what_the_answer_means(kit: CarrierKit, case: str) -> None:
    outcome = await outcome_of(kit, case)
    assert (outcome.verdict, outcome.carrier_ref) == (MEANINGS[case], "")
    assert outcome.detail
    assert outcome.exchange is not None
    assert outcome.exchange.failed


def test_every_carrier_is_shown_every_case_that_it_can_meet() -> None:
    missing = {kit.name: MEANINGS.keys() - kit.scripts.keys() for kit in KITS}
    assert missing == {"mm7": set(), "smpp": {"too big"}}  # an SMS is cut before it is handed over


async def test_throttled_says_how_long(kit: CarrierKit) -> None:
    assert (await outcome_of(kit, "throttled")).retry_after == kit.retry_after


async def test_a_dead_peer_is_tried_again_and_counts_against_the_route(kit: CarrierKit) -> None:
    async with RawServer(silent) as server:
        port = server.port
    carrier = kit.make(port, 5.0)
    outcome = await carrier.submit(kit.submission)
    await carrier.close()
    assert (outcome.verdict, outcome.route_down) == (Verdict.RETRY, True)


async def test_a_silent_peer_is_uncertain_and_counts_against_the_route(kit: CarrierKit) -> None:
    async with facing(kit, kit.scripts["silent"], seconds=0.3) as (carrier, _):
        outcome = await carrier.submit(kit.submission)
    assert (outcome.verdict, outcome.route_down) == (Verdict.UNCERTAIN, True)


async def test_a_peer_that_never_read_all_of_it_has_not_taken_it(kit: CarrierKit) -> None:
    async with RawServer(never_reading, receive_buffer=4096) as server:
        carrier = kit.make(server.port, 0.5)
        outcome = await carrier.submit(kit.big)
        await carrier.close()
    assert (outcome.verdict, outcome.route_down) == (Verdict.RETRY, True)


async def test_cancelled_while_waiting_leaves_nothing_behind(kit: CarrierKit) -> None:
    async with facing(kit, kit.scripts["silent"], seconds=30.0) as (carrier, server):
        waiting = asyncio.create_task(carrier.submit(kit.submission))
        await until(lambda: server.requests)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await until(lambda: server.open == kit.stays_open)
        server.script = kit.scripts["accepted"]
        assert (await carrier.submit(kit.submission)).verdict is Verdict.ACCEPTED


async def test_a_closed_carrier_says_try_again(kit: CarrierKit) -> None:
    async with facing(kit, kit.scripts["accepted"]) as (carrier, _):
        await carrier.close()
        assert (await carrier.submit(kit.submission)).verdict is Verdict.RETRY


async def test_submissions_at_once_get_their_own_answers(kit: CarrierKit) -> None:
    async with facing(kit, kit.scripts["accepted"]) as (carrier, server):
        outcomes = await asyncio.gather(*(carrier.submit(kit.submission) for _ in range(20)))
        assert server.connections <= 2
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}


async def test_secrets_and_texts_are_in_no_exchange(kit: CarrierKit) -> None:
    for case in kit.scripts:
        outcome = await outcome_of(kit, case, seconds=1.0)
        found = [(case, secret) for secret in kit.secrets if secret in repr(outcome)]
        assert not found


async def test_what_is_kept_of_a_failure_is_capped(kit: CarrierKit) -> None:
    async with facing(kit, kit.scripts["echo"]) as (carrier, _):
        outcome = await carrier.submit(kit.big)
    assert outcome.exchange is not None
    assert 0 < len(outcome.exchange.body.encode()) <= 8_192
    assert len(outcome.detail) <= 500
