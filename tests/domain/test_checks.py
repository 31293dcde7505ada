"""The fields of sendMMS as they are kept, cut and told; the order of faults is in tests/api/test_w13_golden.py."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules, check_request
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.message import Dialect
from slidewire.domain.request import CheckedRequest, SendRequest, SlideRequest

NOW = 1_898_596_800_000
RULES = Rules(operators={"31003": "31003", "0001890": "31003"})
VALID = SendRequest(
    Dialect.W13, receiver="447700900555", sender="24680", name="n", subject="s", slides=(SlideRequest(text="t"),)
)


def an_account(**settings: Any) -> Account:
    return Account("acct-1", "An account", AccountSettings(**settings), frozenset({"24680"}))


def check(account: Account | None = None, **changes: Any) -> CheckedRequest:
    return check_request(replace(VALID, **changes), account or an_account(), NOW, RULES)


def refuse(account: Account | None = None, **changes: Any) -> FaultError:
    with pytest.raises(FaultError) as refused:
        check(account, **changes)
    return refused.value


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        pytest.param("Hello", "Hello", id="plain"),
        pytest.param("  Hello\n", "Hello", id="blanks around"),
        pytest.param("two\r\nlines\rand\nmore", "two lines and more", id="line breaks"),
        pytest.param("a\u2028b\u2029c\x85d\te", "a b c d e", id="other line breaks and a tab"),
        pytest.param("a" * 80, "a" * 80, id="80 characters"),
    ],
)
def test_a_subject_is_one_line(given_: str, kept: str) -> None:
    checked = check(subject=given_)
    assert (checked.subject, checked.warnings) == (kept, ())


@pytest.mark.parametrize(
    ("given_", "kept", "warnings"),
    [
        pytest.param("a" * 81, "a" * 80, ("the subject was cut to 80 characters",), id="81 characters"),
        pytest.param(
            "a" * 79 + "e\u0301" + "b",
            "a" * 79,
            ("the subject was cut to 79 characters",),
            id="a grapheme over the edge",
        ),
        pytest.param("a" * 79 + " bc", "a" * 79, ("the subject was cut to 80 characters",), id="a blank at the edge"),
        pytest.param(
            "Hi \N{GRINNING FACE}",
            "Hi \N{GRINNING FACE}",
            ("the subject holds characters beyond ASCII, which some networks drop",),
            id="an emoji is kept",
        ),
    ],
)
def test_cuts_of_a_subject_are_told(given_: str, kept: str, warnings: tuple[str, ...]) -> None:
    checked = check(subject=given_)
    assert (checked.subject, checked.warnings) == (kept, warnings)


def test_a_subject_or_a_fallback_text_is_enough() -> None:
    assert check(subject=None, fallback_text="See:").fallback_text == "See:"
    assert check(subject="\x85", fallback_text="See:").subject == ""
    assert refuse(subject=None).fault is Fault.FALLBACK_TEXT_REQUIRED
    assert refuse(subject="\x85\u2028").fault is Fault.FALLBACK_TEXT_REQUIRED


def test_a_fallback_text_has_no_limit_and_keeps_its_lines() -> None:
    assert check(fallback_text=" a\r\nb" + "c" * 2000 + "\n").fallback_text == "a\nb" + "c" * 2000


@pytest.mark.parametrize("word", ["yes", "YES", "true", "True", "1", " yes "])
def test_words_for_yes(word: str) -> None:
    checked = check(disable_fallback=word, disable_link=word, cache_content=word)
    assert (checked.fallback_allowed, checked.link_wanted, checked.use_cache) == (False, False, True)


@pytest.mark.parametrize("word", ["no", "No", "false", "FALSE", "0", None])
def test_words_for_no(word: str | None) -> None:
    checked = check(disable_fallback=word, disable_link=word)
    assert (checked.fallback_allowed, checked.link_wanted, checked.use_cache) == (True, True, True)


@pytest.mark.parametrize("field", ["disable_fallback", "disable_link", "cache_content"])
@pytest.mark.parametrize("word", ["maybe", "on", "2", "y", "ｙｅｓ"])
def test_other_words_are_refused_naming_the_field(field: str, word: str) -> None:
    error = refuse(**{field: word})
    assert (error.fault, error.field, error.problem) == (Fault.INVALID_REQUEST, field, "is neither yes nor no")


@pytest.mark.parametrize(
    ("word", "forced"), [("true", True), ("TRUE", True), (" true ", True), ("false", False), (None, False)]
)
def test_forcing_sms_takes_true_and_false(word: str | None, forced: bool) -> None:
    assert check(force_sms=word).force_sms is forced


@pytest.mark.parametrize("word", ["yes", "no", "1", "0", "t", "truefalse"])
def test_forcing_sms_takes_nothing_else(word: str) -> None:
    assert refuse(force_sms=word).fault is Fault.BAD_FORCE_SMS


def test_forcing_sms_ignores_the_field_that_disables_it() -> None:
    assert check(force_sms="true", disable_fallback="yes").fallback_allowed is True
    assert check(force_sms="true", disable_fallback="maybe").fallback_allowed is True
    assert check(an_account(fallback=False), force_sms="true").fallback_allowed is True


def test_an_account_without_fallback_has_none() -> None:
    assert check(an_account(fallback=False)).fallback_allowed is False
    assert check(an_account(fallback=False), disable_fallback="no").fallback_allowed is False


@pytest.mark.parametrize(
    ("given_", "settings", "spid", "operator"),
    [
        pytest.param("31003", {}, "31003", "31003", id="an id"),
        pytest.param(" 0001890 ", {}, "0001890", "31003", id="an alias, blanks around"),
        pytest.param("0001890", {"unknown_operator": "refuse"}, "0001890", "31003", id="a known one, strictly"),
        pytest.param("9999", {}, "9999", "", id="an unknown one of the published form"),
        pytest.param("9999", {"require_operator": True}, "9999", "", id="an unknown one where one is required"),
        pytest.param(None, {}, "", "", id="none"),
    ],
)
def test_operators(given_: str | None, settings: dict[str, Any], spid: str, operator: str) -> None:
    checked = check(an_account(**settings), operator=given_)
    assert (checked.spid, checked.operator) == (spid, operator)


@pytest.mark.parametrize(
    ("given_", "settings", "fault"),
    [
        pytest.param(None, {"require_operator": True}, Fault.OPERATOR_REQUIRED, id="none where one is required"),
        pytest.param("9999", {"unknown_operator": "refuse"}, Fault.OPERATOR_UNKNOWN, id="an unknown one, strictly"),
        pytest.param("Verizon", {}, Fault.OPERATOR_UNKNOWN, id="a name"),
        pytest.param("4", {}, Fault.OPERATOR_UNKNOWN, id="one digit"),
        pytest.param("12345678", {}, Fault.OPERATOR_UNKNOWN, id="eight digits"),
        pytest.param("３１００３", {}, Fault.OPERATOR_UNKNOWN, id="full-width digits"),
        pytest.param("1890", {"unknown_operator": "refuse"}, Fault.OPERATOR_UNKNOWN, id="without its zeros"),
    ],
)
def test_operators_that_are_refused(given_: str | None, settings: dict[str, Any], fault: Fault) -> None:
    assert refuse(an_account(**settings), operator=given_).fault is fault


def test_services_count_only_where_the_account_has_some() -> None:
    assert check(service="whatever").name == "n"
    account = an_account(service_ids=("a", "b"))
    assert check(account, service=" b ").name == "n"
    for service in (None, "c", "A"):
        assert refuse(account, service=service).fault is Fault.BAD_SERVICE


def test_the_campaign_and_the_reference_are_kept_as_given_and_trimmed() -> None:
    checked = check(campaign=" spring-list ", client_reference=" \N{GRINNING FACE}" * 32 + " ")
    assert (checked.campaign, len(checked.client_reference)) == ("spring-list", 63)
    assert check(client_reference="x" * 64).client_reference == "x" * 64
    error = refuse(client_reference="x" * 65)
    assert (error.fault, error.field) == (Fault.INVALID_REQUEST, "client_reference")


TEXTS = [field.name for field in fields(SendRequest) if field.type == (str | None)]


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b", "\ufffe", "\ud800"], ids=["NUL", "escape", "U+FFFE", "half a character"]
)
def test_a_character_that_no_text_may_hold_is_refused_naming_the_field(field: str, sign: str) -> None:
    account = an_account(service_ids=("x",)) if field == "service" else None
    error = refuse(account, **{field: f"a{sign}b"})
    assert (error.fault, error.field) == (Fault.INVALID_REQUEST, field)


@pytest.mark.parametrize("field", TEXTS)
def test_an_element_in_a_field_is_refused_naming_it(field: str) -> None:
    account = an_account(service_ids=("x",)) if field == "service" else None
    error = refuse(account, nested=frozenset({field}))
    assert (error.fault, error.field, error.problem) == (
        Fault.INVALID_REQUEST,
        field,
        "holds something else than text",
    )


def test_a_field_given_twice_is_told() -> None:
    assert check(repeated=("receiver", "link_expiration")).warnings == (
        "only the first receiver counts",
        "only the first link expiration counts",
    )


TEXT = (
    st.none() | st.text(max_size=90) | st.sampled_from(["447700900555", "24680", "true", "yes", "31003", "2030-05-01"])
)


@given(st.fixed_dictionaries(dict.fromkeys(TEXTS, TEXT)))
def test_any_words_are_taken_or_refused(words: dict[str, str | None]) -> None:
    try:
        checked = check(**words)
    except FaultError:
        return
    assert len(checked.subject) <= 80
    assert checked.subject.isprintable() or not checked.subject.isascii()
    assert len(checked.mask) <= 11
    assert checked.receiver.isdigit()
