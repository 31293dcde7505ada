import time

import pytest
from tests.carriers.build import a_message, a_route

from slidewire.carriers.mm7.redaction import Redactor, credentials
from slidewire.domain.message import Slide

LONG = "Bring the red umbrella & the old map,\nand tell nobody <else> where we go"


def redactor(*texts: str, subject: str = "Tonight", **route: str) -> Redactor:
    slides = tuple(Slide(text=text) for text in texts)
    return Redactor(credentials(a_route(**route)), a_message(slides=slides, subject=subject))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("Unknown message", "Unknown message", id="the carrier's own words stay"),
        pytest.param("About Tonight: no", "About [text]: no", id="the subject"),
        pytest.param(f"[{LONG}]", "[[text]]", id="a whole text"),
        pytest.param("he wrote: the red umbrella &", "he wrote:[text]", id="a piece of one"),
        pytest.param("he wrote: nobody &lt;else&gt; where we", "he wrote:[text]", id="a piece of one, escaped"),
        pytest.param("the red", "the red", id="two words are no piece"),
        pytest.param("pass open-sesame-17 word", "pass [secret] word", id="the password"),
        pytest.param("Basic Z3c6b3Blbi1zZXNhbWUtMTc=", "Basic [secret]", id="the password in Basic"),
        pytest.param("/mm7/acc=pa ss and acc=pa%20ss", "/mm7/[secret] and [secret]", id="a password in the address"),
        pytest.param("a query k=v9", "a query [secret]", id="the query of the address"),
        pytest.param("call +447700900123 or 07700900123", "call +********0123 or *******0123", id="numbers"),
        pytest.param("code 2002, 28444, 999999", "code 2002, 28444, 999999", id="codes and short codes"),
    ],
)
def test_keeps_the_words_and_nothing_private(said: str, kept: str) -> None:
    assert redactor(LONG, url="http://mmsc.example/mm7/acc=pa%20ss?k=v9").line(said) == kept


def test_a_text_of_three_letters_does_not_spoil_the_carriers_words() -> None:
    assert redactor("err", subject="").line("some error") == "some error"


def test_a_long_message_costs_little() -> None:
    """Nine slides of 5000 signs in short lines, against the longest answer that is kept."""
    many = redactor(*["\n".join(f"line {n} of {slide}" for n in range(380))[:5000] for slide in range(9)])
    answer = b"not what was sent at all, " * 600
    started = time.process_time()
    many.body(answer, "")
    assert time.process_time() - started < 1.0
