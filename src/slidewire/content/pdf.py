"""The PDF library's only home: it runs in the media children (security 6, durability 21).

The file's marks were looked at before (objects.py). Here its page tree is walked, so that whoever opens it finds
pages; what the pages show is nobody's business.
"""

import struct
import zlib
from io import BytesIO
from typing import Final

from pypdf import Configuration, PageObject, PdfReader, apply_configuration
from pypdf.errors import FileNotDecryptedError, PyPdfError
from pypdf.generic import ArrayObject, NullObject, StreamObject

from slidewire.content.shapes import CorruptError

#: What the library raises for files that are not what they should be, its own exceptions apart.
_BROKEN: Final = (
    PyPdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    OSError,
    RuntimeError,  # too much recursion, too
    MemoryError,
    struct.error,
    zlib.error,
)
#: Bytes that any stream may be inflated to, entries that cross-reference streams may have together.
_INFLATED: Final = 20_000_000
_ENTRIES: Final = 200_000
#: Pages that are looked at: what holds for so many is believed of the others.
_PAGES: Final = 1000


def read_pdf(data: bytes) -> int:
    """The number of pages; raises CorruptError when no reader would find any.

    Of a PDF that asks for a password only the cross-reference is read, and 0 given.
    """
    limits = Configuration().with_overwrites(
        zlib_maximum_output_length=_INFLATED,
        lzw_maximum_output_length=_INFLATED,
        run_length_maximum_output_length=_INFLATED,
        array_based_stream_maximum_output_length=_INFLATED,
        stream_decoding_work_maximum_length=4 * _INFLATED,
        page_tree_maximum_entries=20_000,
        page_tree_maximum_page_entries=200_000,
        jbig2dec_binary=None,
        disable_legacy_handling=True,
    )
    try:
        with apply_configuration(limits):
            reader = PdfReader(BytesIO(data), xref_stream_maximum_entries=_ENTRIES, root_object_recovery_limit=100)
            return _pages(reader)
    except FileNotDecryptedError:
        return 0
    except _BROKEN as error:
        raise CorruptError(f"a PDF that cannot be read ({type(error).__name__})") from error


def _pages(reader: PdfReader) -> int:
    pages = reader.pages
    count = len(pages)
    if not count:
        raise CorruptError("a PDF without a page")
    for number in range(min(count, _PAGES)):
        _check_page(pages[number])
    return count


def _check_page(page: PageObject) -> None:
    """Raise CorruptError unless the page has a size, and contents that are there if it names any."""
    if page.mediabox.width == 0 or page.mediabox.height == 0:
        raise CorruptError("a PDF with a page without size")
    contents = page.get("/Contents", NullObject()).get_object()
    pieces = [piece.get_object() for piece in contents] if isinstance(contents, ArrayObject) else [contents]
    if not all(isinstance(piece, StreamObject | NullObject) for piece in pieces):
        raise CorruptError("a PDF with a page whose contents are missing")
