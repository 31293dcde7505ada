"""Bytes to an XML tree without a DTD, entities, the network or depth; for envelopes, SMIL and report answers.

Everything that arrives here is foreign: the one way in is ``read_xml``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

#: lxml has no public name for it, and no types.
Element: TypeAlias = Any

MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
_DECLARATION = re.compile(rb"""\A<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOM = b"\xef\xbb\xbf"


class BrokenXmlError(ValueError):
    """The bytes are not XML that we read; the text says why."""


def read_xml(document: bytes) -> Element:
    """The root of ``document``, which must be UTF-8, without DTD, at most 32 elements deep.

    Raises BrokenXmlError, and nothing else, for whatever does not fit.  # settled 3
    """
    _check_encoding(document)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenXmlError(f"not well-formed XML: {error}") from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise BrokenXmlError("a DTD is not allowed")
    _check_shape(root)
    return root


def local(element: Element) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def namespace(element: Element) -> str:
    """The namespace, empty where there is none."""
    return str(etree.QName(element).namespace or "")


def attributes(element: Element) -> Iterator[tuple[str, str, str]]:
    """(namespace, local name, value) of each attribute."""
    for key, value in element.attrib.items():
        name = etree.QName(key)
        yield str(name.namespace or ""), str(name.localname), str(value)


def inner_text(element: Element) -> str:
    """The text before the first child."""
    return str(element.text or "")


def loose_text(element: Element) -> bool:
    """Whether something else than white space stands between the children."""
    pieces = [element.text, *(child.tail for child in element)]
    return any(piece and piece.strip() for piece in pieces)


def _check_encoding(document: bytes) -> None:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenXmlError(f"not UTF-8 at byte {error.start}") from error
    declared = _DECLARATION.match(document.removeprefix(_BOM))
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii"}:
        raise BrokenXmlError(f"the XML declares {declared[1].decode()}, but UTF-8 is what we take")


def _check_shape(root: Element) -> None:
    """Walks without recursion: the tree is as deep as its sender liked."""
    count = 0
    level = [root]
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise BrokenXmlError(f"more than {MAX_ELEMENTS} elements")
        if any(not isinstance(element.tag, str) for element in level):
            raise BrokenXmlError("entity references are not allowed")
        level = [child for element in level for child in element]
        if not level:
            return
    raise BrokenXmlError(f"elements nested deeper than {MAX_DEPTH}")
