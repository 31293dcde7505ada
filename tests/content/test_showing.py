"""What stands for an object that is not sent, where the subject goes, and that nothing is lost on the way."""

import pytest
from tests.builders import a_content, a_part

from slidewire.content.showing import Objects, Showing, left_out, shown, wants_link
from slidewire.domain.message import Kind, Slide

LINK = "https://m.example.net/m/abcdefghijk"
CARD = a_part(kind=Kind.VCARD, content=a_content(digest="cd" * 32, type="text/vcard"))
PDF = a_part(kind=Kind.PDF, content=a_content(digest="ef" * 32, type="application/pdf"))
IMAGE = a_part()
ATTACH, LINKED, BOTH = Showing(), Showing(Objects.LINK), Showing(Objects.BOTH)
HIDDEN = Showing(known=frozenset({Kind.VCARD}))  #: a phone that shows vCards only


@pytest.mark.parametrize(
    ("slide", "showing", "expected"),
    [
        pytest.param(Slide("Hi", parts=(CARD,)), ATTACH, Slide("Hi", parts=(CARD,)), id="attached"),
        pytest.param(Slide("Hi", parts=(CARD,)), LINKED, Slide(f"Hi\n{LINK}"), id="a link instead"),
        pytest.param(Slide(parts=(CARD,)), LINKED, Slide(LINK), id="a link alone"),
        pytest.param(Slide("Hi", parts=(CARD,)), BOTH, Slide(f"Hi\n{LINK}", parts=(CARD,)), id="both"),
        pytest.param(Slide("Hi", parts=(IMAGE,)), LINKED, Slide("Hi", parts=(IMAGE,)), id="pictures are no objects"),
        pytest.param(Slide("Hi", parts=(CARD,)), HIDDEN, Slide("Hi", parts=(CARD,)), id="the phone shows it"),
        pytest.param(Slide("Hi", parts=(PDF,)), HIDDEN, Slide("Hi"), id="the text stands for what it does not show"),
        pytest.param(Slide(parts=(PDF,)), HIDDEN, Slide(LINK), id="without text the link does"),
        pytest.param(
            Slide("Hi", parts=(PDF,)),
            Showing(Objects.BOTH, frozenset()),
            Slide(f"Hi\n{LINK}"),
            id="both, but the phone shows none",
        ),
        pytest.param(
            Slide(parts=(IMAGE,)), Showing(known=frozenset()), Slide(parts=(IMAGE,)), id="pictures are always shown"
        ),
    ],
)
def test_an_object_gives_way_to_words(slide: Slide, showing: Showing, expected: Slide) -> None:
    link = LINK if wants_link([slide], showing) else ""
    assert shown([slide], showing, link) == (expected,)
    assert (LINK in expected.text) is bool(link)


@pytest.mark.parametrize("showing", [LINKED, BOTH, Showing(known=frozenset())])
def test_without_a_link_or_a_text_an_object_is_sent_as_it_is(showing: Showing) -> None:
    slides = (Slide(parts=(PDF,)), Slide(parts=(CARD,)))
    assert shown(slides, showing) == slides


def test_without_a_link_a_route_that_wants_one_attaches() -> None:
    slides = (Slide("Hi", parts=(CARD,)),)
    assert shown(slides, LINKED) == slides


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(("one", "two"), ("Hello\none", "two"), id="before the first text"),
        pytest.param(("", "two"), ("", "Hello\ntwo"), id="wherever that stands"),
        pytest.param(("", ""), ("Hello", ""), id="on the first slide where there is none"),
    ],
)
def test_a_folded_subject_is_read_first(texts: tuple[str, ...], expected: tuple[str, ...]) -> None:
    slides = [Slide(text, parts=(IMAGE,)) for text in texts]
    after = shown(slides, Showing(subject="Hello"))
    assert tuple(slide.text for slide in after) == expected
    assert [slide.parts for slide in after] == [(IMAGE,)] * len(texts)


def test_what_is_left_out_is_told() -> None:
    before = [Slide("Hi", parts=(IMAGE,)), Slide("A plan", parts=(PDF,)), Slide("A card", parts=(CARD,))]
    after = shown(before, HIDDEN, LINK)
    assert left_out(before, after) == ("pdf in slide 2 left out: its text stands for it",)
    assert left_out(before, before) == ()
