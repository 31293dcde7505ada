"""saveMMS and sendSavedMMS judged without I/O: which fault wins, and what becomes of texts (docs/adr/0083)."""

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import a_part

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Dialect, Slide
from slidewire.domain.request import (
    Addressee,
    CheckedSavedSend,
    CustomText,
    Refused,
    SendRequest,
    SendSavedRequest,
    SlideRequest,
    TemplateQuery,
)
from slidewire.domain.saving import Filled, check_query, check_saved_send, check_template, fill, read_mms_id
from slidewire.domain.senders import MaskRule
from slidewire.domain.template import Template

NOW = 1_898_596_800_000
ACCOUNT = Account("acct-1", "An account", AccountSettings(), frozenset({"24680"}))
SAVE = SendRequest(Dialect.W13, name="n", subject="s", slides=(SlideRequest(text="Hello"),))
SEND = SendSavedRequest(Dialect.W13, mms_id="910002", receiver="15557650001", sender="24680")


def code_of(call: Any) -> str:
    with pytest.raises(FaultError) as refused:
        call()
    return refused.value.fault.code


def sending(request: SendSavedRequest = SEND, **changes: Any) -> CheckedSavedSend:
    return check_saved_send(replace(request, **changes), ACCOUNT, NOW, Rules(masks={"US": MaskRule.NO}))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"name": None, "subject": None}, "E311", id="no name"),
        pytest.param({"subject": None, "disable_link": "maybe"}, "E622", id="neither subject nor fallback text"),
        pytest.param({"subject": "{$a}" + "x" * 1_000}, "E100", id="a subject with tags beyond measure"),
        pytest.param({"disable_fallback": "maybe", "slides": ()}, "E100", id="a flag that is no flag"),
        pytest.param({"slides": ()}, "E312", id="no slides"),
        pytest.param({"slides": (SlideRequest(text="x" * 5_001),)}, "E334", id="a long text"),
        pytest.param({"slides": (SlideRequest(),)}, "E313", id="an empty slide"),
    ],
)
def test_a_message_is_not_saved(changes: dict[str, Any], code: str) -> None:
    assert code_of(lambda: check_template(replace(SAVE, **changes), ACCOUNT, Rules())) == code


def test_what_only_a_sending_needs_is_not_looked_at() -> None:
    given = replace(SAVE, receiver="x", sender="x", operator="x", campaign="x", force_sms="x", link_expiration="x")
    assert check_template(given, ACCOUNT, Rules()) == check_template(SAVE, ACCOUNT, Rules())


@pytest.mark.parametrize(
    ("subject", "kept", "warned"),
    [
        pytest.param("x" * 90, "x" * 80, True, id="plain: cut"),
        pytest.param("{$a}" + "x" * 90, "{$a}" + "x" * 90, False, id="with a tag: whole"),
    ],
)
def test_a_long_subject(subject: str, kept: str, warned: bool) -> None:
    checked = check_template(replace(SAVE, subject=subject), ACCOUNT, Rules())
    assert (checked.subject, bool(checked.warnings)) == (kept, warned)


def test_a_long_name_is_cut_and_that_is_told() -> None:
    checked = check_template(replace(SAVE, name="n" * 300), ACCOUNT, Rules())
    assert (checked.name, checked.warnings) == ("n" * 255, ("the name was cut to 255 characters",))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"mms_id": None, "receiver": None}, "E620", id="no MMSID"),
        pytest.param({"receiver": None, "sender": None}, "E621", id="no receiver"),
        pytest.param({"receiver": " , ,"}, "E621", id="commas only"),
        pytest.param({"receiver": "1," * 101, "sender": None}, "E623", id="a receiver too many"),
        pytest.param({"sender": None, "receiver": "001"}, "E100", id="no sender"),
        pytest.param({"receiver": "001", "sender": "99"}, "E110", id="a bad receiver"),
        pytest.param({"sender": "99", "mask": "x" * 51}, "E111", id="another's sender"),
        pytest.param({"mask": "x" * 51, "force_sms": "yes"}, "E115", id="a long mask"),
        pytest.param({"force_sms": "yes"}, "E655", id="a word for force"),
        pytest.param({"disable_link": "perhaps"}, "E100", id="a word for a flag"),
        pytest.param({"client_reference": "x" * 65}, "E100", id="a long reference"),
        pytest.param({"custom_texts": (CustomText("0", "x"),)}, "E100", id="a text for slide 0"),
        pytest.param({"custom_texts": (CustomText(None, "x"),)}, "E100", id="a text for no slide"),
        pytest.param({"custom_texts": (CustomText("1", "x", nested=True),)}, "E100", id="an element in a text"),
        pytest.param({"custom_texts": (CustomText("1", "\x00"),)}, "E100", id="a NUL in a text"),
        pytest.param({"merge_values": {"a": "\x00"}}, "E100", id="a NUL in a value"),
        pytest.param({"nested": frozenset({"merge_values"})}, "E100", id="an element in a value"),
    ],
)
def test_a_sending_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code_of(lambda: sending(**changes)) == code


