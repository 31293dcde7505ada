"""XML as a tree of elements, by expat: no entities but XML's own, nothing fetched, no DTD (security 5).

What it is read for, its size and its depth are for whoever asks.
"""

from collections.abc import Callable
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat


def read_elements(document: bytes, on_doctype: Callable[..., None]) -> Element:
    """The root of a UTF-8 document, tags and attributes as they were written, prefixes included.

    ``on_doctype`` raises what is to be said of a DOCTYPE. Raises that, ExpatError and ValueError.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate("utf-8")  # whatever the declaration says: the bytes are UTF-8 by now
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = on_doctype
    parser.Parse(document, True)
    return builder.close()
