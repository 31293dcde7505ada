"""An image's measures and its wholeness, from its headers alone (security 8)."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest
from tests.content import makers

from slidewire.content.formats import Format
from slidewire.content.shapes import (
    FULL_DECODE,
    MAX_FRAMES,
    MAX_SCANS,
    WEBP_DECODE,
    CorruptError,
    OversizeError,
    Shape,
    check_caps,
    measure,
)

PICTURE = makers.photo(120, 80)
FRAMES = makers.animation(4, 60, 40)
JPEG = makers.saved(PICTURE)
PIXELS = 50_000_000
BASELINE = Shape(120, 80, baseline=True, most=1 << 32)
FILES = {
    Format.JPEG: JPEG,
    Format.PNG: makers.saved(PICTURE, "PNG"),
    Format.GIF: makers.animated(FRAMES),
    Format.WEBP: makers.animated(FRAMES, "WEBP"),
}


@pytest.mark.parametrize(
    ("data", "found", "shape"),
    [
        pytest.param(JPEG, Format.JPEG, BASELINE, id="a baseline JPEG"),
        pytest.param(makers.saved(PICTURE.convert("L")), Format.JPEG, BASELINE, id="a grey JPEG"),
        pytest.param(
            makers.saved(PICTURE.convert("CMYK")), Format.JPEG, replace(BASELINE, baseline=False), id="a CMYK JPEG"
        ),
        pytest.param(makers.saved(PICTURE, progressive=True), Format.JPEG, Shape(120, 80), id="a progressive JPEG"),
        pytest.param(JPEG[:2] + b"\x00junk" + JPEG[2:], Format.JPEG, BASELINE, id="junk between segments"),
        pytest.param(JPEG[:2] + b"\xff\xff" + JPEG[2:], Format.JPEG, BASELINE, id="fill bytes"),
        pytest.param(JPEG + b"more", Format.JPEG, BASELINE, id="something behind the end"),
        pytest.param(FILES[Format.PNG], Format.PNG, Shape(120, 80), id="a PNG"),
        pytest.param(
            makers.saved(PICTURE.convert("RGBA"), "PNG"), Format.PNG, Shape(120, 80, alpha=True), id="a PNG with alpha"
        ),
        pytest.param(
            makers.saved(PICTURE.quantize(16), "PNG", transparency=3), Format.PNG, Shape(120, 80, alpha=True), id="tRNS"
        ),
        pytest.param(FILES[Format.GIF], Format.GIF, Shape(60, 40, 4), id="an animated GIF"),
        pytest.param(FILES[Format.WEBP], Format.WEBP, Shape(60, 40, 4, most=WEBP_DECODE), id="an animated WebP"),
        pytest.param(makers.saved(PICTURE, "WEBP"), Format.WEBP, Shape(120, 80, most=WEBP_DECODE), id="a lossy WebP"),
        pytest.param(
            makers.saved(PICTURE, "WEBP", lossless=True),
            Format.WEBP,
            Shape(120, 80, most=WEBP_DECODE),
            id="a lossless one",
        ),
    ],
)
def test_measures(data: bytes, found: Format, shape: Shape) -> None:
    assert measure(data, found) == shape


@pytest.mark.parametrize("found", FILES, ids=lambda found: found.type)
def test_no_beginning_of_a_file_is_a_whole_file(found: Format) -> None:
    """What is cut off is corrupt, wherever it was cut: also where decoders are content."""
    data = FILES[found]
    for cut in (*range(1, 40), *(len(data) * part // 200 for part in range(200))):
        whole = data[:-cut] if cut < 40 else data[:cut]
        with pytest.raises(CorruptError):
            measure(whole, found)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(b"", Format.JPEG, id="an empty JPEG"),
        pytest.param(b"\xff\xd8\xff\xd9", Format.JPEG, id="a JPEG of its ends"),
        pytest.param(JPEG[:-2].replace(b"\xff\xda", b"\xff\xfe", 1) + b"\xff\xd9", Format.JPEG, id="without pixels"),
        pytest.param(FILES[Format.PNG].replace(b"IDAT", b"IDAX", 1), Format.PNG, id="a PNG with a wrong checksum"),
        pytest.param(
            b"\x89PNG\r\n\x1a\n" + makers.chunk(b"IDAT", b"") + makers.chunk(b"IEND", b""), Format.PNG, id="no header"
        ),
        pytest.param(makers.png(5, 5)[:-12] + makers.chunk(b"IHDR", bytes(13)), Format.PNG, id="two headers"),
        pytest.param(b"GIF89a" + bytes(7) + b";", Format.GIF, id="a GIF without a frame"),
        pytest.param(b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x99;", Format.GIF, id="a GIF with an unknown block"),
        pytest.param(b"RIFF\x40\x00\x00\x00WEBPVP9 " + bytes(60), Format.WEBP, id="a WebP of another kind"),
    ],
)
def test_refuses_what_is_no_image(data: bytes, found: Format) -> None:
    with pytest.raises(CorruptError):
        measure(data, found)


def test_a_jpeg_of_endless_scans_costs_too_much() -> None:
    start = JPEG.index(b"\xff\xda")
    scan = JPEG[start:-2]
    assert measure(JPEG[:-2] + scan * (MAX_SCANS - 1) + b"\xff\xd9", Format.JPEG) == Shape(120, 80)
    with pytest.raises(OversizeError, match="scans"):
        measure(JPEG[:-2] + scan * MAX_SCANS + b"\xff\xd9", Format.JPEG)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        pytest.param(
            Shape(8001, 8000, baseline=True, most=1 << 32), "64 008 000 pixels, at most 50 000 000", id="64 MP"
        ),
        pytest.param(Shape(6000, 5000), "30 000 000 pixels, at most 25 000 000 for this", id="30 MP, not baseline"),
        pytest.param(Shape(4000, 3200, most=WEBP_DECODE), "12 800 000 pixels, at most 12 500 000", id="a large WebP"),
        pytest.param(Shape(500, 501, 100), "25 050 000 pixels in 100 frames, at most 25 000 000", id="many frames"),
        pytest.param(Shape(1, 1, MAX_FRAMES + 1), "more than 1 000 frames", id="too many frames"),
    ],
)
def test_refuses_what_takes_too_much(shape: Shape, words: str) -> None:
    with pytest.raises(OversizeError, match=words):
        check_caps(shape, PIXELS)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(Shape(10_000, 5000, baseline=True, most=1 << 32), id="a baseline JPEG of 50 MP"),
        pytest.param(Shape(5000, 5000), id="25 MP"),
        pytest.param(Shape(500, 500, 100), id="100 frames"),
        pytest.param(Shape(150, 150, MAX_FRAMES), id="1000 small frames"),
    ],
)
def test_takes_what_can_be_decoded(shape: Shape) -> None:
    assert FULL_DECODE == 25_000_000
    check_caps(shape, PIXELS)


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0)])
def test_an_image_without_pixels_is_corrupt(width: int, height: int) -> None:
    with pytest.raises(CorruptError, match="without pixels"):
        check_caps(measure(makers.png(width, height), Format.PNG), PIXELS)


def test_a_gifs_frames_may_be_larger_than_its_screen_says() -> None:
    gif = bytearray(makers.saved(makers.corners(), "GIF"))
    gif[6:10] = b"\x01\x00\x01\x00"
    assert measure(bytes(gif), Format.GIF) == Shape(96, 64)


def test_zeros_between_a_gifs_blocks_are_skipped() -> None:
    gif = makers.saved(makers.corners(), "GIF")
    assert measure(gif[:-1] + b"\x00\x00;", Format.GIF) == Shape(96, 64)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(b"\xff\xd8" + b"\xff\xd0" * 1_000_000, Format.JPEG, id="restart marks without end"),
        pytest.param(b"\xff\xd8" + b"\xff" * 3_000_000, Format.JPEG, id="fill bytes without end"),
        pytest.param(b"GIF89a\x01\x00\x01\x00\x00\x00\x00" + bytes(1_000_000), Format.GIF, id="padding without end"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + makers.chunk(b"teXt", b"") * 80_000, Format.PNG, id="chunks without end"),
        pytest.param(b"RIFF\xff\xff\x0f\x00WEBPVP8X" + bytes(1_100_000), Format.WEBP, id="empty chunks"),
    ],
)
def test_reads_in_linear_time(data: bytes, found: Format) -> None:
    started = time.process_time()
    with suppress(CorruptError, OversizeError):
        measure(data, found)
    assert time.process_time() - started < 2
