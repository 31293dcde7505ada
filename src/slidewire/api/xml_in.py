"""XML into a Call: no DTD, no entities but XML's own, no network, bounded depth (settled 3, security 5).

The parser is expat and not lxml: lxml keeps every name it ever met in a table that is never emptied, so strangers
could fill our memory before they sign in (docs/adr/0010).
"""

import re
from xml.etree.ElementTree import Element
from xml.parsers import expat

from slidewire.api.decoding import too_long, unreadable, xml_to_utf8
from slidewire.api.mending import mend
from slidewire.api.wire import KINDS, MOST_SLIDES, Call, Names, find_name
from slidewire.domain.elements import read_elements
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CustomText, Medium, SlideRequest

#: What may stand before a DOCTYPE. Groups are atomic: nothing is looked at twice, whatever the document.
_PROLOG = re.compile(rb"(?>[ \t\r\n]+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)
#: What encloses a request; read in any case.
_ROOTS = {Dialect.W13: "REQUEST", Dialect.M1: "request"}
#: Small documents are not counted; of larger ones, this many tags and attributes are read: a full request of 100
#: slides has a few thousand, and what a stranger sends must not hold up everybody else.
_SMALL = 100_000
_MOST_MARKUP = 50_000


class XmlReader:
    """Reads the requests of one XML dialect."""

    def __init__(self, dialect: Dialect, depth: int = 32, most_mended: int = 0) -> None:
        """``depth``: the most elements inside one another.

        ``most_mended``: bytes that a document may have after it was mended; 0: none is mended.
        """
        self._dialect = dialect
        self._most_mended = most_mended
        self._names = Names(dialect)
        self._depth = depth

    def read(self, raw: bytes, charset: str = "") -> Call:
        """The call in the document ``raw``.

        ``charset`` is Content-Type's. Raises FaultError: E108 for what cannot be read, E100 for another root.
        """
        document = xml_to_utf8(raw, charset)
        call = Call(self._dialect)
        try:
            root = _parse(document)
        except FaultError as fault:
            document = self._mended(document, fault)
            root = _parse(document)
            call.notes.append("ill-formed XML was read with its stray signs as text")
        if document.count(b"</") > self._depth and _deeper_than(root, self._depth):
            raise unreadable(f"elements are nested more than {self._depth} deep")
        if root.tag.rpartition(":")[2].upper() != _ROOTS[Dialect.W13]:
            raise Fault.INVALID_REQUEST.error(f"the root element must be {_ROOTS[self._dialect]}")
        self._read_fields(root, call)
        return call

    def _mended(self, document: bytes, fault: FaultError) -> bytes:
        """The document that ``fault`` refused, mended and measured again (security 5).

        Raises ``fault`` where nothing can be mended.
        """
        mended = mend(document) if self._most_mended else document
        if mended == document:
            raise fault
        if len(mended) > self._most_mended:
            raise too_long(self._most_mended)
        return mended

    def _read_fields(self, parent: Element, call: Call) -> None:
        meanings = self._names.call
        for child in parent:
            name = meanings.get(child.tag) or find_name(meanings, child.tag)
            if not name:
                call.note_unknown(child.tag)
            elif name == "slides":
                if len(call.slides) < MOST_SLIDES:
                    call.slides.append(self._read_slide(child, call))
            elif name == "wrapper":
                self._read_fields(child, call)
            elif name == "custom_text":
                call.put_custom_text(self._read_custom_text(child))
            elif name == "merge_values":
                for each in child:
                    call.put_merge_value(each.tag.rpartition(":")[2], None if len(each) else each.text or "")
            else:
                if len(child) and name not in call.values:
                    call.nested.add(name)
                call.put(name, child.text)

    def _read_slide(self, slide: Element, call: Call) -> SlideRequest:
        draft, meanings = SlideDraft(), self._names.slide
        for child in slide:
            name = find_name(meanings, child.tag)
            if name in KINDS:
                self._read_medium(KINDS[name], child, draft)
            elif name:
                draft.put(name, child.text, nested=len(child) > 0)
            else:
                call.note_unknown(child.tag)
        for given, value in slide.attrib.items():
            if find_name(meanings, given) == "duration":
                draft.put_behind("duration", value)
        return draft.finish()

    def _read_custom_text(self, element: Element) -> CustomText:
        """The first of each that it holds (settled 2)."""
        words: dict[str, Element] = {}
        for child in element:
            words.setdefault(find_name(self._names.custom_text, child.tag), child)
        number, value = (words.get(name) for name in ("slide_number", "value"))
        nested = any(each is not None and len(each) > 0 for each in (number, value))
        return CustomText(None if number is None else number.text, None if value is None else value.text, nested)

    def _read_medium(self, kind: Kind, element: Element, draft: "SlideDraft") -> None:
        """The first address in it that is not blank (settled 9)."""
        for child in element:
            name = find_name(self._names.medium, child.tag)
            if name and (len(child) or not is_blank(child.text)):
                if len(child):
                    draft.nested.append(name)
                draft.media.append(Medium(kind, (child.text or "").strip()))
                return


class SlideDraft:
    """A slide while it is read: the first text and duration that are not blank count (settled 9)."""

    __slots__ = ("_words", "media", "nested", "repeated")

    def __init__(self) -> None:
        self.media: list[Medium] = []
        self.nested: list[str] = []
        self.repeated: list[str] = []
        self._words: dict[str, str] = {}

    def put(self, name: str, text: str | None, *, nested: bool = False) -> None:
        """A text or a duration."""
        if is_blank(text) and not nested:
            return
        if name not in self._words:
            self._words[name] = text or ""
            if nested:
                self.nested.append(name)
        elif name not in self.repeated:
            self.repeated.append(name)

    def put_behind(self, name: str, text: str) -> None:
        """The same from an attribute: an element wins over it (settled 10)."""
        if not is_blank(text):
            self._words.setdefault(name, text)

    def finish(self) -> SlideRequest:
        """The slide as the rules want it."""
        words = self._words
        return SlideRequest(
            tuple(self.media), words.get("text"), words.get("duration"), tuple(self.nested), tuple(self.repeated)
        )


def is_blank(text: str | None) -> bool:
    """Empty or white space only (settled 2)."""
    return not text or text.isspace()


def _parse(document: bytes) -> Element:
    """The tree of a UTF-8 document. Raises FaultError E108 with the parser's reason."""
    if b"<!DOCTYPE" in document and _PROLOG.match(document):
        raise _no_doctype()
    if len(document) > _SMALL and document.count(b"<") + document.count(b"=") > _MOST_MARKUP:
        raise unreadable("too many elements")
    try:
        return read_elements(document, _refuse_doctype)
    except expat.ExpatError as error:
        raise unreadable(str(error)) from error


def _refuse_doctype(*_: object) -> None:
    raise _no_doctype()


def _no_doctype() -> Exception:
    return unreadable("a DOCTYPE is not allowed")


def _deeper_than(root: Element, depth: int) -> bool:
    """Whether elements are nested more than ``depth`` deep."""
    level = [root]
    for _ in range(depth):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True
