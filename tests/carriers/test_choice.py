"""The choice at acceptance as a pure function: every combination, against rules typed from settled 12."""

from itertools import product

import pytest
from tests.builders import a_message

from slidewire.carriers.base import Route
from slidewire.carriers.choice import Case, Landline, Way, choose_way, fallback_route, other_route
from slidewire.carriers.operators import Operator
from slidewire.domain.events import Reason
from slidewire.domain.faults import FaultError

MMS = Route("mms", "mm7", "http://127.0.0.1:9/mm7")
TEXT = Route("sms", "smpp", "", host="127.0.0.1")
ABLE, PLAIN = Operator("able"), Operator("plain", mms=False)
SWITCHES = (False, True)
CASES = list(product((None, ABLE, PLAIN), Landline, SWITCHES, SWITCHES, SWITCHES, SWITCHES))


def ruled(case: tuple[Operator | None, Landline, bool, bool, bool, bool]) -> object:
    """The code of the fault, or the route's name with the reason."""
    operator, landline, forced, allowed, mms, sms = case
    if forced:
        return ("sms", Reason.FORCED) if sms else "E619"
    if landline is Landline.REFUSE:
        return "E628"
    reason = Reason.LANDLINE if landline is Landline.SMS else Reason.NOT_CAPABLE if operator is PLAIN else Reason.NONE
    if reason is not Reason.NONE:
        return (("sms", reason) if sms else "E619") if allowed else "E628"
    if mms:
        return ("mms", Reason.NONE)
    return ("sms", Reason.NO_MMS_ROUTE) if sms and allowed else "E619"


def test_every_combination_is_chosen_by_the_rules() -> None:
    for case in CASES:
        operator, landline, forced, allowed, mms, sms = case
        routes = [route for route, there in ((MMS, mms), (TEXT, sms)) if there]
        try:
            way = choose_way(routes, Case("24680", operator, forced, allowed, landline))
            found: object = (way.route.name, way.reason)
            assert way.operator == (operator.id if operator else "")
        except FaultError as error:
            found = error.fault.code
        assert found == ruled(case), case
    assert len(CASES) == 3 * 3 * 2**4


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(Case("24680", ABLE, False, True), "exact", id="the operator's own"),
        pytest.param(Case("24680", None, False, True), "any", id="an unknown operator's: one that takes any"),
        pytest.param(Case("24680", PLAIN, False, True), None, id="none without MMS"),
        pytest.param(Case("24680", ABLE, False, True, Landline.SMS), None, id="none for a landline"),
        pytest.param(Case("13579", ABLE, False, True), None, id="none for this sender"),
    ],
)
def test_another_route(case: Case, name: str | None) -> None:
    routes = [
        MMS,
        Route("exact", "mm7", "", operators=("able",), senders=("24680",)),
        Route("any", "mm7", "", senders=("24680",)),
        TEXT,
    ]
    found = other_route(routes, case, "mms")
    assert (found and found.name) == name
    if found is not None:
        assert other_route([found], case, found.name) is None


def test_the_sms_of_a_failed_mms() -> None:
    near = Route("near", "smpp", "", operators=("able",))
    assert fallback_route([MMS, TEXT, near], a_message(), ABLE) is near
    assert fallback_route([MMS, TEXT, near], a_message(), None) is TEXT
    assert fallback_route([MMS], a_message(), ABLE) is None
    assert fallback_route([MMS, TEXT], a_message(fallback_allowed=False), ABLE) is None


def test_a_way_knows_whether_it_is_an_sms() -> None:
    assert (Way(MMS).is_sms, Way(TEXT, Reason.FORCED).is_sms) == (False, True)
