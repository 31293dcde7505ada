"""Texts cut into segments: the tables whole, the limits exact, nothing split, nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.carriers.smpp.text import (
    ALPHABET,
    ESCAPE,
    EXTENSION,
    PUNCTUATION,
    Writing,
    count,
    fallback_text,
    plain,
    read,
    read_octets,
    room,
    segments,
)
from slidewire.domain.segment import Coding, Segment

AS_IT_IS = Writing(punctuation=False)
LINK = "https://m.example.co/x/Ab3dE9kQ12a"

#: GSM 03.38 by code points, as the standard draws it: column by column.
COLUMNS = (
    "40 A3 24 A5 E8 E9 F9 EC F2 C7 0A D8 F8 0D C5 E5",
    "394 5F 3A6 393 39B 3A9 3A0 3A8 3A3 398 39E 1B C6 E6 DF C9",
    "20 21 22 23 A4 25 26 27 28 29 2A 2B 2C 2D 2E 2F",
    "30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F",
    "A1 41 42 43 44 45 46 47 48 49 4A 4B 4C 4D 4E 4F",
    "50 51 52 53 54 55 56 57 58 59 5A C4 D6 D1 DC A7",
    "BF 61 62 63 64 65 66 67 68 69 6A 6B 6C 6D 6E 6F",
    "70 71 72 73 74 75 76 77 78 79 7A E4 F6 F1 FC E0",
)
BEHIND_ESCAPE = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip


def test_the_default_alphabet_is_the_standards() -> None:
    standard = "".join(chr(int(code, 16)) for column in COLUMNS for code in column.split())
    assert standard == ALPHABET


def test_the_extension_table_is_the_standards() -> None:
    assert {septet: sign for sign, septet in EXTENSION.items()} == BEHIND_ESCAPE


@pytest.mark.parametrize("septet", [at for at in range(128) if at != ESCAPE])
def test_each_sign_of_the_alphabet_is_one_septet(septet: int) -> None:
    (segment,) = segments(ALPHABET[septet], 1, AS_IT_IS)
    assert segment == Segment(1, 1, Coding.GSM, bytes((septet,)))
    assert read(segment) == ALPHABET[septet]


@pytest.mark.parametrize(("sign", "septet"), [(sign, septet) for septet, sign in BEHIND_ESCAPE.items()])
def test_each_sign_of_the_extension_is_two_septets(sign: str, septet: int) -> None:
    (segment,) = segments(sign, 1, AS_IT_IS)
    assert segment == Segment(1, 1, Coding.GSM, bytes((ESCAPE, septet)))
    assert read(segment) == sign


@pytest.mark.parametrize("sign", ["\x1b", "`", "ç", "Ё", "ı", "\u2019", "\t", "漢", "😀"])
def test_everything_else_is_ucs2(sign: str) -> None:
    (segment,) = segments(sign, 1, AS_IT_IS)
    assert segment == Segment(1, 1, Coding.UCS2, sign.encode("utf-16-be"))
    assert read(segment) == sign


@pytest.mark.parametrize("plane", range(17))
def test_ucs2_carries_every_character(plane: int) -> None:
    """The whole of Unicode, a plane at a time; what is in GSM 03.38 apart."""
    signs = [chr(code) for code in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= code < 0xE000]
    for at in range(0, len(signs), 2000):
        text = "漢" + "".join(signs[at : at + 2000])
        assert "".join(map(read, segments(text, 1, Writing(16, punctuation=False)))) == text


@pytest.mark.parametrize(
    ("text", "bits", "lengths"),
    [
        pytest.param("", 8, [0], id="nothing"),
        pytest.param("a" * 160, 8, [160], id="one segment full"),
        pytest.param("a" * 161, 8, [153, 8], id="one septet more, 8-bit reference"),
        pytest.param("a" * 161, 16, [152, 9], id="one septet more, 16-bit reference"),
        pytest.param("a" * 306, 8, [153, 153], id="two segments full"),
        pytest.param("a" * 307, 8, [153, 153, 1], id="a third begins"),
        pytest.param("a" * 159 + "€", 8, [153, 8], id="an extension sign costs two"),
        pytest.param("a" * 152 + "€" + "a" * 20, 8, [152, 22], id="an escape pair is not split"),
        pytest.param("a" * 151 + "€" + "a" * 20, 16, [151, 22], id="nor with a 16-bit reference"),
        pytest.param("漢" * 70, 8, [140], id="one UCS-2 segment full"),
        pytest.param("漢" * 71, 8, [134, 8], id="one unit more, 8-bit reference"),
        pytest.param("漢" * 71, 16, [132, 10], id="one unit more, 16-bit reference"),
        pytest.param("漢" * 66 + "😀" * 5, 8, [132, 20], id="a surrogate pair is not split"),
        pytest.param("漢" * 65 + "😀" * 5, 16, [130, 20], id="nor with a 16-bit reference, UCS-2"),
    ],
)
def test_fills_segments_exactly(text: str, bits: int, lengths: list[int]) -> None:
    writing = Writing(bits, punctuation=False)
    made = segments(text, 1, writing)
    assert [len(segment.body) for segment in made] == lengths
    assert count(text, writing) == len(lengths)


def test_the_header_tells_which_belong_together_with_8_bits() -> None:
    made = segments("a" * 400, 0x1234, Writing(8))
    assert [segment.header.hex() for segment in made] == ["050003340301", "050003340302", "050003340303"]
    assert [(segment.number, segment.total) for segment in made] == [(1, 3), (2, 3), (3, 3)]


def test_the_header_tells_which_belong_together_with_16_bits() -> None:
    made = segments("a" * 300, 0x51234, Writing(16))
    assert [segment.header.hex() for segment in made] == ["06080412340201", "06080412340202"]


def test_a_lone_segment_has_no_header() -> None:
    assert segments("hello", 77, Writing()) == (Segment(1, 1, Coding.GSM, b"hello"),)


def test_half_a_surrogate_pair_is_a_question_mark() -> None:
    """Intake lets none in; should one come, it spoils neither its segment nor the next."""
    assert "".join(map(read, segments("漢\ud83d字", 1, AS_IT_IS))) == "漢?字"


def test_refuses_more_segments_than_a_phone_puts_together() -> None:
    assert len(segments("a" * 153 * 255, 1, Writing())) == 255
    with pytest.raises(ValueError, match="256 segments"):
        segments("a" * (153 * 255 + 1), 1, Writing())


TEXTS = st.text(
    st.one_of(st.sampled_from(ALPHABET.replace("\x1b", "") + "".join(EXTENSION)), st.characters(codec="utf-8"))
)


@given(TEXTS, st.integers(0, 0xFFFF), st.sampled_from([8, 16]))
def test_what_the_segments_carry_put_together_is_the_text(text: str, reference: int, bits: int) -> None:
    made = segments(text * 3, reference, Writing(bits, punctuation=False))
    assert "".join(map(read, made)) == text * 3
    for segment in made:
        header = -(-len(segment.header) * 8 // 7) if segment.coding is Coding.GSM else len(segment.header)
        assert header + len(segment.body) <= (160 if segment.coding is Coding.GSM else 140)


@given(TEXTS)
def test_plain_punctuation_carries_the_plain_text(text: str) -> None:
    writing = Writing()
    assert "".join(map(read, segments(text, 1, writing))) == plain(text, writing)


def test_typographic_signs_become_plain_ones() -> None:
    text = "“It’s here” – see…\u00a0now"
    assert plain(text, Writing()) == '"It\'s here" - see... now'
    assert plain(text, AS_IT_IS) == text


def test_a_text_that_stays_ucs2_keeps_its_typography() -> None:
    assert plain("It’s here 😀", Writing()) == "It’s here 😀"


def test_every_plain_sign_is_in_the_alphabet() -> None:
    assert {sign for plain_one in PUNCTUATION.values() for sign in plain_one} <= set(ALPHABET)


@pytest.mark.parametrize(
    ("text", "most", "sent"),
    [
        pytest.param("See your photos", 1, f"See your photos {LINK}", id="both fit"),
        pytest.param("", 1, LINK, id="a link alone"),
        pytest.param("  spaced  ", 1, f"spaced {LINK}", id="trimmed"),
        pytest.param("word " * 40, 1, f"{('word ' * 25).strip()} {LINK}", id="cut at a word"),
        pytest.param("a" * 125, 1, f"{'a' * 125} {LINK}", id="one segment full"),
        pytest.param("x " + "a" * 124, 1, f"x {'a' * 123} {LINK}", id="no words"),
        pytest.param("漢" * 80, 1, f"{'漢' * 35} {LINK}", id="no blanks, in UCS-2"),
        pytest.param("漢 " * 80, 2, f"{('漢 ' * 80)[: 134 - 35].strip()} {LINK}", id="two segments of UCS-2"),
        pytest.param("😀" * 80, 1, f"{'😀' * 17} {LINK}", id="surrogate pairs whole"),
    ],
)
def test_the_fallback_text_is_cut_and_the_link_never(text: str, most: int, sent: str) -> None:
    assert fallback_text(text, LINK, most, Writing()) == sent


def test_a_link_that_does_not_fit_is_all_that_is_left() -> None:
    link = "https://m.example/" + "x" * 200
    assert fallback_text("Hello there", link, 1, Writing()) == link


def test_without_a_link_the_text_alone_is_cut() -> None:
    assert fallback_text("word " * 40, "", 1, Writing()) == ("word " * 32).strip()


@given(TEXTS, st.integers(1, 4), st.sampled_from([8, 16]), st.booleans())
def test_the_fallback_text_always_fits_and_ends_with_its_link(
    text: str, most: int, bits: int, punctuation: bool
) -> None:
    writing = Writing(bits, punctuation)
    made = fallback_text(text * 20, LINK, most, writing)
    assert count(made, writing) <= most
    assert made.endswith(LINK)


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        pytest.param(b"\x00 \x1b\x65 \x1b\x3c", 0, "@ € [", id="the default alphabet with its extension"),
        pytest.param(b"caf\xe9", 0, "café", id="octets that the default alphabet does not have"),
        pytest.param(b"caf\xe9", 3, "café", id="Latin-1"),
        pytest.param("Ünïcode 😀".encode("utf-16-be"), 8, "Ünïcode 😀", id="UCS-2"),
        pytest.param("STOP".encode("utf-16-be"), 0x18, "STOP", id="UCS-2 with a message class"),
        pytest.param("STOP".encode("utf-16-be"), 0xE0, "STOP", id="UCS-2 with a waiting indication"),
        pytest.param(b"STOP", 0xF0, "STOP", id="a flash message"),
        pytest.param(b"\xd8\x00S", 8, "\ufffd", id="half a character"),
        pytest.param(b"a\x1b", 0, "a@", id="an escape at the end"),
        pytest.param(b"a\x00\x07b", 3, "a\ufffd\ufffdb", id="control characters"),
        pytest.param(b"", 0, "", id="nothing"),
    ],
)
def test_what_a_phone_sent_is_read_whatever_it_is(octets: bytes, coding: int, text: str) -> None:
    assert read_octets(octets, coding) == text


def test_the_header_before_a_text_is_no_text() -> None:
    assert read_octets(b"\x05\x00\x03\x07\x02\x01STOP", 0, headed=True) == "STOP"
    assert read_octets(b"\xffSTOP", 0, headed=True) == ""


@pytest.mark.parametrize(
    ("text", "most", "writing", "limit"),
    [
        pytest.param("x" * 160, 1, Writing(), None, id="one segment"),
        pytest.param("x" * 161, 1, Writing(), 160, id="one more"),
        pytest.param("x" * 459, 3, Writing(), None, id="three segments"),
        pytest.param("x" * 460, 3, Writing(), 459, id="a character more"),
        pytest.param("x" * 457, 3, Writing(reference_bits=16), 456, id="a longer header"),
        pytest.param("ж" * 71, 1, Writing(), 70, id="UCS-2"),
        pytest.param("ж" * 202, 3, Writing(), 201, id="three of UCS-2"),
        pytest.param("\U0001f600" * 36, 1, Writing(), 35, id="a surrogate pair is two units"),
        pytest.param("\U0001f600" * 100, 3, Writing(), 99, id="a surrogate pair is not split"),
        pytest.param("€" * 81, 1, Writing(), 80, id="an escape pair is two"),
        pytest.param("x" * 1_000_000, 255, Writing(), 39_015, id="far too long"),
    ],
)
def test_how_many_characters_go_into_segments(text: str, most: int, writing: Writing, limit: int | None) -> None:
    assert room(text, most, writing) == limit
    if limit is None:
        assert count(text, writing) <= most
    else:
        assert count(text[:limit], writing) == most


@given(st.text(max_size=500), st.integers(1, 4))
def test_what_has_room_is_what_takes_so_many_segments(text: str, most: int) -> None:
    assert (room(text, most, AS_IT_IS) is None) == (count(text, AS_IT_IS) <= most)
