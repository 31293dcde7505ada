"""Metadata leaves, pixels stay: no place, no camera, no comment, nothing behind the end."""

import struct
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from tests.content import makers
from tests.content.metadata import leftovers

from slidewire.content.formats import Format
from slidewire.content.shapes import CorruptError
from slidewire.content.strip import png_for_decoder, strip

PICTURE = makers.photo(120, 80)


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def dressed_jpeg() -> bytes:
    """A JPEG with everything in it that cameras, editors and jokers put there."""
    jpeg = makers.saved(PICTURE, exif=makers.exif(), comment=b"taken at home", icc_profile=b"x" * 70_000)
    extra = segment(0xED, b"Photoshop 3.0\x00who") + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x/>")
    extra += segment(0xE0, b"JFXX\x00\x10thumbnail") + segment(0xEB, b"") + segment(0xFE, makers.HTML)
    return jpeg[:2] + extra + jpeg[2:] + makers.HTML + makers.saved(PICTURE)


def dressed_gif() -> bytes:
    gif = makers.animated(makers.animation(3), comment=b"taken at home")
    first = gif.index(b"\x21\xf9")
    text = b"\x21\xf9\x04\x00\x00\x00\x00\x00\x21\x01\x0c" + bytes(12) + b"\x02hi\x00"
    application = b"\x21\xff\x0bXMP DataXMP\x03<x>\x00"
    return gif[:first] + application + text + b"\x21\xfe\x04note\x00" + gif[first:] + makers.HTML


def dressed_png() -> bytes:
    png = makers.saved(PICTURE, "PNG", exif=makers.exif(), dpi=(300, 300))
    extra = makers.chunk(b"tEXt", b"Author\x00me") + makers.chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00<x/>")
    return png[:33] + extra + png[33:] + makers.HTML


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(dressed_jpeg(), Format.JPEG, id="a JPEG"),
        pytest.param(dressed_gif(), Format.GIF, id="a GIF"),
        pytest.param(dressed_png(), Format.PNG, id="a PNG"),
        pytest.param(makers.saved(PICTURE.convert("L")), Format.JPEG, id="a grey JPEG"),
        pytest.param(makers.saved(PICTURE.quantize(16), "PNG", transparency=3), Format.PNG, id="a PNG with a palette"),
    ],
)
def test_nothing_is_left_but_the_same_pixels(data: bytes, found: Format) -> None:
    stripped = strip(data, found)
    assert stripped is not None
    assert leftovers(stripped) == []
    before, after = Image.open(BytesIO(data)), Image.open(BytesIO(stripped))
    for frame in range(getattr(before, "n_frames", 1) if found is Format.GIF else 1):
        before.seek(frame)
        after.seek(frame)
        assert before.mode == after.mode
        assert ImageChops.difference(before.convert("RGBA"), after.convert("RGBA")).getbbox(alpha_only=False) is None
        assert before.info.get("duration") == after.info.get("duration")
    assert before.info.get("loop") == after.info.get("loop")


def test_the_eye_of_these_tests_sees_metadata() -> None:
    assert len(leftovers(dressed_jpeg())) == 10
    assert leftovers(dressed_gif()) == [
        "extension fe b'taken at hom'",
        "extension ff b'XMP DataXMP'",
        f"extension 01 {bytes(12)!r}",
        "extension fe b'note'",
        "66 bytes behind the end",
    ]
    assert leftovers(dressed_png()) == [
        "chunk b'tEXt'",
        "chunk b'iTXt'",
        "chunk b'pHYs'",
        "chunk b'eXIf'",
        "66 bytes behind the end",
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(makers.saved(PICTURE.convert("CMYK")), id="colours that not every phone reads"),
        pytest.param(makers.saved(PICTURE, keep_rgb=True), id="RGB without conversion"),
        pytest.param(makers.saved(PICTURE)[:-2] + b"\xff\xdc\x00\x04\x00\x50\xff\xd9", id="a height told late"),
    ],
)
def test_odd_jpegs_must_be_encoded_anew(data: bytes) -> None:
    assert strip(data, Format.JPEG) is None


def test_deep_pngs_and_webps_must_be_encoded_anew() -> None:
    assert strip(makers.png(4, 4, depth=16), Format.PNG) is None
    assert strip(makers.saved(PICTURE, "WEBP"), Format.WEBP) is None


def test_the_decoder_sees_a_pngs_profile_and_orientation_and_nothing_else() -> None:
    png = dressed_png()
    seen = Image.open(BytesIO(png_for_decoder(png)))
    assert seen.getexif()[0x010F] == "SecretCamera"
    assert "Author" not in seen.info


def test_damage_is_told() -> None:
    with pytest.raises(CorruptError):
        strip(makers.saved(PICTURE)[:-1], Format.JPEG)
