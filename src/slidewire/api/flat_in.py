"""Flat requests into a Call: parameters of a GET, or ordinary form fields (settled 4).

``slide_<n>_text``, ``slide_<n>_image`` or ``slide_<n>_image_url``: slides in the order of n, gaps allowed.
"""

import re
from collections.abc import Iterable

from slidewire.api.decoding import text_to_str
from slidewire.api.forms import FormField
from slidewire.api.wire import KINDS, MOST_SLIDES, STRUCTURES, Call, Names, find_name
from slidewire.api.xml_in import SlideDraft, is_blank
from slidewire.domain.characters import one_line_end
from slidewire.domain.message import Dialect
from slidewire.domain.request import CustomText, Medium

_SLIDE = re.compile(r"slide_([0-9]{1,9})_([a-z]+?)(_url)?", re.IGNORECASE)
#: DATA/FIRST_NAME is data_first_name, CUSTOMTEXT of slide 1 is customtext_1 (api.md 1.1).
_VALUE = re.compile(r"data_(.+)", re.IGNORECASE | re.DOTALL)
_CUSTOM_TEXT = re.compile(r"customtext_([0-9]{1,9})", re.IGNORECASE)


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
            if name and name not in STRUCTURES:
                call.put(name, value)
            elif not self._put_in_slide(slides, given, value) and not _put_in_template(call, given, value):
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


def _put_in_template(call: Call, given: str, value: str) -> bool:
    """False when ``given`` is no text or value for a template."""
    if match := _CUSTOM_TEXT.fullmatch(given):
        call.put_custom_text(CustomText(match[1], value))
    elif match := _VALUE.fullmatch(given):
        call.put_merge_value(match[1], value)
    return match is not None
