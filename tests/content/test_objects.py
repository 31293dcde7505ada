"""vCards, calendars and PDFs are believed when they hold together, in linear time (security 6)."""

import time

import pytest
from tests.content import makers

from slidewire.content.formats import Format
from slidewire.content.objects import MAX_DEPTH, MAX_LINES, DamagedError, check_object

V, C = makers.VCARD, makers.ICAL
V21 = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;=\r\nJane\r\n"
    b"PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQ\r\nSkZJRgABAQ==\r\n\r\nEND:VCARD\r\n"
)
V4 = V.replace(b"3.0", b"4.0")
VCAL = b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(V, Format.VCARD, id="a vCard 3.0"),
        pytest.param(V4, Format.VCARD, id="a vCard 4.0"),
        pytest.param(V21, Format.VCARD, id="a vCard 2.1 with a picture and soft line breaks"),
        pytest.param(V + V4, Format.VCARD, id="two cards in one file"),
        pytest.param(V.replace(b"\r\n", b"\n"), Format.VCARD, id="line feeds alone"),
        pytest.param(V.replace(b"\r\n", b"\r"), Format.VCARD, id="carriage returns alone"),
        pytest.param(b"\xef\xbb\xbf\r\n" + V + b"\r\n\r\n", Format.VCARD, id="a BOM and blank lines around"),
        pytest.param(V.lower().replace(b"version", b"Version"), Format.VCARD, id="names in any case"),
        pytest.param(V.replace(b"TEL;", b"item1.TEL;"), Format.VCARD, id="a grouped property"),
        pytest.param(V.replace(b"Jane Doe", "Jäne 😀".encode()), Format.VCARD, id="any Unicode"),
        pytest.param(C, Format.ICAL, id="a calendar with a folded line"),
        pytest.param(VCAL, Format.ICAL, id="a vCalendar 1.0"),
        pytest.param(makers.pdf(), Format.PDF, id="a PDF"),
        pytest.param(makers.pdf() + b"\r\n\x00\x00", Format.PDF, id="a PDF padded behind its end"),
    ],
)
def test_believes(data: bytes, found: Format) -> None:
    check_object(data, found)


@pytest.mark.parametrize(
    ("data", "found", "words"),
    [
        pytest.param(V.replace(b"END:VCARD\r\n", b""), Format.VCARD, "an END is missing", id="a vCard without END"),
        pytest.param(V[:-14], Format.VCARD, "an END is missing", id="a vCard cut off"),
        pytest.param(V.replace(b"VERSION:3.0\r\n", b""), Format.VCARD, "without VERSION", id="a vCard without VERSION"),
        pytest.param(V.replace(b"3.0", b"9.0"), Format.VCARD, "without VERSION", id="a vCard of no version"),
        pytest.param(
            V.replace(b"\r\nFN:", b"\r\nX-A:").replace(b"\r\nN:", b"\r\nX-B:"),
            Format.VCARD,
            "name",
            id="a nameless vCard",
        ),
        pytest.param(V.replace(b"TEL;", b"TEL\x00;"), Format.VCARD, "control", id="a NUL"),
        pytest.param(
            V.replace(b"TEL;TYPE=CELL:", b"half a line "), Format.VCARD, "line 5", id="a line without a colon"
        ),
        pytest.param(V + b"<script>alert(1)</script>", Format.VCARD, "line 7", id="a web page behind the card"),
        pytest.param(V + b"x:y\r\n", Format.VCARD, "outside", id="a property behind the card"),
        pytest.param(V.replace(b"END:VCARD", b"END:VEVENT"), Format.VCARD, "END without", id="another END"),
        pytest.param(V.replace(b"VCARD", b"VNOTE"), Format.VCARD, "something else", id="another component"),
        pytest.param(b"BEGIN:X\r\n" * (MAX_DEPTH + 1), Format.VCARD, "inside one another", id="nested too deep"),
        pytest.param(V.replace(b"TEL", b"\r\n" * MAX_LINES + b"TEL"), Format.VCARD, "lines", id="too many lines"),
        pytest.param(b"", Format.VCARD, "something else", id="nothing"),
        pytest.param(C.replace(b"\r\n  friends", b"\r\nfriends here"), Format.ICAL, "line 9", id="a broken line fold"),
        pytest.param(C.replace(b"END:VCALENDAR\r\n", b""), Format.ICAL, "END is missing", id="a calendar without END"),
        pytest.param(C.replace(b"VERSION:2.0\r\n", b""), Format.ICAL, "VERSION", id="a calendar without VERSION"),
        pytest.param(C.replace(b"SUMMARY", b"X-S"), Format.ICAL, "SUMMARY", id="a calendar that says nothing"),
        pytest.param(V, Format.ICAL, "something else", id="a vCard for a calendar"),
        pytest.param(makers.pdf()[:-30], Format.PDF, "startxref", id="a PDF cut off"),
        pytest.param(makers.pdf()[5:], Format.PDF, "version", id="a PDF without its head"),
        pytest.param(makers.pdf().replace(b"xref\n0", b"none\n0"), Format.PDF, "cross-reference", id="no xref"),
        pytest.param(makers.pdf().replace(b"startxref\n", b"startxref\n9"), Format.PDF, "cross-ref", id="xref beyond"),
    ],
)
def test_refuses_what_is_damaged(data: bytes, found: Format, words: str) -> None:
    with pytest.raises(DamagedError, match=words):
        check_object(data, found)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"BEGIN:VCARD\r\n" + b"N;" * 500_000 + b":x\r\nEND:VCARD", id="parameters without end"),
        pytest.param(b"BEGIN:VCARD\r\n" + b";ENCODING=" * 100_000, id="encodings without end"),
        pytest.param(b"BEGIN:VCARD\r\n" + b" x\r\n" * (MAX_LINES - 5), id="one line folded without end"),
        pytest.param(b"BEGIN:VCARD\r\nN;QUOTED-PRINTABLE:=\r\n" + b"=\r\n" * (MAX_LINES - 5), id="soft breaks"),
        pytest.param(b"BEGIN:VCARD\r\n" + b"a." * 500_000, id="groups without end"),
        pytest.param(b"%PDF-1.4" + b"startxref " * 200_000, id="startxref without end"),
        pytest.param(b"%PDF-1.4startxref" + b" " * 2_000_000, id="blanks without end"),
    ],
)
def test_takes_linear_time(data: bytes) -> None:
    found = Format.PDF if data.startswith(b"%") else Format.VCARD
    started = time.process_time()
    with pytest.raises(DamagedError):
        check_object(data, found)
    assert time.process_time() - started < 0.5
