"""Bytes decide; the header only between kinds that the bytes leave open (settled 18)."""

import time

import pytest
from tests.content import makers

from slidewire.content.formats import SEND_FORMATS, Format, declared_type
from slidewire.content.sniff import sniff

PICTURE = makers.photo(32, 24)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(makers.saved(PICTURE), Format.JPEG, id="a JPEG"),
        pytest.param(makers.saved(PICTURE, "PNG"), Format.PNG, id="a PNG"),
        pytest.param(makers.saved(PICTURE, "GIF"), Format.GIF, id="a GIF"),
        pytest.param(makers.saved(PICTURE, "WEBP"), Format.WEBP, id="a WebP"),
        pytest.param(makers.BMP, Format.BMP, id="a BMP"),
        pytest.param(makers.saved(PICTURE, "TIFF"), Format.TIFF, id="a TIFF"),
        pytest.param(makers.SVG, Format.SVG, id="an SVG behind declaration and comment"),
        pytest.param(b"\xef\xbb\xbf  <svg/>", Format.SVG, id="an SVG behind BOM and blanks"),
        pytest.param(makers.HTML, Format.HTML, id="a web page"),
        pytest.param(b"\n\n<!-- hello --><html>", Format.HTML, id="a web page behind a comment"),
        pytest.param(b"<?xml version='1.0'?><rss/>", Format.XML, id="other XML"),
        pytest.param(makers.VCARD, Format.VCARD, id="a vCard"),
        pytest.param(makers.VCARD.lower(), Format.VCARD, id="a vCard in lower case"),
        pytest.param(b"\xef\xbb\xbf\r\n" + makers.ICAL, Format.ICAL, id="a calendar behind BOM and a line"),
        pytest.param(makers.pdf(), Format.PDF, id="a PDF"),
        pytest.param(b"PK\x03\x04" + bytes(26) + b"pass.json{}", Format.PKPASS, id="a pass"),
        pytest.param(b"PK\x03\x04" + bytes(26) + b"word/document.xml", None, id="another archive"),
        pytest.param(makers.mp3(), Format.MP3, id="an MP3 without a tag"),
        pytest.param(makers.mp3(tag=makers.id3()), Format.MP3, id="an MP3 with a tag"),
        pytest.param(makers.mp3(tag=makers.id3(70_000)), Format.MP3, id="an MP3 whose tag holds a picture"),
        pytest.param(makers.id3(), Format.MP3, id="a tag and no sound: probing will tell"),
        pytest.param(makers.mp3(frames=1), Format.MP3, id="an MP3 of one frame"),
        pytest.param(makers.mp3(frames=3)[:-100], Format.MP3, id="an MP3 cut off inside a frame"),
        pytest.param(b"\xff\xfb\x90\x00" + bytes(5000), None, id="one frame's header and nothing that follows"),
        pytest.param(b"\xff\xf1\x50\x80\x02\x1f\xfc" * 4, None, id="an AAC header of no length that follows"),
        pytest.param((b"\xff\xf1\x50\x80\x02\x00\xfc" + bytes(9)) * 4, Format.AAC, id="AAC frames"),
        pytest.param(makers.WAV, Format.WAV, id="a WAV"),
        pytest.param(b"#!AMR\n" + bytes(40), Format.AMR, id="AMR"),
        pytest.param(b"OggS" + bytes(60), Format.OGG, id="Ogg"),
        pytest.param(makers.mp4(), Format.MP4, id="an MP4"),
        pytest.param(makers.mp4(moov_first=False), Format.MP4, id="an MP4 with its index at the end"),
        pytest.param(makers.mp4(tracks=(b"soun",)), Format.M4A, id="an MP4 of sound alone"),
        pytest.param(makers.mp4(b"M4A "), Format.M4A, id="an M4A"),
        pytest.param(makers.mp4(b"3gp5"), Format.THREEGP, id="a 3GP"),
        pytest.param(makers.mp4(b"3gp5", tracks=(b"soun",)), Format.AUDIO_3GP, id="a 3GP of sound alone"),
        pytest.param(makers.mp4(b"3g2a"), Format.THREEG2, id="a 3G2"),
        pytest.param(makers.mp4(b"qt  "), Format.MOV, id="a QuickTime film"),
        pytest.param(makers.mp4(b"heic"), Format.HEIC, id="a HEIC picture"),
        pytest.param(makers.mp4(b"avif"), Format.AVIF, id="an AVIF picture"),
        pytest.param(makers.mp4(b"zzzz")[:20], None, id="a container of nobody"),
        pytest.param(b"\x00\x00\x01\xba" + bytes(60), Format.MPEG, id="an MPEG programme stream"),
        pytest.param(b"\x00\x00\x01\xb3" + bytes(60), Format.MPEG, id="an MPEG video stream"),
        pytest.param((b"\x47" + bytes(187)) * 3, Format.MPEG_TS, id="an MPEG transport stream"),
        pytest.param(b"\x1a\x45\xdf\xa3" + bytes(60), Format.WEBM, id="WebM"),
        pytest.param(b"RIFF\x00\x00\x00\x00AVI LIST", Format.AVI, id="AVI"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"\x00", None, id="one zero"),
        pytest.param(bytes(4000), None, id="zeros"),
        pytest.param(b"Hello, this is plain text.", None, id="plain text"),
        pytest.param(b"BEGIN:VCARDS\r\n", None, id="nearly a vCard"),
        pytest.param(b"x %PDF-1.4", None, id="a PDF's mark that does not stand first"),
    ],
)
def test_tells_formats_by_their_bytes(data: bytes, found: Format | None) -> None:
    assert sniff(data) is found


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        pytest.param("audio/mp4", Format.M4A, id="the header says audio"),
        pytest.param("video/mp4", Format.MP4, id="the header says video"),
        pytest.param("", Format.MP4, id="no header: a film until told otherwise"),
        pytest.param("image/jpeg", Format.MP4, id="the header lies"),
    ],
)
def test_the_header_decides_only_what_the_bytes_leave_open(declared: str, found: Format) -> None:
    assert sniff(makers.mp4(tracks=()), declared) is found


