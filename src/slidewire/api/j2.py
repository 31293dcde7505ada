"""The J2 door: a posted JSON object into a Call; the key comes in a header and nowhere else (api.md 1.3, settled 31).

Numbers stay the digits that were written, so that no number is rounded on its way to a field of text.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NoReturn, TypeAlias

from slidewire.api.decoding import text_to_str, unreadable
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.wire import FLAGS, KINDS, MANY, MOST_SLIDES, Call, Names, find_name
from slidewire.api.xml_in import SlideDraft, is_blank
from slidewire.domain.characters import one_line_end
from slidewire.domain.faults import Fault
from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CustomText, Medium, SlideRequest

#: Small bodies are not counted; of larger ones this many values are read, as in xml_in.
_SMALL = 100_000
_MOST_VALUES = 50_000
_MARKS = (b",", b"[", b"{")
_UTF8_MARK = b"\xef\xbb\xbf"


class Members(tuple[tuple[str, "Given"], ...]):
    """An object's members as they were written, doubles too: the first counts (settled 2)."""

    __slots__ = ()


Given: TypeAlias = "Members | list[Given] | str | bool | None"


class J2Reader:
    """Reads what comes to the J2 address."""

    def __init__(self, limits: WireLimits) -> None:
        self._names = Names(Dialect.J2)
        self._depth = limits.depth

    def read(self, envelope: Envelope) -> Call:
        """The call. Raises FaultError: E100 when there is nothing or no object, E108 for what is no JSON."""
        if not envelope.body.strip():
            raise Fault.INVALID_REQUEST.error("the request is empty")
        members = _parse(envelope.body)
        if not isinstance(members, Members):
            raise Fault.INVALID_REQUEST.error("the body must be an object")
        if _deeper_than(members, self._depth):
            raise unreadable(f"values are nested more than {self._depth} deep")
        call = Call(Dialect.J2)
        if envelope.key:
            call.put("key", envelope.key.decode("latin-1"))
        for given, value in members:
            self._put(call, given, value)
        return call

    def _put(self, call: Call, given: str, value: Given) -> None:
        name = find_name(self._names.call, given)
        if not name:
            call.note_unknown(given)
        elif name == "slides":
            self._put_slides(call, value)
        elif name == "custom_text":
            for each in _each(value):
                call.put_custom_text(self._custom_text(each))
        elif name == "merge_values":
            self._put_merge_values(call, value)
        else:
            text = _text(name, value)
            if text is None and name not in call.values:
                call.nested.add(name)
            call.put(name, text)

    def _put_slides(self, call: Call, value: Given) -> None:
        for each in _each(value):
            if not isinstance(each, Members):
                call.nested.add("slides")
            elif len(call.slides) < MOST_SLIDES:
                call.slides.append(self._slide(each, call))

    def _put_merge_values(self, call: Call, value: Given) -> None:
        if not isinstance(value, Members):
            if value is not None:
                call.nested.add("merge_values")
            return
        for name, text in value:
            call.put_merge_value(name, _text("merge_values", text))

    def _custom_text(self, given: Given) -> CustomText:
        """The first of each member (settled 2)."""
        if not isinstance(given, Members):
            return CustomText(None, None, nested=True)
        words: dict[str, str | None] = {}
        for spelled, value in given:
            name = find_name(self._names.custom_text, spelled)
            if name:
                words.setdefault(name, _text(name, value))
        return CustomText(words.get("slide_number", ""), words.get("value", ""), nested=None in words.values())

    def _slide(self, members: Members, call: Call) -> SlideRequest:
        draft = SlideDraft()
        for given, value in members:
            name = find_name(self._names.slide, given)
            if name in KINDS:
                for each in _each(value):
                    self._put_medium(KINDS[name], each, draft)
            elif name:
                text = _text(name, value)
                draft.put(name, text, nested=text is None)
            else:
                call.note_unknown(given)
        return draft.finish()

    def _put_medium(self, kind: Kind, given: Given, draft: SlideDraft) -> None:
        """The first address in it that is not blank (settled 9); the address itself is taken for the object too."""
        members = given if isinstance(given, Members) else (("url", given),)
        for spelled, value in members:
            name = find_name(self._names.medium, spelled)
            if not name:
                continue
            text = _text(name, value)
            if text is None:
                draft.nested.append(name if isinstance(given, Members) else kind.value)
            if text is None or not is_blank(text):
                draft.media.append(Medium(kind, (text or "").strip()))
                return


def _parse(body: bytes) -> Given:
    """Raises FaultError E108."""
    text = text_to_str(body.removeprefix(_UTF8_MARK))
    if len(body) > _SMALL and sum(body.count(mark) for mark in _MARKS) > _MOST_VALUES:
        raise unreadable("too many values")
    try:
        return _DECODER.decode(text)  # type: ignore[no-any-return]  # its hooks make nothing else
    except json.JSONDecodeError as error:
        raise unreadable(f"{error.msg}: line {error.lineno}, column {error.colno}") from error
    except RecursionError:
        raise unreadable("values are nested too deep") from None


def _no_number(word: str) -> NoReturn:
    raise unreadable(f"{word} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=Members, parse_int=str, parse_float=str, parse_constant=_no_number)


def _text(name: str, value: Given) -> str | None:
    """``value`` as the text of a field, its line ends as XML has them; None for what is no text.

    null is blank; true and false are words for those fields that are asked so (settled 15).
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower() if name in FLAGS else None
    if isinstance(value, list) and name in MANY:
        return ",".join(each for each in value if isinstance(each, str)) if all(map(_is_text, value)) else None
    return one_line_end(value) if isinstance(value, str) else None


def _is_text(value: Given) -> bool:
    return value is None or isinstance(value, str)


def _each(value: Given) -> Iterator[Given]:
    """A list's values, or the one that stands where a list may."""
    yield from value if isinstance(value, list) else [] if value is None else [value]


def _deeper_than(members: Members, depth: int) -> bool:
    level: Sequence[Given] = [members]
    for _ in range(depth):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Given) -> Iterator[Given]:
    """The objects and lists directly in ``value``."""
    values = value if isinstance(value, list) else [each for _, each in value] if isinstance(value, Members) else []
    return (each for each in values if isinstance(each, Members | list))
