"""Answers hold what strangers wrote: in the body it is text, in a header it ends no line (settled 23 to 25)."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.api.answer import Voice
from slidewire.api.doors import Reply
from slidewire.api.wire import FIELDS, Names
from slidewire.domain.faults import Fault
from slidewire.domain.message import Dialect

W13 = Voice(Dialect.W13)
SPELLING = Names(Dialect.W13).spelling


@given(st.text(), st.text())
def test_a_failure_is_xml_whatever_stands_in_it(receiver: str, words: str) -> None:
    answer = W13.failure(Fault.UNREADABLE.error(error=words), receiver)
    root = ElementTree.fromstring(answer.body)
    assert [child.tag for child in root][:2] == ["STATUS", "ERRORCODE"]
    assert all(len(child) == 0 for child in root)
    assert dict(answer.headers)[b"content-length"] == b"%d" % len(answer.body)


@given(st.lists(st.text(), max_size=100))
def test_a_warning_is_a_header_whatever_stands_in_it(warnings: list[str]) -> None:
    headers = dict(W13.success(Reply((), tuple(warnings))).headers)
    value = headers.get(b"x-slidewire-warning", b"")
    assert bool(warnings) == (b"x-slidewire-warning" in headers)
    assert value.decode("ascii").isprintable()
    assert len(value) <= 2_100


@pytest.mark.parametrize(
    ("warnings", "value"),
    [
        pytest.param(("a b, c", "d"), b"a b, c; d", id="two"),
        pytest.param(("caf\u00e9 100%\r\nX: y",), b"caf%C3%A9 100%25%0D%0AX: y", id="signs that a header may not hold"),
        pytest.param(("x" * 1_500, "y" * 1_500), b"x" * 1_500 + b"; more", id="too much"),
        pytest.param(("x" * 3_000,), b"x" * 2_000 + b"; more", id="one that is too long"),
    ],
)
def test_writes_warnings(warnings: tuple[str, ...], value: bytes) -> None:
    assert dict(W13.success(Reply((), warnings)).headers)[b"x-slidewire-warning"] == value


def test_a_long_reason_is_cut() -> None:
    assert len(W13.failure(Fault.UNREADABLE.error(error="x" * 10_000)).body) < 700


def test_what_is_our_own_doing_is_told_with_a_reference_or_a_time() -> None:
    assert (
        b"<ERRORCODE>E503</ERRORCODE><ERRORINFO>Internal error. (reference r-1)</ERRORINFO>"
        in W13.internal_error("r-1").body
    )
    assert dict(W13.overloaded(0.01).headers)[b"retry-after"] == b"1"


def test_every_field_has_one_meaning_in_each_dialect() -> None:
    for dialect in Dialect:
        for place in {field.place for field in FIELDS}:
            spellings = [name.upper() for field in FIELDS if field.place is place for name in field.spellings(dialect)]
            assert len(spellings) == len(set(spellings))
    assert (SPELLING("receiver"), SPELLING("image"), SPELLING("unheard of")) == ("TO", "IMAGE", "unheard of")
