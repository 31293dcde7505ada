import pytest

from slidewire.carriers.base import ReceiptStatus, Verdict
from slidewire.carriers.mm7.status import Judgement, judge_code, judge_http, read_retry_after, receipt_status

ACCEPTED, RETRY, THROTTLED = Verdict.ACCEPTED, Verdict.RETRY, Verdict.THROTTLED
REFUSED, TOO_BIG, UNCERTAIN = Verdict.REFUSED, Verdict.TOO_BIG, Verdict.UNCERTAIN
#: 2026-03-04T05:06:07Z
NOW = 1_772_600_767_000


@pytest.mark.parametrize(
    ("code", "judgement"),
    [
        (1000, Judgement(ACCEPTED)),
        (1001, Judgement(ACCEPTED)),
        (1100, Judgement(REFUSED)),
        (2000, Judgement(REFUSED)),
        (2001, Judgement(REFUSED)),
        (2002, Judgement(REFUSED)),
        (2003, Judgement(REFUSED, operator_doubt=True, fall_back=True)),
        (2004, Judgement(TOO_BIG)),
        (2005, Judgement(REFUSED)),
        (2006, Judgement(REFUSED)),
        (2007, Judgement(REFUSED, alarm=True)),
        (2008, Judgement(REFUSED)),
        (2009, Judgement(REFUSED)),
        (2999, Judgement(REFUSED)),
        (3000, Judgement(RETRY)),
        (3001, Judgement(REFUSED)),
        (3002, Judgement(REFUSED, fall_back=True)),
        (3003, Judgement(REFUSED)),
        (3004, Judgement(REFUSED)),
        (3005, Judgement(RETRY, few_tries=True)),
        (4000, Judgement(RETRY, few_tries=True)),
        (4001, Judgement(RETRY, alarm=True, route_down=True)),
        (4002, Judgement(REFUSED, alarm=True)),
        (4003, Judgement(REFUSED, alarm=True)),
        (4004, Judgement(REFUSED, alarm=True)),
        (4005, Judgement(REFUSED)),
        (4006, Judgement(THROTTLED)),
        (4007, Judgement(REFUSED, operator_doubt=True, fall_back=True)),
        (4008, Judgement(REFUSED)),
        (4009, Judgement(RETRY, few_tries=True)),
        (5000, Judgement(RETRY, few_tries=True)),
        (10_000, Judgement(RETRY, few_tries=True)),
        (7, Judgement(RETRY, few_tries=True)),
    ],
)
def test_a_code_means(code: int, judgement: Judgement) -> None:
    assert judge_code(code, (), {}) == judgement


@pytest.mark.parametrize(
    ("inner", "verdict"),
    [
        pytest.param((), REFUSED, id="Details say nothing"),
        pytest.param((1000,), ACCEPTED, id="Details say ok"),
        pytest.param((1000, 2002), REFUSED, id="one of two was refused"),
        pytest.param((1100,), REFUSED, id="Details say partial too"),
        pytest.param((0,), REFUSED, id="Details cannot be read"),
    ],
)
def test_partial_success_is_looked_into(inner: tuple[int, ...], verdict: Verdict) -> None:
    assert judge_code(1100, inner, {}).verdict is verdict


def test_a_peers_own_codes_come_first() -> None:
    assert judge_code(2569, (), {2569: RETRY}) == Judgement(RETRY)


@pytest.mark.parametrize(
    ("status", "judgement"),
    [
        (200, Judgement(UNCERTAIN)),
        (202, Judgement(UNCERTAIN)),
        (302, Judgement(RETRY, alarm=True, route_down=True)),
        (400, Judgement(RETRY, alarm=True, few_tries=True)),
        (401, Judgement(RETRY, alarm=True, route_down=True)),
        (403, Judgement(RETRY, alarm=True, route_down=True)),
        (404, Judgement(RETRY, alarm=True, route_down=True)),
        (405, Judgement(RETRY, alarm=True, route_down=True)),
        (408, Judgement(RETRY)),
        (411, Judgement(RETRY, alarm=True, few_tries=True)),
        (413, Judgement(TOO_BIG)),
        (415, Judgement(RETRY, alarm=True, few_tries=True)),
        (429, Judgement(THROTTLED)),
        (500, Judgement(UNCERTAIN, route_down=True)),
        (502, Judgement(UNCERTAIN, route_down=True)),
        (503, Judgement(THROTTLED, route_down=True)),
        (504, Judgement(UNCERTAIN, route_down=True)),
        (599, Judgement(UNCERTAIN, route_down=True)),
        (777, Judgement(UNCERTAIN)),
    ],
)
def test_an_http_status_without_soap_means(status: int, judgement: Judgement) -> None:
    assert judge_http(status) == judgement


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Retrieved", ReceiptStatus.DELIVERED),
        ("retrieved", ReceiptStatus.DELIVERED),
        ("Expired", ReceiptStatus.EXPIRED),
        ("Rejected", ReceiptStatus.REJECTED),
        ("Unrecognised", ReceiptStatus.NOT_SUPPORTED),
        ("Unrecognized", ReceiptStatus.NOT_SUPPORTED),
        ("NotSupported", ReceiptStatus.NOT_SUPPORTED),
        ("Unreachable", ReceiptStatus.FAILED),
        ("DeliveryConditionNotMet", ReceiptStatus.FAILED),
        ("Deferred", ReceiptStatus.PENDING),
        ("Forwarded", ReceiptStatus.PENDING),
        ("Indeterminate", ReceiptStatus.PENDING),
        ("Vanished", ReceiptStatus.PENDING),
    ],
)
def test_a_receipts_word_means(word: str, status: ReceiptStatus) -> None:
    assert receipt_status(word) is status


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param(" 1.5 ", 1.5, id="a fraction"),
        pytest.param("99999999", 3600.0, id="bounded"),
        pytest.param("Wed, 04 Mar 2026 05:07:07 GMT", 60.0, id="a date"),
        pytest.param("Wed, 04 Mar 2026 05:07:07", 60.0, id="a date without its zone"),
        pytest.param("Wed, 04 Mar 2020 05:07:07 GMT", 0.0, id="a date that is over"),
        pytest.param("Wed, 04 Mar 9999 05:07:07 GMT", 3600.0, id="a date far away"),
        pytest.param("", 0.0, id="nothing"),
        pytest.param("-5", 0.0, id="less than nothing"),
        pytest.param("soon", 0.0, id="a word"),
        pytest.param("Wed, 99 Mar 2026 25:61:61 GMT", 0.0, id="no date"),
        pytest.param("5, 7", 0.0, id="two of them"),
    ],
)
def test_reads_retry_after(value: str, seconds: float) -> None:
    assert read_retry_after(value, NOW) == seconds
