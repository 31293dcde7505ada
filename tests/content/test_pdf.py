"""PDFs are believed when a library finds pages in them, whoever wrote them; nothing in one costs much (security 6)."""

import time
import zlib
from contextlib import suppress
from io import BytesIO

import pypdf
import pytest
from tests.content import makers

from slidewire.content.objects import DamagedError, check_pdf
from slidewire.content.pdf import read_pdf
from slidewire.content.shapes import CorruptError

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"


def written(password: str = "", owner: str = "") -> bytes:
    """Three pages by another hand, compressed; ``password`` is asked for, ``owner`` only restricts."""
    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 300)
    writer.compress_identical_objects()
    if password or owner:
        writer.encrypt(password, owner or password, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_a_stream_of_references() -> bytes:
    """PDF 1.5: the cross-reference is a compressed stream, the objects lie in another."""
    inner = b"1 0 2 34 3 76 " + CATALOG.ljust(34) + PAGES.ljust(42) + PAGE
    packed = zlib.compress(inner)
    head = b"%PDF-1.5\n"
    holder = b"4 0 obj\n<< /Type /ObjStm /N 3 /First 14 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    holder += packed + b"\nendstream\nendobj\n"
    at = len(head) + len(holder)
    entries = b"".join(bytes((2, 0, 4, number)) for number in range(3))
    table = b"\x00\x00\x00\xff" + entries + bytes((1, *len(head).to_bytes(2, "big"), 0))
    table += bytes((1, *at.to_bytes(2, "big"), 0))
    references = zlib.compress(table)
    told = b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n"
    body = head + holder + told % len(references) + references + b"\nendstream\nendobj\n"
    return body + b"startxref\n%d\n%%%%EOF\n" % at


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        pytest.param(makers.pdf(), 1, id="a table of references"),
        pytest.param(with_a_stream_of_references(), 1, id="a stream of references"),
        pytest.param(makers.saved(makers.photo(40, 30), "PDF"), 1, id="by the image library"),
        pytest.param(written(), 3, id="by another library"),
        pytest.param(written(owner="secret"), 3, id="encrypted, and open to all"),
        pytest.param(written(password="secret"), 0, id="encrypted: nobody knows how many"),
        pytest.param(makers.pdf_of(CATALOG, PAGES, PAGE), 1, id="the smallest"),
    ],
)
def test_finds_the_pages(data: bytes, pages: int) -> None:
    check_pdf(data)
    assert read_pdf(data) == pages


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(makers.pdf_of(CATALOG, b"<< /Type /Pages /Kids [] /Count 1 >>"), id="no page"),
        pytest.param(makers.pdf_of(CATALOG, PAGES), id="a page that is not there"),
        pytest.param(makers.pdf_of(CATALOG, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), id="pages in a circle"),
        pytest.param(makers.pdf_of(b"<< >>", PAGES, PAGE), id="a catalogue that says nothing"),
        pytest.param(makers.pdf_of(CATALOG, PAGES, PAGE.replace(b"200 200", b"0 0")), id="a page without size"),
        pytest.param(makers.pdf_of(CATALOG, PAGES, PAGE[:-2] + b"/Contents 1 0 R >>"), id="contents that are none"),
        pytest.param(b"%PDF-1.4\nxref\n0 0\ntrailer\n<< >>\nstartxref\n9\n%%EOF", id="marks alone"),
    ],
)
def test_refuses_what_has_the_marks_and_no_pages(data: bytes) -> None:
    check_pdf(data)
    with pytest.raises(CorruptError):
        read_pdf(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            makers.pdf_of(CATALOG[:-2] + b"/X " + b"[" * 100_000 + b"]" * 100_000 + b" >>", PAGES, PAGE), id="["
        ),
        pytest.param(makers.pdf_of(CATALOG[:-2] + b"/X (" + b"(" * 900_000 + b" >>", PAGES, PAGE), id="a text's ("),
        pytest.param(
            makers.pdf_of(CATALOG, PAGES.replace(b"[3 0 R]", b"[" + b"3 0 R " * 200_000 + b"]"), PAGE), id="kids"
        ),
        pytest.param(b"%PDF-1.4\n" + b"1 0 obj\n<<>>\nendobj\n" * 90_000 + b"startxref\n9\n%%EOF", id="objects"),
        pytest.param(
            b"%PDF-1.4\nxref\n0 99999999\n" + b"0000000000 65535 f \n" * 90_000 + b"startxref\n9\n%%EOF", id="xref"
        ),
    ],
)
def test_costs_little_whatever_is_in_it(data: bytes) -> None:
    started = time.process_time()
    with suppress(DamagedError, CorruptError):
        check_pdf(data)
        read_pdf(data)
    assert time.process_time() - started < 3
