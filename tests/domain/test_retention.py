"""What accounts ask for, and what is left of a message."""

import pytest
from tests.builders import a_message, a_slide

from slidewire.domain.account import SettingError, read_settings, write_settings
from slidewire.domain.retention import (
    ALL,
    DAY,
    KEPT,
    Retention,
    Rule,
    Trace,
    masked,
    read_retention,
    redacted,
    rules_of,
)

VALIDITY = 3 * DAY


@pytest.mark.parametrize(
    ("words", "retention", "again"),
    [
        pytest.param("", KEPT, "", id="kept"),
        pytest.param("30", Retention(30, 30, 30), "30", id="everything"),
        pytest.param("numbers=90, Content = 7", Retention(content=7, numbers=90), "content=7, numbers=90", id="apart"),
        pytest.param("text=5,content=5,numbers=5", Retention(5, 5, 5), "5", id="apart but alike"),
    ],
)
def test_retention_is_read_and_written(words: str, retention: Retention, again: str) -> None:
    assert (read_retention(words), str(retention)) == (retention, again)
    settings = read_settings({"retention_days": words})
    assert read_settings(write_settings(settings)) == settings


@pytest.mark.parametrize("words", ["0", "-1", "1.5", "forever", "content", "content=", "media=5", "\u0663", "36501"])
def test_what_is_no_retention_is_refused(words: str) -> None:
    with pytest.raises(SettingError, match="retention_days"):
        read_settings({"retention_days": words})


def test_a_message_is_deleted_once_nothing_of_it_is_kept() -> None:
    assert rules_of(Retention(7, 30, 90), "none", VALIDITY) == (
        Rule("content 7", frozenset({Trace.CONTENT}), 7 * DAY),
        Rule("text 30", frozenset({Trace.TEXT}), 30 * DAY),
        Rule("numbers 90", frozenset({Trace.NUMBERS}), 90 * DAY),
        Rule("all 90", ALL, 90 * DAY, deletes=True),
    )
    assert not [rule for rule in rules_of(Retention(content=7, text=30), "none", VALIDITY) if rule.deletes]


def test_redaction_waits_for_the_validity_and_for_open_pages() -> None:
    traces = frozenset({Trace.CONTENT, Trace.TEXT})
    over = VALIDITY + DAY
    assert rules_of(KEPT, "content", VALIDITY) == (
        Rule(f"redact content {over}", traces, over, spares_open=True),
        Rule("redact content pages", traces, 367 * DAY),
    )
    assert {rule.traces for rule in rules_of(KEPT, "numbers", VALIDITY)} == {ALL}
    assert rules_of(KEPT, "none", VALIDITY) == ()


def test_each_kind_of_trace_goes_by_itself() -> None:
    message = a_message(receiver="12025550143", slides=(a_slide(text="a"), a_slide(text="")), client_reference="ann")
    content = redacted(message, frozenset({Trace.CONTENT}))
    assert [(slide.text, slide.parts) for slide in content.slides] == [("a", ())]
    text = redacted(message, frozenset({Trace.TEXT}))
    assert (text.subject, text.name, [slide.text for slide in text.slides]) == ("", "", ["", ""])
    assert [len(slide.parts) for slide in text.slides] == [1, 1]
    numbers = redacted(message, frozenset({Trace.NUMBERS}))
    assert (numbers.receiver, numbers.client_reference) == ("*********43", "")
    nothing = redacted(message, ALL)
    assert nothing.slides == ()
    assert redacted(nothing, ALL) == nothing, "taking away again changes nothing"


def test_a_masked_number_keeps_its_last_digits() -> None:
    assert masked("12025550143") == "*********43"
    assert masked(masked("12025550143")) == "*********43"
