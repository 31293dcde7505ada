"""Sound, film, vCards, calendars and PDFs: whole ones, ones damaged in every section, ones behind a wrong element.

Whether sound and film can be played is found out after Success (settled 19): here only what the request answers.
"""

import gzip
from functools import partial

from tests.content import makers
from tests.content.odd_makers import flipped
from tests.story.corpus.case import SUCCESS, Case, refused

VCARD, ICAL, PDF = makers.VCARD, makers.ICAL, makers.pdf()
CARD21 = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;=\r\nJane\r\n"
    b"PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQ\r\n SkZJRgABAQ==\r\n\r\nEND:VCARD\r\n"
)
CARD4 = VCARD.replace(b"3.0", b"4.0").replace(b"Jane Doe", "Jäne 😀 Doe".encode())
VCAL = b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
TODO = ICAL.replace(b"VEVENT", b"VTODO")
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
JPEG = makers.saved(makers.photo(40, 30))
OLD_SOUND = b"\xff\xf3\x48\xc0" + bytes(140)  # MPEG 2, 32 kbit/s at 16 kHz: 144 bytes each frame


def good(name: str, data: bytes, element: str, **more: object) -> Case:
    """An object that is taken and reaches the phone byte for byte."""
    types = {"VCARD": "text/vcard text/x-vcard", "ICAL": "text/calendar", "PDF": "application/pdf"}
    return Case(name, lambda: data, SUCCESS, element, leaves=types.get(element, ""), **more)  # type: ignore[arg-type]


def bad(name: str, data: bytes, element: str, answer: str = "E629", **more: object) -> Case:
    return refused(name, lambda: data, answer, element, **more)


