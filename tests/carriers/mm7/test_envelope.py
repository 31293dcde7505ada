from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.carriers.build import a_rendition

from slidewire.carriers.mm7.envelope import WORD, overhead, words, wrap

SOAP = b"<soap/>"


def tokens(*words: str) -> Iterator[str]:
    yield from words


def test_puts_both_parts_side_by_side() -> None:
    rendition = a_rendition(b"\x00\xff", b"body")
    envelope = wrap(SOAP, rendition, lambda: "t1")
    assert envelope.content_type == 'multipart/related; boundary="slidewire-t1"; type="text/xml"; start="<mm7-submit>"'
    assert b"".join(envelope.chunks) == (
        b'--slidewire-t1\r\nContent-Type: text/xml; charset="utf-8"\r\nContent-ID: <mm7-submit>\r\n\r\n<soap/>\r\n'
        b"--slidewire-t1\r\nContent-Type: " + rendition.content_type.encode() + b"\r\nContent-ID: <mms>\r\n\r\n"
        b"\x00\xffbody\r\n--slidewire-t1--\r\n"
    )


def test_knows_its_size_and_copies_no_chunk() -> None:
    rendition = a_rendition(b"x" * 100_000, b"y" * 7)
    envelope = wrap(SOAP, rendition, lambda: "t1")
    assert envelope.size == sum(map(len, envelope.chunks))
    assert [id(chunk) for chunk in envelope.chunks[1:-1]] == [id(chunk) for chunk in rendition.chunks]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param((b"slidewire-t1",), id="a chunk that is it"),
        pytest.param((b"..slidewire-t1..",), id="inside a chunk"),
        pytest.param((b"slidew", b"ire-t1"), id="across a seam"),
        pytest.param(tuple(bytes([sign]) for sign in b".slidewire-t1."), id="byte by byte"),
        pytest.param((b"a" * 50 + b"slidewire", b"", b"-t", b"1" + b"b" * 50), id="across four chunks"),
    ],
)
def test_the_boundary_is_in_no_body(chunks: tuple[bytes, ...]) -> None:
    source = tokens("t1", "t2")
    envelope = wrap(SOAP, a_rendition(*chunks), lambda: next(source))
    assert 'boundary="slidewire-t2"' in envelope.content_type


@given(st.lists(st.binary(max_size=5) | st.sampled_from([b"slidewire-t", b"1", b"wire-t1", b"slide"]), max_size=8))
@settings(deadline=None)
def test_a_boundary_that_is_chosen_is_nowhere(chunks: list[bytes]) -> None:
    source = tokens("t1", "t2")
    rendition = a_rendition(*chunks) if chunks else a_rendition(b"-")
    envelope = wrap(SOAP, rendition, lambda: next(source))
    assert ('boundary="slidewire-t1"' in envelope.content_type) is (b"slidewire-t1" not in b"".join(chunks))


def test_a_source_that_repeats_itself_is_a_bug() -> None:
    with pytest.raises(RuntimeError):
        wrap(SOAP, a_rendition(b"slidewire-t1"), lambda: "t1")


def test_overhead_is_never_less_than_what_is_added() -> None:
    rendition = a_rendition(b"x")
    assert overhead(SOAP, "t1") >= wrap(SOAP, rendition, lambda: "t1").size - rendition.size


def test_words_for_boundaries_are_never_the_same() -> None:
    drawn = list(islice(words(), 200))
    assert len(set(drawn)) == 200
    assert {len(word) for word in drawn} == {WORD}
