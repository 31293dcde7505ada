"""What an account is told of a message, for everything that may have happened to it."""

from typing import Any

import pytest
from tests.builders import a_message, a_task

from slidewire.domain.events import Event, Reason
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.domain.tracking import Past, Progress, Traces, progress

MESSAGE = a_message()
DUE = 1_898_596_800_000


def past(event: Event, reason: Reason = Reason.NONE, detail: str = "", at: int = DUE) -> Past:
    return Past(event, reason, detail, at)


def task(**changes: Any) -> Any:
    return a_task(MESSAGE, due_at=DUE, **changes)


RETRY = past(Event.RETRY, Reason.THROTTLED, "mmsc-a said 429")


@pytest.mark.parametrize(
    ("changes", "traces", "details"),
    [
        pytest.param({}, Traces(task=task()), "waits for its turn", id="untried"),
        pytest.param({}, Traces(task=task(), leased=True), "is being sent", id="leased"),
        pytest.param(
            {},
            Traces((RETRY,), task(attempt=1)),
            "the carrier asked to slow down, tried 1 time",
            id="tried once: the carrier's own words stay with the admin",
        ),
        pytest.param(
            {}, Traces((RETRY,), task(attempt=3)), "the carrier asked to slow down, tried 3 times", id="tried again"
        ),
        pytest.param(
            {},
            Traces((), task(body={"waits": "SENDER_RATE", "until": DUE})),
            "waits for the rate of its sender on this route",
            id="a rate",
        ),
        pytest.param(
            {},
            Traces((), task(kind=TaskKind.UNCERTAIN)),
            "the carrier's answer was lost, a receipt is awaited",
            id="uncertain",
        ),
        pytest.param({"status": Status.SCHEDULED}, Traces(task=task()), "waits for its time", id="scheduled"),
        pytest.param(
            {"status": Status.ENCODING},
            Traces(task=task(kind=TaskKind.PROBE)),
            "its audio and video are looked at before it is sent",
            id="encoding",
        ),
        pytest.param(
            {"status": Status.SUBMITTED},
            Traces((past(Event.SUBMITTED),)),
            "taken by the carrier, its receipt is awaited",
            id="submitted",
        ),
        pytest.param(
            {"status": Status.SUBMITTED},
            Traces((past(Event.SUBMITTED), past(Event.NO_RECEIPT))),
            "taken by the carrier, no receipt came within its validity",
            id="never receipted",
        ),
        pytest.param(
            {"status": Status.DELIVERED}, Traces((past(Event.DELIVERED, detail="Retrieved"),)), "", id="there"
        ),
        pytest.param(
            {"status": Status.FAILED},
            Traces((past(Event.FAILED, Reason.REFUSED, "4007"), past(Event.LATE_RECEIPT, Reason.RECEIPT, "Retrieved"))),
            "refused by the carrier: 4007",
            id="failed, as its postback said",
        ),
        pytest.param(
            {"status": Status.CANCELLED},
            Traces((past(Event.CANCELLED, Reason.CANCELLED),)),
            "cancelled before it could be sent",
            id="cancelled",
        ),
    ],
)
def test_where_it_is_and_why(changes: dict[str, Any], traces: Traces, details: str) -> None:
    assert told(changes, traces).details == details


def told(changes: dict[str, Any], traces: Traces) -> Progress:
    return progress(a_message(**changes), traces)


def test_an_mms_that_was_delivered() -> None:
    message = a_message(status=Status.DELIVERED)
    traces = Traces((past(Event.SUBMITTED, at=DUE), past(Event.DELIVERED, at=DUE + 5)))
    assert progress(message, traces) == Progress(message, "", "MMS", sent_at=DUE, ended_at=DUE + 5)


def test_a_fallback_that_was_delivered() -> None:
    message = a_message(status=Status.DELIVERED)
    events = (past(Event.FALLBACK, Reason.TOO_BIG, "31003"), past(Event.SUBMITTED), past(Event.DELIVERED, at=DUE + 5))
    expected = Progress(message, "", "SMS", 2, "too big for the operator", DUE, DUE + 5)
    assert progress(message, Traces(events, segments=2)) == expected


@pytest.mark.parametrize(
    ("changes", "body", "why"),
    [
        pytest.param({"force_sms": True}, {}, "sent as SMS by request", id="asked for"),
        pytest.param({}, {"reason": "NOT_CAPABLE"}, "the operator takes no MMS", id="from the start"),
        pytest.param({}, {"reason": "WHATEVER"}, "", id="of another version"),
        pytest.param({"mms_id": 0, "force_sms": True}, {}, "", id="a text of its own is no fallback"),
    ],
)
def test_why_it_is_an_sms(changes: dict[str, Any], body: dict[str, object], why: str) -> None:
    assert told(changes, Traces(task=task(kind=TaskKind.TEXT, body=body))).fallback == why


def test_when_it_is_tried_next() -> None:
    assert told({}, Traces(task=task())).next_try_at == DUE
    assert told({}, Traces(task=task(), leased=True)).next_try_at == 0
    assert told({"status": Status.SUBMITTED}, Traces(task=task())).next_try_at == 0
