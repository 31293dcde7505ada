"""What a file is said to carry besides its pixels; hostile bytes say nothing and break nothing."""

import random

import pytest
from tests.content import makers

from slidewire.content.formats import Format
from slidewire.content.metadata import metadata

PHOTO = makers.photo(64, 48)
NAMES = {Format.JPEG: "JPEG", Format.PNG: "PNG", Format.WEBP: "WEBP"}


@pytest.mark.parametrize("found", list(NAMES))
@pytest.mark.parametrize("gps", [True, False], ids=["with a place", "without"])
def test_a_place_is_named_where_there_is_one(found: Format, gps: bool) -> None:
    data = makers.saved(PHOTO, NAMES[found], exif=makers.exif(gps=gps))
    assert metadata(data, found) == (("EXIF", "GPS") if gps else ("EXIF",))
    assert metadata(makers.saved(PHOTO, NAMES[found]), found) == ()


def test_hostile_bytes_break_nothing() -> None:
    dice = random.Random(7)
    files = {found: makers.saved(PHOTO, name, exif=makers.exif()) for found, name in NAMES.items()}
    for found in Format:
        source = files.get(found, b"\x00\x00\x00\x20ftypisom" + b"\x00\x00\x00\x10moov\x00\x00\x00\x08udta" * 3)
        for _ in range(60):
            data = bytearray(source[: dice.randrange(len(source) + 1)])
            for _ in range(4):
                if data:
                    data[dice.randrange(len(data))] = dice.randrange(256)
            assert set(metadata(bytes(data), found)) < {
                *("EXIF", "GPS", "XMP", "IPTC", "ID3", "comment", "colour profile", "text", "time", "tags"),
                "more",
            }
