"""What one slide may hold, and how many slides make a message.

Pure. An answer has room for one code, so the first broken rule wins, in the order below (settled 1 i, 8 to 10).
"""

from collections.abc import Iterator, Sequence

from slidewire.domain.characters import first_forbidden, one_line_end
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.gathering import FIRST, Faults
from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium, SlideRequest

DEFAULT_DURATION = 10  #: seconds (api.md 2.1)
MAX_DURATION = 3600
#: Milliseconds by which codecs may make a file longer than what was recorded.
_PADDING = 100
#: Said of a field that holds an element, an object, a list (settled 3).
NOT_TEXT = "holds something else than text"
_IMAGE, _AUDIO, _VIDEO = frozenset({Kind.IMAGE}), frozenset({Kind.AUDIO}), frozenset({Kind.VIDEO})
_MEDIA = _IMAGE | _AUDIO | _VIDEO
_OBJECTS = frozenset(Kind) - _MEDIA
#: Kinds of which no two may share a slide, and the fault that says so, in the order in which they are looked for.
CLASHES = (
    (_OBJECTS, _MEDIA, Fault.OBJECT_WITH_MEDIA),
    (_AUDIO, _VIDEO, Fault.AUDIO_WITH_VIDEO),
    (_VIDEO, _IMAGE, Fault.VIDEO_WITH_IMAGE),
)


def check_slides(
    slides: Sequence[SlideRequest], max_slides: int, max_text: int, faults: Faults = FIRST
) -> tuple[tuple[CheckedSlide, ...], tuple[str, ...]]:
    """The slides with what counts of them, and what the customer should know of the rest.

    Raises FaultError for the first rule that is broken: all slides together first, then slide by slide. ``faults``
    that gathers them: no more slides are looked at than may be sent.
    """
    if not 0 < len(slides) <= max_slides:
        faults.of(None, _refuse, _wrong_number(slides, max_slides))
    checked: list[CheckedSlide] = []
    warnings: list[str] = []
    for number, slide in enumerate(slides[:max_slides], start=1):
        checked.append(_check_slide(slide, number, max_text, faults))
        if len(slide.media) > 1 or slide.repeated:
            warnings.extend(_repeats(slide, number))
    return tuple(checked), tuple(warnings)


def _wrong_number(slides: Sequence[SlideRequest], max_slides: int) -> FaultError:
    return Fault.TOO_MANY_SLIDES.error(f"at most {max_slides}") if slides else Fault.NO_SLIDES.error()


def seconds_shown(length_ms: int) -> int:
    """How long a slide with sound or video is shown: whole seconds in which all of it is played (api.md 2.1)."""
    return min(max(-(-(length_ms - _PADDING) // 1000), 1), MAX_DURATION)


def _check_slide(slide: SlideRequest, number: int, max_text: int, faults: Faults) -> CheckedSlide:
    take = faults.of
    if slide.nested:
        take(None, _refuse, _misshapen(slide.nested[0], number))
    if not slide.media and slide.text is None:
        take(None, _refuse, Fault.SLIDE_EMPTY.error(slide=number))
    media = slide.media
    if len(media) > 1:
        for clash in _clashes(media, number):
            take(None, _refuse, clash)
        media = _firsts(media)
    duration = take(DEFAULT_DURATION, _duration, slide.duration, number)
    text = take("", _text, slide.text, number, max_text)
    for medium in media:
        if first_forbidden(medium.url):
            take(None, _refuse, _forbidden("url", number))
    return CheckedSlide(media, text, duration)


def _misshapen(field: str, number: int) -> FaultError:
    return Fault.INVALID_REQUEST.about(field, f"in slide {number} {NOT_TEXT}")


def _clashes(media: Sequence[Medium], number: int) -> Iterator[FaultError]:
    """What may not be in a slide together."""
    kinds = {medium.kind for medium in media}
    if sum(medium.kind.is_object for medium in media) > 1:
        yield Fault.MANY_OBJECTS.error(f"slide {number}")
    for some, others, fault in CLASHES:
        if kinds & some and kinds & others:
            yield fault.error(f"slide {number}")


def _refuse(clash: FaultError) -> None:
    raise clash


def _duration(given: str | None, number: int) -> int:
    """Seconds on the screen; 0, absent and blank mean the default (settled 10)."""
    digits = given.strip() if given else ""
    if not digits:
        return DEFAULT_DURATION
    if not digits.isdigit() or not digits.isascii():
        raise Fault.BAD_DURATION.error(f"whole seconds from 0 to {MAX_DURATION}", slide=number)
    significant = digits.lstrip("0")
    if len(significant) > len(str(MAX_DURATION)) or int(significant or "0") > MAX_DURATION:
        raise Fault.BAD_DURATION.error(f"at most {MAX_DURATION} seconds", slide=number)
    return int(significant or "0") or DEFAULT_DURATION


def _text(given: str | None, number: int, max_text: int) -> str:
    text = one_line_end(given or "")
    if len(text) > max_text:
        raise Fault.TEXT_TOO_LONG.error(f"{len(text)} characters, at most {max_text}", slide=number)
    if first_forbidden(text):
        raise _forbidden("text", number)
    return text


def _forbidden(field: str, number: int) -> FaultError:
    return Fault.INVALID_REQUEST.about(field, f"in slide {number} holds a character that no text may hold")


def _firsts(media: Sequence[Medium]) -> tuple[Medium, ...]:
    """The first of each kind, in the order given: the others are neither fetched nor checked (settled 9)."""
    first: dict[Kind, Medium] = {}
    for medium in media:
        first.setdefault(medium.kind, medium)
    return tuple(first.values())


def _repeats(slide: SlideRequest, number: int) -> list[str]:
    """What was given more than once, told (settled 25)."""
    seen: set[Kind] = set()
    again = dict.fromkeys(slide.repeated)
    for medium in slide.media:
        if medium.kind in seen:
            again[medium.kind.value] = None
        seen.add(medium.kind)
    return [f"slide {number}: only the first {name} counts" for name in again]
