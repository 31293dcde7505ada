"""The text fields of one request, read one by one, with what there is to tell about them."""

import re
from operator import attrgetter

from slidewire.domain.characters import first_forbidden
from slidewire.domain.faults import Fault
from slidewire.domain.request import TEXTS, Given
from slidewire.domain.slides import NOT_TEXT

_NO_LINE = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]")  #: line breaks and control characters
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
#: The text fields of each request, and what takes all of them out of one at once.
_TEXTS = {kind: (tuple(names), attrgetter(*names)) for kind, names in TEXTS.items()}


class Words:
    """The text fields of one request, and what there is to tell about them."""

    __slots__ = ("_are_plain", "_request", "given", "warnings")

    def __init__(self, request: Given) -> None:
        self._request = request
        names, take_all = _TEXTS[type(request)]
        texts = {name: text for name, text in zip(names, take_all(request), strict=True) if text}
        #: the fields that hold anything
        self.given = texts.keys() | request.nested if request.nested else texts.keys()
        self.warnings = [f"only the first {name.replace('_', ' ')} counts" for name in request.repeated]
        if request.unknown or request.notes:
            self.warnings += request.notes + tuple(f"ignored, for it is not known: {name}" for name in request.unknown)
        # one look at all of them: then the common request costs no look at each
        self._are_plain = not request.nested and "".join(texts.values()).isprintable()

    def of(self, name: str) -> str:
        """The field without the white space around it; empty when absent or blank.

        Raises E100 naming it for an element inside, or a character that no text may hold.
        """
        given: str | None = getattr(self._request, name)
        if self._are_plain:
            return given.strip() if given else ""
        if name in self._request.nested:
            raise Fault.INVALID_REQUEST.about(name, NOT_TEXT)
        text = given.strip() if given else ""
        if first_forbidden(text):
            raise Fault.INVALID_REQUEST.about(name, "holds a character that no text may hold")
        return text


def read_line(words: Words, name: str) -> str:
    """A field of one line: line breaks and control characters are blanks (settled 6)."""
    whole = words.of(name)
    return whole if whole.isprintable() else _NO_LINE.sub(" ", whole).strip()


def read_yes_no(words: Words, name: str, *, absent: bool = False) -> bool:
    """A field of yes or no; ``absent`` where it is not given. Raises FaultError E100 naming it."""
    answer = read_if_said(words, name)
    return absent if answer is None else answer


def read_if_said(words: Words, name: str) -> bool | None:
    """A field of yes or no; None where it is not given. Raises FaultError E100 naming it."""
    given = words.of(name)
    if not given:
        return None
    answer = _YES_NO.get(given.lower())
    if answer is None:
        raise Fault.INVALID_REQUEST.about(name, "is neither yes nor no")
    return answer
