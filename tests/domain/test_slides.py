"""Every rule of slides, in its order (settled 1 i, 8 to 10; api.md 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium, SlideRequest
from slidewire.domain.slides import check_slides

HELLO = SlideRequest(text="Hello")


def a_medium(kind: Kind, number: int = 1) -> Medium:
    return Medium(kind, f"http://cdn.example.net/{kind.value}/{number}")


def a_slide(*kinds: Kind, text: str | None = None, duration: str | None = None) -> SlideRequest:
    """A slide with one medium of each of ``kinds``, all of them different ones."""
    media = tuple(a_medium(kind, number) for number, kind in enumerate(kinds, start=1))
    return SlideRequest(media, text, duration)


M, A, V, C, L, P, B = Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.VCARD, Kind.ICAL, Kind.PDF, Kind.PASSBOOK


@pytest.mark.parametrize(
    "slide",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(a_slide(M), id="an image"),
        pytest.param(a_slide(A), id="audio"),
        pytest.param(a_slide(V), id="video"),
        pytest.param(a_slide(P), id="an object"),
        pytest.param(a_slide(M, A), id="image and audio"),
        pytest.param(a_slide(M, A, text="a"), id="image, audio and text"),
        pytest.param(a_slide(V, text="a"), id="video and text"),
        pytest.param(a_slide(C, text="a"), id="an object and text"),
        pytest.param(SlideRequest(text="a" * 5000), id="5000 characters"),
        pytest.param(SlideRequest(text="\N{GRINNING FACE}" * 5000), id="5000 faces"),
        pytest.param(SlideRequest(text="\r\n" * 5000), id="5000 line breaks of two signs each"),
        pytest.param(a_slide(M, duration="3600"), id="an hour"),
    ],
)
def test_takes(slide: SlideRequest) -> None:
    ((checked,), warnings) = check_slides([slide], 9, 5000)
    assert (checked.media, checked.text) == (slide.media, (slide.text or "").replace("\r\n", "\n"))
    assert warnings == ()


@pytest.mark.parametrize(
    ("slides", "fault", "words"),
    [
        pytest.param([], Fault.NO_SLIDES, "No slides.", id="no slide at all"),
        pytest.param([HELLO] * 10, Fault.TOO_MANY_SLIDES, "Too many Slides. (at most 9)", id="a tenth slide"),
        pytest.param([SlideRequest()], Fault.SLIDE_EMPTY, "Slide 1 is empty.", id="nothing in it"),
        pytest.param([HELLO, a_slide(duration="5")], Fault.SLIDE_EMPTY, "Slide 2 is empty.", id="a duration alone"),
        pytest.param([a_slide(C, L)], Fault.MANY_OBJECTS, None, id="two objects"),
        pytest.param([a_slide(C, C)], Fault.MANY_OBJECTS, None, id="two objects of one kind"),
        pytest.param([a_slide(P, B)], Fault.MANY_OBJECTS, None, id="a PDF and a pass"),
        pytest.param([a_slide(C, M)], Fault.OBJECT_WITH_MEDIA, None, id="object and image"),
        pytest.param([a_slide(A, L)], Fault.OBJECT_WITH_MEDIA, None, id="audio and object"),
        pytest.param([a_slide(P, V)], Fault.OBJECT_WITH_MEDIA, None, id="object and video"),
        pytest.param([a_slide(A, V)], Fault.AUDIO_WITH_VIDEO, None, id="audio and video"),
        pytest.param([a_slide(V, M)], Fault.VIDEO_WITH_IMAGE, None, id="video and image"),
        pytest.param([SlideRequest(text="a" * 5001)], Fault.TEXT_TOO_LONG, None, id="5001 characters"),
    ],
)
def test_refuses(slides: list[SlideRequest], fault: Fault, words: str | None) -> None:
    with pytest.raises(FaultError) as refused:
        check_slides(slides, 9, 5000)
    assert refused.value.fault is fault
    assert words is None or refused.value.words == words


@pytest.mark.parametrize(
    ("slide", "fault"),
    [
        pytest.param(a_slide(C, L, M, duration="x"), Fault.MANY_OBJECTS, id="objects before media"),
        pytest.param(a_slide(C, M, A, V), Fault.OBJECT_WITH_MEDIA, id="an object before audio and video"),
        pytest.param(a_slide(M, A, V), Fault.AUDIO_WITH_VIDEO, id="audio and video before video and image"),
        pytest.param(a_slide(V, M, duration="x"), Fault.VIDEO_WITH_IMAGE, id="company before duration"),
        pytest.param(a_slide(text="a" * 5001, duration="x"), Fault.BAD_DURATION, id="duration before text"),
        pytest.param(a_slide(duration="x"), Fault.SLIDE_EMPTY, id="emptiness before duration"),
    ],
)
def test_the_first_rule_wins_within_a_slide(slide: SlideRequest, fault: Fault) -> None:
    with pytest.raises(FaultError) as refused:
        check_slides([HELLO, slide, SlideRequest()], 9, 5000)
    assert refused.value.fault is fault


def test_the_first_slide_at_fault_wins() -> None:
    with pytest.raises(FaultError) as refused:
        check_slides([HELLO, SlideRequest(text="a" * 5001), SlideRequest()], 9, 5000)
    assert refused.value.words == "Text in slide 2 is too long. (5001 characters, at most 5000)"


def test_too_many_slides_come_before_what_is_in_them() -> None:
    with pytest.raises(FaultError) as refused:
        check_slides([SlideRequest()] * 3, 2, 5000)
    assert refused.value.fault is Fault.TOO_MANY_SLIDES


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        pytest.param(None, 10, id="absent"),
        pytest.param("", 10, id="empty"),
        pytest.param(" \n", 10, id="blank"),
        pytest.param("0", 10, id="zero"),
        pytest.param("000", 10, id="zeros"),
        pytest.param("1", 1, id="one"),
        pytest.param(" 7\n", 7, id="blanks around"),
        pytest.param("007", 7, id="zeros before"),
        pytest.param("31", 31, id="more than is advised"),
        pytest.param("3600", 3600, id="an hour"),
        pytest.param("0" * 100_000 + "5", 5, id="zeros without end"),
    ],
)
def test_reads_a_duration(given_: str | None, seconds: int) -> None:
    ((slide,), _) = check_slides([SlideRequest(text="a", duration=given_)], 9, 5000)
    assert slide.duration == seconds


@pytest.mark.parametrize(
    "given_", ["-1", "+5", "1.5", "1,5", "5s", "five", "1e1", "0x5", "3601", "9" * 100_000, "５", "5 5", "²", "\x00"]
)
def test_refuses_a_duration(given_: str) -> None:
    with pytest.raises(FaultError) as refused:
        check_slides([HELLO, SlideRequest(text="a", duration=given_)], 9, 5000)
    assert refused.value.fault is Fault.BAD_DURATION
    assert refused.value.words.startswith("Bad 2 slide duration. (")


def test_the_first_of_a_kind_counts_and_the_rest_is_told() -> None:
    slide = SlideRequest(
        (a_medium(M, 1), a_medium(A, 1), a_medium(M, 2), a_medium(A, 2), a_medium(M, 3)), "a", "5", repeated=("text",)
    )
    assert check_slides([HELLO, slide], 9, 5000) == (
        (CheckedSlide((), "Hello", 10), CheckedSlide((a_medium(M, 1), a_medium(A, 1)), "a", 5)),
        (
            "slide 2: only the first text counts",
            "slide 2: only the first image counts",
            "slide 2: only the first audio counts",
        ),
    )


@pytest.mark.parametrize(
    ("slide", "field"),
    [
        pytest.param(SlideRequest(text="a\x00"), "text", id="a NUL in the text"),
        pytest.param(SlideRequest(text="a\ud800"), "text", id="half a character in the text"),
        pytest.param(SlideRequest((Medium(M, "http://a/\x1b"),)), "url", id="an escape in the address"),
        pytest.param(SlideRequest(text="a", nested=("text",)), "text", id="an element in the text"),
    ],
)
def test_names_the_field_that_no_text_is(slide: SlideRequest, field: str) -> None:
    with pytest.raises(FaultError) as refused:
        check_slides([HELLO, slide], 9, 5000)
    assert (refused.value.fault, refused.value.field) == (Fault.INVALID_REQUEST, field)
    assert refused.value.problem.startswith("in slide 2 holds ")


MEDIA = st.builds(Medium, st.sampled_from(Kind), st.text(max_size=10))
SLIDES = st.lists(
    st.builds(SlideRequest, st.lists(MEDIA, max_size=4).map(tuple), st.none() | st.text(), st.none() | st.text()),
    max_size=11,
)


@given(SLIDES)
def test_any_slides_are_taken_or_refused(slides: list[SlideRequest]) -> None:
    try:
        checked, _ = check_slides(slides, 9, 5000)
    except FaultError:
        return
    assert len(checked) == len(slides)
    for slide in checked:
        kinds = [medium.kind for medium in slide.media]
        assert len(kinds) == len(set(kinds))
        assert 1 <= slide.duration <= 3600
        assert slide.media or slide.text is not None