@pytest.mark.parametrize("declared", ["text/html", "application/pdf", "audio/mpeg", ""])
def test_a_header_never_overrules_the_bytes(declared: str) -> None:
    assert sniff(makers.saved(PICTURE), declared) is Format.JPEG


def test_a_picture_that_is_a_web_page_besides_is_a_picture() -> None:
    gif = makers.saved(PICTURE, "GIF")
    assert sniff(gif + makers.HTML) is Format.GIF
    assert sniff(b"GIF89a/*" + makers.HTML) is Format.GIF


def test_sendmms_takes_what_the_founding_page_lists() -> None:
    assert {found.type for found in SEND_FORMATS} == {
        "image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "video/mp4", "video/3gpp", "video/mpeg",
        "text/vcard", "text/calendar", "application/pdf",
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        pytest.param((b"\x00\x00\x00\x08free" * 200_000), id="boxes without end"),
        pytest.param(makers.box(b"ftyp", b"isom", bytes(8)) + b"\x00\x00\x00\x08trak" * 200_000, id="empty tracks"),
        pytest.param(makers.box(b"ftyp", b"isom" * 400_000), id="brands without end"),
        pytest.param(b"ID3\x03\x00\x00\x00\x00\x00\x00" * 200_000, id="tags without end"),
        pytest.param(b"<!--" * 400_000, id="comments without end"),
        pytest.param(b" " * 1_600_000, id="blanks without end"),
    ],
)
def test_looks_at_a_bounded_part_only(data: bytes) -> None:
    started = time.process_time()
    sniff(data)
    assert time.process_time() - started < 0.1


def test_a_box_of_no_length_ends_the_walk() -> None:
    assert sniff(makers.box(b"ftyp", b"isom", bytes(8)) + b"\x00\x00\x00\x03moov" + bytes(50)) is Format.MP4


def test_reads_the_type_out_of_a_header() -> None:
    assert declared_type(' Image/JPEG ; charset="x"') == "image/jpeg"