CARDS = [
    good("vCard 3.0", VCARD, "VCARD", header="text/vcard"),
    good("vCard 2.1 with a picture", CARD21, "VCARD", header="text/x-vcard"),
    good("vCard 4.0 in Unicode", CARD4, "VCARD"),
    good("vCard of two people", VCARD + CARD4, "VCARD"),
    good("vCard with a BOM", b"\xef\xbb\xbf" + VCARD, "VCARD"),
    good("vCard in lower case", VCARD.replace(b"BEGIN", b"begin"), "VCARD"),
    good("vCard with lines of line feeds", VCARD.replace(b"\r\n", b"\n"), "VCARD"),
    good("vCard served as a picture", VCARD, "VCARD", header="image/jpeg", path=".jpg"),
    bad("vCard without END", VCARD.replace(b"END:VCARD\r\n", b""), "VCARD"),
    bad("vCard without BEGIN", VCARD.replace(b"BEGIN:VCARD\r\n", b""), "VCARD"),
    bad("vCard without VERSION", VCARD.replace(b"VERSION:3.0\r\n", b""), "VCARD"),
    bad("vCard of an unknown version", VCARD.replace(b"3.0", b"5.0"), "VCARD"),
    bad("vCard without a name", b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:1\r\nEND:VCARD\r\n", "VCARD"),
    bad("vCard with a broken line fold", VCARD.replace(b"TEL;TYPE=CELL:", b"half a line "), "VCARD"),
    bad("vCard with a NUL", VCARD.replace(b"Jane", b"Ja\x00ne"), "VCARD"),
    bad("vCard with a web page behind it", VCARD + makers.HTML, "VCARD"),
    bad("vCard that ends another", VCARD.replace(b"END:VCARD", b"END:VEVENT"), "VCARD"),
    bad("vCard of 60,000 lines", VCARD.replace(b"TEL", b"NOTE:x\r\n" * 60_000 + b"TEL"), "VCARD"),
    bad("vCard nested 100 times", b"BEGIN:VCARD\r\n" * 100 + b"END:VCARD\r\n" * 100, "VCARD"),
    bad("vCard of parameters without end", b"BEGIN:VCARD\r\nN;" + b"A=1;" * 400_000, "VCARD"),
    bad("vCard over its bytes", VCARD + b" " * 2_048_000, "VCARD", "E335"),
    bad("vCard of zero bytes", b"", "VCARD", "E355"),
]
CALENDARS = [
    good("iCalendar", ICAL, "ICAL", header="text/calendar"),
    good("vCalendar 1.0", VCAL, "ICAL", header="text/x-vcalendar"),
    good("iCalendar with a task", TODO, "ICAL"),
    bad("calendar with a broken line fold", ICAL.replace(b"\r\n  friends", b"\r\nfriends here"), "ICAL"),
    bad("calendar without END", ICAL.replace(b"END:VCALENDAR\r\n", b""), "ICAL"),
    bad("calendar whose event does not end", ICAL.replace(b"END:VEVENT\r\n", b""), "ICAL"),
    bad("calendar without BEGIN", ICAL.replace(b"BEGIN:VCALENDAR\r\n", b""), "ICAL"),
    bad("calendar without VERSION", ICAL.replace(b"VERSION:2.0\r\n", b""), "ICAL"),
    bad("calendar without SUMMARY", ICAL.replace(b"SUMMARY", b"X-SUM"), "ICAL"),
    bad("calendar without an event", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "ICAL"),
    bad("calendar in gzip", gzip.compress(ICAL), "ICAL"),
    bad("calendar over its bytes", ICAL + b" " * 2_048_000, "ICAL", "E336"),
    bad("calendar of zero bytes", b"", "ICAL", "E356"),
]
PDFS = [
    good("PDF", PDF, "PDF", header="application/pdf"),
    good("PDF of a picture", makers.saved(makers.photo(90, 60), "PDF"), "PDF"),
    good("PDF padded behind its end", PDF + b"\r\n\r\n", "PDF"),
    bad("PDF without xref", PDF.replace(b"xref\n0", b"none\n0"), "PDF"),
    bad("PDF without startxref", PDF.replace(b"startxref", b"startnone"), "PDF"),
    bad("PDF whose startxref is beyond it", PDF.replace(b"startxref\n", b"startxref\n9"), "PDF"),
    bad("PDF without its end mark", PDF.replace(b"%%EOF", b"%%END"), "PDF"),
    bad("PDF without its version", PDF.replace(b"%PDF-1.4", b"%PDF-xxx"), "PDF"),
    bad("PDF without its head", PDF[9:], "PDF"),
    bad("PDF without a page", makers.pdf_of(CATALOG, b"<< /Type /Pages /Kids [] /Count 0 >>"), "PDF"),
    bad("PDF whose page is missing", makers.pdf_of(CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"), "PDF"),
    bad("PDF whose pages go in a circle", makers.pdf_of(CATALOG, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), "PDF"),
    bad("PDF without a catalogue", makers.pdf_of(b"<< >>"), "PDF"),
    bad("PDF of marks alone", b"%PDF-1.4\nxref\n0 0\ntrailer\n<< >>\nstartxref\n9\n%%EOF", "PDF"),
    bad("PDF with 100,000 brackets", makers.pdf_of(CATALOG[:-2] + b"/X " + b"[" * 100_000 + b" >>"), "PDF"),
    bad("PDF over its bytes", PDF + bytes(2_048_000), "PDF", "E337"),
    bad("PDF of zero bytes", b"", "PDF", "E357"),
    *(bad(f"PDF cut to {n} tenths", PDF[: len(PDF) * n // 10], "PDF") for n in (1, 3, 5, 7, 9)),
]
SOUNDS = [
    good("MP3", makers.mp3(), "AUDIO", header="audio/mpeg"),
    good("MP3 behind a tag", makers.mp3(tag=makers.id3()), "AUDIO"),
    good("MP3 of MPEG 2", OLD_SOUND * 9, "AUDIO"),
    good("MP3 cut off inside a frame", makers.mp3()[:1000], "AUDIO"),
    good("MP3 that is a tag alone", makers.id3(), "AUDIO"),
    bad("MP3 cut to 2 bytes", makers.mp3()[:2], "AUDIO"),
    bad("MP3 with its first mark turned over", flipped(makers.mp3(), 0), "AUDIO"),
    bad("MP3 over its bytes", makers.mp3(24_000), "AUDIO", "E332"),
    bad("MP3 of zero bytes", b"", "AUDIO", "E352"),
    bad("WAV", makers.WAV, "AUDIO", header="audio/wav"),
    bad("AMR", b"#!AMR\n" + bytes(100), "AUDIO"),
    bad("Ogg", b"OggS" + bytes(200), "AUDIO"),
    bad("AAC", (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 9, "AUDIO"),
    bad("M4A", makers.mp4(b"M4A ", (b"soun",)), "AUDIO"),
    bad("FLAC", b"fLaC" + bytes(100), "AUDIO"),
    bad("MIDI", b"MThd\x00\x00\x00\x06" + bytes(100), "AUDIO"),
]
FILMS = [
    good("MP4", makers.mp4(), "VIDEO", header="video/mp4"),
    good("MP4 with its index last", makers.mp4(moov_first=False), "VIDEO"),
    good("3GP", makers.mp4(b"3gp5"), "VIDEO", header="video/3gpp"),
    good("MPEG", b"\x00\x00\x01\xba" + bytes(2000), "VIDEO", header="video/mpeg"),
    good("MP4 without moov", makers.box(b"ftyp", b"isom", bytes(4)) + makers.box(b"mdat", bytes(99)), "VIDEO"),
    good("MP4 cut to its half", makers.mp4()[: len(makers.mp4()) // 2], "VIDEO"),
    bad("MP4 cut to 7 bytes", makers.mp4()[:7], "VIDEO"),
    bad("MP4 of an unknown brand", makers.mp4(b"zzzz").replace(b"mp41", b"zzzz"), "VIDEO"),
    bad("MP4 over its bytes", makers.mp4() + makers.box(b"free", bytes(50_000_000)), "VIDEO", "E333"),
    bad("MP4 of zero bytes", b"", "VIDEO", "E353"),
    bad("MOV", makers.mp4(b"qt  "), "VIDEO"),
    bad("AVI", b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(100), "VIDEO"),
    bad("WMV", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(100), "VIDEO"),
    bad("WebM", b"\x1a\x45\xdf\xa3" + bytes(100), "VIDEO"),
    bad("Flash", b"FLV\x01\x05" + bytes(100), "VIDEO"),
    bad(
        "a playlist called .mp4",
        b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nfile:///etc/passwd\n",
        "VIDEO",
        path=".mp4",
        header="video/mp4",
    ),
]
FILES = {"IMAGE": JPEG, "AUDIO": makers.mp3(), "VIDEO": makers.mp4(), "VCARD": VCARD, "ICAL": ICAL, "PDF": PDF}
MISPLACED = [
    bad(f"{own} behind {element}", data, element, "E229")
    for own, data in FILES.items()
    for element in FILES
    if own != element
]
MISPLACED += [
    bad("SVG behind VCARD", makers.SVG, "VCARD"),
    bad("WAV behind IMAGE", makers.WAV, "IMAGE"),
    bad("a JPEG that is a PDF too, behind PDF", JPEG + PDF, "PDF", "E229"),
    Case("a JPEG that is a PDF too, behind IMAGE", partial(bytes, JPEG + PDF), leaves="image/jpeg", size=(40, 30)),
]
OTHERS: list[Case] = [*CARDS, *CALENDARS, *PDFS, *SOUNDS, *FILMS, *MISPLACED]
