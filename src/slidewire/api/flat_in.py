"""Flat requests into a Call: parameters of a GET, or ordinary form fields (settled 4).

``slide_<n>_text``, ``slide_<n>_image`` or ``slide_<n>_image_url``: slides in the order of n, gaps allowed.
"""

import re
from collections.abc import Iterable

from slidewire.api.decoding import text_to_str
from slidewire.api.forms import FormField
from slidewire.api.wire import KINDS, MOST_SLIDES, Call, Names, find_name
from slidewire.api.xml_in import SlideDraft, is_blank
from slidewire.domain.characters import one_line_end
from slidewire.domain.message import Dialect
from slidewire.domain.request import Medium

_SLIDE = re.compile(r"slide_([0-9]{1,9})_([a-z]+?)(_url)?", re.IGNORECASE)
#: Fields of the tree that no flat request has.
_STRUCTURE = frozenset({"slides", "wrapper"})


class FlatReader:
    """Reads flat requests; their names are those of W13 in lower case."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._names = Names(dialect)

    def read(self, fields: Iterable[FormField], charset: str = "") -> Call:
        """The call in ``fields``. Raises FaultError E108 for bytes that are not valid in their encoding."""
        call = Call(self._dialect)
        slides: dict[int, SlideDraft] = {}
        for field in fields:
            given = text_to_str(field.name, charset)
            value = one_line_end(text_to_str(field.value, field.charset or charset))
            name = find_name(self._names.call, given)
            if name and name not in _STRUCTURE:
                call.put(name, value)
            elif not self._put_in_slide(slides, given, value):
                call.note_unknown(given)
        call.slides.extend(slides[number].finish() for number in sorted(slides)[:MOST_SLIDES])
        return call

    def _put_in_slide(self, slides: dict[int, SlideDraft], given: str, value: str) -> bool:
        """False when ``given`` is no field of a slide."""
        match = _SLIDE.fullmatch(given)
        name = find_name(self._names.slide, match[2]) if match else ""
        if not match or not name or (match[3] and name not in KINDS):
            return False
        draft = slides.setdefault(int(match[1]), SlideDraft())
        if name not in KINDS:
            draft.put(name, value)
        elif not is_blank(value):
            draft.media.append(Medium(KINDS[name], value.strip()))
        return True
