"""What the case `chaos` calls lost, wrong or unmarked: a judge who lets everything pass proves nothing."""

from typing import Any

import pytest
from bench.verdicts import Found, judged

SENT, DELIVERED, FAILED = "N101", "N102", "E101"
TAKEN = {"subject": "chaos 00000001", "reports": [{"detail": ""}]}
UNREPORTED = TAKEN | {"reports": []}
DOUBT = [("uncertain", "UNCERTAIN", ""), ("resent", "UNCERTAIN", ""), ("submitted", "", "")]


def found(status: str, taken: list[Any], codes: tuple[str, ...], history: list[tuple[str, str, str]]) -> Found:
    """One request, Success, and what became of it; every postback came twice under its id."""
    told = [("t1", code, f"id-{number}") for number, code in enumerate(codes) for _ in range(2)]
    seen = {"asked": 1, "tries": 2, "answers": {"1": "t1"}, "refused": {}, "told": told}
    return Found(seen, taken, {"t1": status}, {"t1": history})


@pytest.mark.parametrize(
    ("case", "fate"),
    [
        pytest.param(found("delivered", [TAKEN], (SENT, DELIVERED), []), "delivered", id="delivered"),
        pytest.param(
            found("delivered", [TAKEN, TAKEN], (SENT, DELIVERED), DOUBT), "delivered", id="a double that is marked"
        ),
        pytest.param(
            found("submitted", [UNREPORTED], (SENT,), []),
            "taken, and its report was lost by chance",
            id="a report that never left",
        ),
        pytest.param(
            found("submitted", [TAKEN, UNREPORTED], (SENT,), DOUBT),
            "taken twice, and only the uncertain one's report came",
            id="a report of an id that nobody was told",
        ),
        pytest.param(
            found("failed", [], (FAILED,), [("failed", "REFUSED", "2000")]),
            "failed for the simulator's reason",
            id="refused",
        ),
        pytest.param(found("expired", [TAKEN], (SENT, "E102"), []), "reported expired", id="expired at the phone"),
    ],
)
def test_lets_pass_what_was_promised(case: Found, fate: str) -> None:
    figures = judged(case)
    assert (figures["fates"], figures["wrong"], figures["lost"]) == ({fate: 1}, 0, 0)


@pytest.mark.parametrize(
    ("case", "fate"),
    [
        pytest.param(
            found("delivered", [], (SENT, DELIVERED), []), "wrong: lost (delivered, never arrived)", id="a lie"
        ),
        pytest.param(found("accepted", [], (), []), "wrong: lost (accepted)", id="forgotten"),
        pytest.param(found("submitted", [], (SENT,), []), "wrong: lost (submitted, never arrived)", id="never sent"),
        pytest.param(found("submitted", [TAKEN], (SENT,), []), "wrong: lost the report", id="a report dropped"),
        pytest.param(found("delivered", [TAKEN], (SENT,), []), "wrong: told N101 of delivered", id="half told"),
        pytest.param(
            found("delivered", [TAKEN], (DELIVERED, SENT), []),
            "wrong: told N102 N101 of delivered",
            id="told backwards",
        ),
        pytest.param(
            found("delivered", [TAKEN], (SENT, SENT, DELIVERED), []),
            "wrong: told N101 N101 N102 of delivered",
            id="told twice under two ids",
        ),
        pytest.param(
            found("failed", [TAKEN], (FAILED,), [("failed", "REFUSED", "")]),
            "wrong: failed though it was taken",
            id="taken, and called failed",
        ),
        pytest.param(
            found("failed", [], (FAILED,), [("failed", "CONTENT_LOST", "")]),
            "wrong: failed for CONTENT_LOST",
            id="failed for a reason of ours",
        ),
    ],
)
def test_lets_nothing_else_pass(case: Found, fate: str) -> None:
    figures = judged(case)
    assert (figures["fates"], figures["wrong"]) == ({fate: 1}, 1)


def test_a_double_that_is_not_marked_is_wrong_though_it_was_delivered() -> None:
    figures = judged(found("delivered", [TAKEN, TAKEN], (SENT, DELIVERED), [("submitted", "", "")]))
    assert (figures["doubles"], figures["doubles_unmarked"], figures["wrong"]) == (1, 1, 1)


def test_a_message_that_nobody_was_answered_for_is_told() -> None:
    case = found("delivered", [TAKEN], (SENT, DELIVERED), [])
    assert judged(Found(case.seen, case.taken, {"t1": "delivered", "t2": "accepted"}, case.history))["made_twice"] == 1
