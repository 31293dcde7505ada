"""What is missing before a proper end is found, and nothing is missed in a whole file (settled 18)."""

import pytest
from PIL import Image
from tests.content import makers, odd_makers
from tests.content.makers import chunk
from tests.content.odd_makers import png_of

from slidewire.content import images
from slidewire.content.images import CorruptError

PHOTO = makers.photo(120, 80)
PIXELS = 50_000_000
HOWS: list[dict[str, object]] = [
    {},
    {"progressive": True},
    {"restart_marker_blocks": 1},
    {"restart_marker_rows": 1, "progressive": True},
    {"subsampling": 0},
    {"optimize": True},
    {"quality": 1},
    {"quality": 100},
]


def short(jpeg: bytes, kept: int) -> bytes:
    """A JPEG with ``kept`` bytes of its last scan, and its end mark."""
    return jpeg[: jpeg.rindex(b"\xff\xda") + kept] + b"\xff\xd9"


@pytest.mark.parametrize("how", HOWS, ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_no_whole_jpeg_is_taken_for_a_short_one(how: dict[str, object], mode: str) -> None:
    for seed in range(12):
        picture = makers.photo(seed * 7 % 90 + 1, seed * 13 % 90 + 1, seed).convert(mode)
        seen = images.inspect(makers.saved(picture, **how), "image/jpeg", PIXELS)
        assert (seen.width, seen.height) == picture.size


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_no_whole_png_is_taken_for_a_short_one(mode: str) -> None:
    for seed in range(12):
        picture = makers.photo(seed * 7 % 90 + 1, seed * 13 % 90 + 1, seed)
        data = makers.saved(picture.convert(mode), "PNG")
        assert images.inspect(data, "image/png", PIXELS).width == picture.width
        assert images.inspect(odd_makers.adam7_png(picture), "image/png", PIXELS).height == picture.height


@pytest.mark.parametrize("how", [{}, {"restart_marker_rows": 2}, {"quality": 100}], ids=str)
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.98])
def test_a_jpeg_that_lacks_pixels_before_its_end_mark_is_corrupt(how: dict[str, object], share: float) -> None:
    data = makers.saved(PHOTO, **how)
    scan = len(data) - data.rindex(b"\xff\xda") - 2
    with pytest.raises(CorruptError, match="lacks"):
        images.inspect(short(data, max(14, int(scan * share))), "image/jpeg", PIXELS)


def test_a_jpeg_whose_header_promises_more_than_it_has_is_corrupt() -> None:
    with pytest.raises(CorruptError, match="lacks"):
        images.inspect(makers.resized_header(makers.saved(PHOTO), 7000, 7000), "image/jpeg", PIXELS)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png_of((8, 8, 8, 2), bytes(25) * 7), id="a row too few"),
        pytest.param(png_of((8, 8, 8, 2), bytes(25) * 8, interlaced=True), id="passes too few"),
        pytest.param(png_of((8, 8, 8, 2), (b"\x07" + bytes(24)) * 8), id="a filter that there is not"),
        pytest.param(png_of((8, 8, 8, 3), bytes(9) * 8), id="no palette"),
        pytest.param(png_of((8, 8, 8, 3), bytes(9) * 8, extra=chunk(b"PLTE", bytes(4))), id="a third of a colour"),
    ],
)
def test_a_png_that_lacks_something_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptError):
        images.inspect(data, "image/png", PIXELS)


def test_damage_is_told_though_an_orientation_stands_behind_the_pixels() -> None:
    """The decoder looks for it there, and would decode on the way: what it finds wrong must not be lost."""
    whole = makers.saved(PHOTO, "PNG")
    turned = chunk(b"eXIf", makers.exif(6)[6:])
    seen = images.inspect(whole[:-12] + turned + whole[-12:], "image/png", PIXELS)
    assert (seen.width, seen.height) == (80, 120)
    with pytest.raises(CorruptError):
        images.inspect(whole[:33] + chunk(b"IDAT", b"no deflate") + turned + whole[-12:], "image/png", PIXELS)


@pytest.mark.parametrize(
    "packed", [b"", b"x", b"x\x00", b"x\x00\x00", b"x\x00\x01abc", b"\x00\x00abc", b"x\x00\x00abc"]
)
def test_a_broken_profile_means_srgb(packed: bytes) -> None:
    whole = makers.saved(Image.new("RGB", (9, 9), "red"), "PNG")
    assert images.inspect(whole[:33] + chunk(b"iCCP", packed) + whole[33:], "image/png", PIXELS).width == 9
