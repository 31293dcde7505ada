"""How often a call is tried, and what each answer means."""

import json
from typing import Any

import pytest

from slidewire.client import any_call, get_mms_ids, send_sms
from slidewire.client.faults import (
    BadAnswerError,
    BusyError,
    LimitError,
    MediaError,
    NotAllowedError,
    ReceiverError,
    RefusedError,
    UnreachableError,
)
from slidewire.client.trying import Patience, Reply, Trying, Wait

CALL = any_call("sendsms", {"to": "1"})


def failure(code: str, retry_after: str = "") -> Reply:
    return Reply(200, json.dumps({"status": "Failure", "error-code": code, "error-info": "no"}).encode(), retry_after)


def trying(**patience: Any) -> Trying[Any]:
    return Trying(CALL, Patience(**patience), jitter=1.0)


def test_a_call_is_the_same_bytes_each_time_under_one_key() -> None:
    on_its_way = Trying(send_sms("1", "2", "naïve"), Patience(), 0)
    first, second = on_its_way.request("k", "once"), on_its_way.request("k", "once")
    assert first == second
    assert json.loads(first.body) == {"action": "sendsms", "to": "1", "from": "2", "message-text": "naïve"}
    assert first.headers["idempotency-key"] == "once"
    assert "idempotency-key" not in Trying(get_mms_ids(), Patience(), 0).request("k", "once").headers


def test_waits_grow_until_patience_ends() -> None:
    on_its_way, error = trying(tries=4, first_wait=1, longest_wait=3), ConnectionResetError("gone")
    waits = [on_its_way.after_failure(error) for _ in range(3)]
    assert waits == [Wait(1.0), Wait(2.0), Wait(3.0)]
    with pytest.raises(UnreachableError, match="4 tries"):
        on_its_way.after_failure(error)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(failure("E503", "7"), Wait(7.0), id="busy, with a time"),
        pytest.param(failure("E113", "1"), Wait(1.0), id="too fast"),
        pytest.param(failure("E106"), Wait(0.5), id="too soon, without a time"),
        pytest.param(Reply(502, b"<html>"), Wait(0.5), id="a proxy without its gateway"),
        pytest.param(Reply(429, b"", "3"), Wait(3.0), id="a proxy that has enough"),
        pytest.param(failure("E503", "31"), BusyError, id="busy for longer than we wait"),
        pytest.param(failure("E120", "3600"), LimitError, id="the day's calls are used"),
        pytest.param(failure("E104"), NotAllowedError, id="a wrong key"),
        pytest.param(failure("E114"), ReceiverError, id="a blocked phone"),
        pytest.param(failure("E351"), MediaError, id="a file that is not there"),
        pytest.param(failure("E313"), RefusedError, id="an empty slide"),
        pytest.param(Reply(404, b"nothing"), BadAnswerError, id="another address"),
        pytest.param(Reply(200, b"[]"), BadAnswerError, id="JSON of somebody else"),
        pytest.param(Reply(200, b"\xff"), BadAnswerError, id="no JSON"),
    ],
)
def test_an_answer_is_the_end_or_a_wait(answer: Reply, wanted: Wait | type[Exception]) -> None:
    if isinstance(wanted, Wait):
        assert trying().after(answer) == wanted
    else:
        with pytest.raises(wanted) as raised:
            trying().after(answer)
        assert type(raised.value) is wanted


def test_the_last_try_that_is_refused_is_told_as_refused() -> None:
    on_its_way = trying(tries=1)
    with pytest.raises(BusyError) as raised:
        on_its_way.after(failure("E503", "5"))
    assert (raised.value.code, raised.value.refusal.retry_after) == ("E503", 5.0)
