"""Cuts that nobody sees: never inside what a reader takes for one character (settled 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.graphemes import cut_at_grapheme

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        pytest.param("abc", 3, "abc", id="what fits"),
        pytest.param("abcd", 3, "abc", id="plain letters"),
        pytest.param("abe\u0301x", 3, "ab", id="a combining accent"),
        pytest.param("abe\u0301x", 4, "abe\u0301", id="behind the accent"),
        pytest.param(f"a{FAMILY}b", 2, "a", id="a family, after the father"),
        pytest.param(f"a{FAMILY}b", 5, "a", id="a family, after the mother"),
        pytest.param(f"a{FAMILY}b", 6, f"a{FAMILY}", id="a whole family"),
        pytest.param("a\U0001f44d\U0001f3fdb", 2, "a", id="a skin tone"),
        pytest.param("a\u2764\ufe0fb", 2, "a", id="a variation selector"),
        pytest.param("a1\ufe0f\u20e3", 3, "a", id="a keycap"),
        pytest.param(f"a{FLAG}{FLAG}", 4, f"a{FLAG}", id="half the second flag"),
        pytest.param(f"a{FLAG}{FLAG}", 3, f"a{FLAG}", id="between two flags"),
        pytest.param("a\U0001f3f4\U000e0067\U000e0062\U000e007f", 3, "a", id="a flag of tags"),
        pytest.param("a\r\nb", 2, "a", id="between CR and LF"),
        pytest.param("a\u1112\u1161\u11abb", 3, "a", id="Hangul letters"),
        pytest.param("a\ud558\u11ab", 2, "a", id="a Hangul syllable and its end"),
        pytest.param("a\ud55c\uae00", 2, "a\ud55c", id="two Hangul syllables"),
        pytest.param("a\u0915\u094d\u0937", 3, "a", id="Devanagari consonants bound by a virama"),
        pytest.param("a\u0e01\u0e33", 2, "a", id="Thai SARA AM"),
        pytest.param("a\u0600\u0661", 2, "a", id="an Arabic number sign"),
        pytest.param("e" + "\u0301" * 100, 80, "e" + "\u0301" * 79, id="a single grapheme that is too long"),
    ],
)
def test_cuts(text: str, limit: int, cut: str) -> None:
    assert cut_at_grapheme(text, limit) == cut


PIECES = st.sampled_from(["a", "e\u0301", FAMILY, FLAG, "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "\uac01", "\r\n", "中"])


@given(st.lists(PIECES, max_size=20), st.integers(1, 30))
def test_whole_pieces_stay_whole(pieces: list[str], limit: int) -> None:
    text = "".join(pieces)
    cut = cut_at_grapheme(text, limit)
    assert len(cut) <= limit
    ends = [sum(map(len, pieces[:count])) for count in range(len(pieces) + 1)]
    assert len(cut) in ends or len(pieces[0]) > limit
    assert len(cut) == max((end for end in ends if 0 < end <= limit), default=len(cut))


@given(st.text(max_size=200), st.integers(1, 100))
def test_is_the_beginning_and_fits(text: str, limit: int) -> None:
    cut = cut_at_grapheme(text, limit)
    assert text.startswith(cut)
    assert len(cut) <= limit
    assert bool(cut) == bool(text)
