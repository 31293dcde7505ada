"""Whatever others wrote, a terminal obeys none of it (security 11)."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.cli.terminal import json_text, say_table, visible

#: Control, format and separator characters; the joiners and soft marks that scripts need are no danger.
DANGEROUS = {"Cc", "Zl", "Zp", "Cs"}
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def obeyed(text: str) -> list[str]:
    return [letter for letter in text if unicodedata.category(letter) in DANGEROUS or letter in TURNING]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain, schön, 漢字, 👩‍👧", "plain, schön, 漢字, 👩‍👧", id="text of any script stays"),
        pytest.param("\x1b[2Jgone", "\\x1b[2Jgone", id="an escape sequence"),
        pytest.param("\x9b2Jgone", "\\x9b2Jgone", id="its form in one character"),
        pytest.param("a\r\nb\tc\x7f", "a\\x0d\\x0ab\\x09c\\x7f", id="line ends and tabs"),
        pytest.param("abc\u202edef", "abc\\u202edef", id="text turned around"),
        pytest.param("a\u2028b", "a\\u2028b", id="a line separator"),
        pytest.param("\U000e0041", "\\U000e0041", id="a tag that nobody sees"),
        pytest.param("\ud800", "\\ud800", id="half a character"),
    ],
)
def test_makes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lets_line_feeds_through_where_lines_are_wanted() -> None:
    assert visible("a\nb\x1b", lines=True) == "a\nb\\x1b"


@given(st.text())
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    assert obeyed(visible(text)) == []


@given(st.text(st.characters(codec="utf-8")))
def test_json_reads_back_as_it_was_and_holds_nothing_that_is_obeyed(text: str) -> None:
    printed = json_text({"text": text})
    assert json.loads(printed) == {"text": text}
    assert obeyed(printed.replace("\n", "")) == []


def test_json_keeps_scripts_readable() -> None:
    assert json_text({"a": "schön 漢字"}) == '{\n  "a": "schön 漢字"\n}'


def test_a_table_is_as_wide_as_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(("id", "name"), [("1", "漢字"), ("22", "a\x1bb"), ("3", "")])
    assert capsys.readouterr().out == "ID  NAME\n1   漢字\n22  a\\x1bb\n3\n"
