"""Bytes of a peer as a tree of elements, known by their local names: any namespace, prefix and order will do.

Read by expat: no DTD, no entities but XML's own, bounded size and depth (security 5, docs/adr/0340). Whatever the bytes
are, the only thing raised is MalformedError.
"""

import re
from typing import Final
from xml.etree.ElementTree import Element
from xml.parsers import expat

from slidewire.domain.elements import read_elements

__all__ = [
    "Element",
    "MalformedError",
    "attributes_of",
    "find",
    "inside",
    "local",
    "namespace_of",
    "parse",
    "text_of",
    "words_of",
]

#: Bytes of one SOAP envelope; a real one has one to three thousand.
MAX_XML: Final = 262_144
#: Elements inside one another; a real one has eight.
MAX_DEPTH: Final = 32
_UTF8_MARK = b"\xef\xbb\xbf"
#: How a document in UTF-16 begins, marked or not.
_WIDE = {b"\xff\xfe": "utf-16-le", b"<\0": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\0<": "utf-16-be"}
_DECLARED = re.compile(rb"<\?xml\s[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
#: The encodings beside Unicode's that peers are known to write; Python reads them strictly.
_CODECS = re.compile(
    r"(us-)?ascii|iso-?8859-[0-9]{1,2}|latin-?1|(windows-|cp)125[0-9]|gb2312|gbk|gb18030|big5|shift_jis|euc-(jp|kr)|koi8-[ru]"
)


class MalformedError(Exception):
    """Bytes that are not the MM7 that was expected; the words are for the console, never for a customer."""


def parse(body: bytes) -> Element:
    """The root element of ``body``, tags and attributes as they were written, prefixes included."""
    if len(body) > MAX_XML:
        raise MalformedError(f"{len(body)} bytes of XML, at most {MAX_XML}")
    try:
        document = _utf8(body)
        root = read_elements(document, _refuse_doctype)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise MalformedError(f"not XML: {str(error)[:200]}") from None
    if document.count(b"<") - document.count(b"</") > MAX_DEPTH:  # fewer begin than would be too deep
        _check_depth(root)
    return root


def _refuse_doctype(*_: object) -> None:
    raise MalformedError("a DOCTYPE is not allowed")


def _utf8(body: bytes) -> bytes:
    """``body`` in UTF-8, without the white space that some write before the XML declaration (settled 3)."""
    if wide := _WIDE.get(body[:2]):
        return body.decode(wide).lstrip("\ufeff \t\r\n").encode()
    body = body.lstrip(b" \t\r\n").removeprefix(_UTF8_MARK).lstrip(b" \t\r\n")
    declared = _DECLARED.match(body)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name in {"utf-8", "utf8"}:
        return body
    if not _CODECS.fullmatch(name):
        raise MalformedError(f"the encoding {name} is not read here")
    return body.decode(name).encode()


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise MalformedError(f"elements nested deeper than {MAX_DEPTH}")


def local(element: Element) -> str:
    """The element's name without its prefix."""
    return element.tag.rpartition(":")[2]


def inside(element: Element) -> dict[str, Element]:
    """``element`` and all in it by local name: a child wins over what is deeper, the first over those behind it."""
    found: dict[str, Element] = {}
    for each in element.iter():
        found.setdefault(each.tag.rpartition(":")[2], each)
    for child in reversed(element):
        found[child.tag.rpartition(":")[2]] = child
    return found


def find(element: Element, name: str) -> Element | None:
    """The one that ``inside`` would call so."""
    for child in element:
        if child.tag.rpartition(":")[2] == name:
            return child
    return next((each for each in element.iter() if each.tag.rpartition(":")[2] == name), None)


def text_of(element: Element | None) -> str:
    """All text inside, trimmed; empty where there is no such element."""
    if element is None:
        return ""
    return "".join(element.itertext()).strip() if len(element) else (element.text or "").strip()


def words_of(element: Element | None) -> str:
    """What stands in ``element``, on one line."""
    return " ".join(text_of(element).split())


def attributes_of(element: Element) -> dict[str, str]:
    """By their local names, without the declarations of namespaces."""
    return {name.rpartition(":")[2]: value for name, value in element.items() if not name.startswith("xmlns")}


def namespace_of(element: Element, root: Element) -> str:
    """The namespace of an element in ``root``; empty where none is declared for it."""
    prefix = element.tag.rpartition(":")[0]
    declaration = f"xmlns:{prefix}" if prefix else "xmlns"
    if declaration in element.attrib:
        return element.attrib[declaration]
    return next((each.attrib[declaration] for each in _around(element, root) if declaration in each.attrib), "")


def _around(element: Element, root: Element) -> list[Element]:
    """What ``element`` is in, the innermost first."""
    for child in root:
        if child is element:
            return [root]
        if len(child) and (way := _around(element, child)):
            return [*way, root]
    return []
