"""What a whole message means, and how carriers' spellings become ours."""

import pytest

from slidewire.domain.inbound import Word, meaning_of, phone_of, sender_of


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("STOP", Word.STOP, id="as published"),
        pytest.param(" \tstop!!\r\n", Word.STOP, id="any case, punctuation and white space around"),
        pytest.param('"Stop."', Word.STOP, id="in quotes"),
        pytest.param("STOP 🛑", Word.STOP, id="with a sign behind"),
        pytest.param("Opt-Out", Word.STOP, id="with its hyphen"),
        pytest.param("opt out", Word.STOP, id="as two words"),
        pytest.param("Arrêt", Word.STOP, id="French"),
        pytest.param("Arre\u0302t", Word.STOP, id="French, its accent written apart"),
        pytest.param("ＳＴＯＰ", Word.STOP, id="wide letters"),
        pytest.param("unstop", Word.START, id="back again"),
        pytest.param("Yes.", Word.START, id="yes"),
        pytest.param("aide ?", Word.HELP, id="French help"),
        pytest.param("Please stop", Word.NONE, id="a sentence"),
        pytest.param("bus stop", Word.NONE, id="another word before"),
        pytest.param("S T O P", Word.NONE, id="letters apart"),
        pytest.param("", Word.NONE, id="nothing"),
        pytest.param("stop" + "!" * 100_000, Word.NONE, id="without end"),
    ],
)
def test_a_word_counts_only_as_the_whole_message(text: str, word: Word) -> None:
    assert meaning_of(text) is word


@pytest.mark.parametrize(
    "word", ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "REMOVE", "TD", "ARRET"]
)
def test_every_published_word_opts_out(word: str) -> None:
    assert meaning_of(word.lower()) is Word.STOP


def test_numbers_are_kept_as_they_are_sent_to() -> None:
    assert [phone_of(each) for each in ("+447700900123", "4407700900123", "Bank\x07", "")] == [
        "447700900123",
        "447700900123",
        "Bank\ufffd",
        "",
    ]
    assert [sender_of(each) for each in ("+18005550100", " 24680 ")] == ["18005550100", "24680"]