def test_each_of_several_receivers_is_judged_by_itself() -> None:
    send = sending(receiver=" 15557650001,001, 447700900123,", mask="Brand")
    [us, bad, gb] = send.to
    assert isinstance(us, Refused)
    assert isinstance(bad, Refused)
    assert [(us.given, us.fault.words), (bad.given, bad.fault.fault.code)] == [
        ("15557650001", "Invalid Sender to United States."),
        ("001", "E110"),
    ]
    assert gb == Addressee("447700900123", "447700900123", "GB", "24680", "Brand")


def test_a_number_that_comes_twice_is_sent_to_once() -> None:
    send = sending(receiver="15557650001,+15557650001,15557650002")
    assert [to.receiver for to in send.to if isinstance(to, Addressee)] == ["15557650001", "15557650002"]
    assert send.warnings == ("15557650001 was given more than once, and gets one message",)


@pytest.mark.parametrize(
    ("receiver", "is_list"),
    [
        pytest.param("15557650001", False, id="one"),
        pytest.param("15557650001, ", False, id="one and a comma"),
        pytest.param("15557650001,15557650001", True, id="the same twice"),
    ],
)
def test_what_counts_as_several(receiver: str, is_list: bool) -> None:
    assert sending(receiver=receiver).is_list is is_list


@pytest.mark.parametrize(
    ("given", "number"),
    [
        pytest.param(" 910002 ", 910002, id="a number"),
        pytest.param("nine", 0, id="a word"),
        pytest.param("-1", 0, id="a sign"),
        pytest.param("٣", 0, id="other digits"),
        pytest.param("9" * 19, 0, id="over 63 bits"),
        pytest.param("9" * 1_000, 0, id="endless"),
    ],
)
def test_an_id_that_was_never_given_is_nobodys(given: str, number: int) -> None:
    assert read_mms_id(given) == number


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param((None, None, None), TemplateQuery(0, 1, 100), id="nothing"),
        pytest.param(("20300101", "2", "1000"), TemplateQuery(1_893_456_000_000, 2, 1_000, "20300101"), id="all"),
        pytest.param(("soon", "x", "x"), "E214", id="no date"),
        pytest.param((None, "0", "x"), "E212", id="page 0"),
        pytest.param((None, "1.5", None), "E212", id="half a page"),
        pytest.param((None, "9" * 30, None), "E212", id="an endless page"),
        pytest.param((None, None, "1001"), "E213", id="too many on a page"),
        pytest.param((None, None, "-1"), "E213", id="fewer than none"),
    ],
)
def test_pages(given: tuple[str | None, str | None, str | None], expected: TemplateQuery | str) -> None:
    if isinstance(expected, str):
        assert code_of(lambda: check_query(*given)) == expected
    else:
        assert check_query(*given) == expected


def a_template(*slides: Slide, **changes: Any) -> Template:
    template = Template("t", "acct-1", 910002, Dialect.W13, NOW, "n", slides or (Slide("Hi {$a|you}"),), "To {$a}")
    return replace(template, **changes)


def test_texts_and_values_are_filled_in() -> None:
    send = sending(
        custom_texts=(CustomText("2", "Bye {$a}"), CustomText(" 2 ", "again"), CustomText("1", " ")),
        merge_values={"a": "Ann\r\nB", "b": " "},
        custom_subject="For {$a}, {$b}",
        fallback_text="SMS {$a}",
    )
    assert send.warnings == ("slide 2: only the first custom text counts",)
    picture = Slide("", 10, (a_part(),))
    filled = fill(a_template(Slide("Hi {$a|you}"), picture), send, Rules())
    assert filled == Filled(
        slides=(Slide("Hi Ann\nB"), replace(picture, text="Bye Ann\nB")),
        subject="For Ann B,",
        fallback_text="SMS Ann\nB",
        warnings=("the subject: there is no value for b",),
    )


@pytest.mark.parametrize(
    ("template", "changes", "code"),
    [
        pytest.param(a_template(), {"custom_texts": (CustomText("2", "x"),)}, "E100", id="a slide that there is not"),
        pytest.param(a_template(), {"merge_values": {"a": "x" * 4_998}}, "E334", id="a long value"),
        pytest.param(a_template(Slide("{$a}")), {}, "E313", id="nothing is left of a text alone"),
        pytest.param(a_template(subject="{$a}"), {"custom_texts": ()}, "E622", id="neither subject nor fallback text"),
    ],
)
def test_what_cannot_be_filled_in(template: Template, changes: dict[str, Any], code: str) -> None:
    assert code_of(lambda: fill(template, sending(**changes), Rules())) == code


def test_a_subject_is_cut_when_its_values_are_there() -> None:
    filled = fill(a_template(), sending(merge_values={"a": "x" * 100}), Rules())
    assert (len(filled.subject), filled.warnings) == (80, ("the subject was cut to 80 characters",))


def test_values_beyond_measure_make_no_large_subject() -> None:
    template = a_template(subject="{$a}" * 250, fallback_text="{$a}" * 3_000)
    filled = fill(template, sending(merge_values={"a": "x" * 4_000}), Rules())
    assert (len(filled.subject), len(filled.fallback_text)) == (80, 10_000)
    assert len(filled.warnings) == 3
