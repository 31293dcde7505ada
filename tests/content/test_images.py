"""Every image that leaves is a baseline JPEG, a GIF or a PNG: upright, sRGB, clean, within its budget."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from tests.content import makers
from tests.content.metadata import jpeg_frames, leftovers

from slidewire.content import images
from slidewire.content.images import CannotFitError, CorruptError, Goal, OversizeError
from slidewire.content.jobs import Fitted, Inspected

PIXELS = 50_000_000
PHOTO = makers.photo(640, 480)
GIF_HEAD = b"GIF89a\x01\0\x01\0" + bytes(3)
GIF_FRAME = b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\x00"
WEBP_HEAD = b"RIFF\x40\x00\x00\x00WEBPVP8X\x0a" + bytes(7)
JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"


def opened(fitted: Fitted) -> Image.Image:
    """What left, decoded, after everything that must hold for it was looked at."""
    assert leftovers(fitted.data) == []
    if fitted.mime == JPEG:
        assert jpeg_frames(fitted.data) == [0xC0]
    image = Image.open(BytesIO(fitted.data))
    image.load()
    assert (image.get_format_mimetype(), *image.size) == (fitted.mime, fitted.width, fitted.height)
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures of one size, 0 to 255; what happens within four pixels does not count."""
    seen = (image.convert("RGB").reduce(4) for image in (one, other))
    return max(ImageStat.Stat(ImageChops.difference(*seen)).mean)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(96, 64), (480, 320)], ids=["as large as it is", "made smaller"])
def test_leaves_upright(orientation: int, size: tuple[int, int]) -> None:
    upright = makers.corners(*size)
    data = makers.saved(makers.stored_as(upright, orientation), quality=95, exif=makers.exif(orientation))
    assert images.inspect(data, JPEG, PIXELS) == Inspected(*size, 1, orientation)
    left = opened(images.fit(data, JPEG, Goal(100_000, 100, 100)))
    assert difference(left, upright.resize(left.size)) < 8


@pytest.mark.parametrize("mime", [PNG, WEBP])
def test_orientation_is_heeded_in_every_format(mime: str) -> None:
    upright = makers.corners()
    data = makers.saved(makers.stored_as(upright, 6), mime[6:].upper(), exif=makers.exif(6))
    assert images.inspect(data, mime, PIXELS) == Inspected(96, 64, 1, orientation=6)
    assert difference(opened(images.fit(data, mime, Goal(100_000, 2000, 2000))), upright) < 8


def test_a_jpeg_that_fits_keeps_its_exact_pixels_and_loses_its_metadata() -> None:
    data = makers.saved(PHOTO, exif=makers.exif(), comment=b"home", quality=83)
    fitted = images.fit(data, JPEG, Goal(len(data), 640, 480))
    assert (fitted.encodes, fitted.quality) == (0, 0)
    assert b"SecretCamera" in data
    assert opened(fitted).tobytes() == Image.open(BytesIO(data)).tobytes()


def test_a_progressive_jpeg_becomes_baseline_with_its_own_tables() -> None:
    data = makers.saved(PHOTO, quality=71, progressive=True, comment=b"home", exif=makers.exif())
    fitted = images.fit(data, JPEG, Goal(200_000, 640, 480))
    assert (fitted.encodes, fitted.quality) == (1, 71)
    left = opened(fitted)
    assert vars(left)["quantization"] == vars(Image.open(BytesIO(data)))["quantization"]
    assert difference(left, Image.open(BytesIO(data))) < 0.5


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(makers.saved(PHOTO.convert("CMYK")), JPEG, id="CMYK"),
        pytest.param(makers.saved(PHOTO, keep_rgb=True), JPEG, id="a JPEG in RGB"),
        pytest.param(makers.saved(PHOTO, subsampling=0, quality=100), JPEG, id="full chroma"),
        pytest.param(makers.saved(PHOTO, "PNG"), PNG, id="a PNG"),
        pytest.param(makers.saved(PHOTO, "WEBP", quality=95), WEBP, id="a WebP"),
        pytest.param(makers.saved(PHOTO, "WEBP", lossless=True), WEBP, id="a lossless WebP"),
        pytest.param(makers.saved(PHOTO.quantize(256), "PNG"), PNG, id="a PNG with a palette"),
        pytest.param(makers.saved(PHOTO, "GIF"), GIF, id="a still GIF"),
        pytest.param(makers.saved(PHOTO.convert("RGBA"), "PNG"), PNG, id="a PNG with alpha that hides nothing"),
    ],
)
def test_what_is_no_plain_jpeg_looks_the_same_as_one(data: bytes, mime: str) -> None:
    left = opened(images.fit(data, mime, Goal(60_000, 640, 480)))
    assert difference(left, PHOTO.resize(left.size)) < 12


@pytest.mark.parametrize(
    ("picture", "how"),
    [
        pytest.param(PHOTO.convert("L"), {}, id="grey"),
        pytest.param(PHOTO.convert("1"), {}, id="black and white"),
        pytest.param(PHOTO.convert("LA"), {}, id="grey with alpha"),
        pytest.param(PHOTO.convert("L").convert("I;16"), {}, id="16 bits that use the lowest 8"),
    ],
)
@pytest.mark.parametrize("budget", [10_000, 400_000])
def test_grey_pngs_of_every_kind(picture: Image.Image, how: dict[str, object], budget: int) -> None:
    data = makers.saved(picture, "PNG", **how)
    left = opened(images.fit(data, PNG, Goal(budget, 640, 480)))
    assert left.mode in ("L", "1")


def test_16_bits_are_scaled_and_not_cut_off() -> None:
    ramp = Image.frombytes("I;16", (256, 64), b"".join((x * 256).to_bytes(2, "little") for x in range(256)) * 64)
    left = opened(images.fit(makers.saved(ramp, "PNG"), PNG, Goal(50_000, 640, 480))).convert("L")
    assert [left.getpixel((x, 30)) for x in (0, 64, 128, 192, 255)] == pytest.approx([0, 64, 128, 192, 255], abs=3)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(makers.saved(Image.new("RGBA", (99, 99), (200, 0, 0, 0)), "PNG"), PNG, id="a clear PNG"),
        pytest.param(makers.saved(Image.new("LA", (99, 99), (0, 0)), "PNG"), PNG, id="a clear grey PNG"),
        pytest.param(makers.saved(Image.new("RGBA", (99, 99), (200, 0, 0, 0)), "WEBP"), WEBP, id="a clear WebP"),
        pytest.param(
            makers.saved(makers.corners(99, 99).quantize(8), "PNG", transparency=bytes(8)), PNG, id="a clear palette"
        ),
        pytest.param(
            makers.saved(Image.new("RGB", (99, 99), (1, 2, 3)), "PNG", transparency=(1, 2, 3)), PNG, id="a clear colour"
        ),
    ],
)
@pytest.mark.parametrize("box", [640, 50])
def test_what_is_transparent_becomes_white(data: bytes, mime: str, box: int) -> None:
    left = opened(images.fit(data, mime, Goal(50_000, box, box)))
    assert left.convert("RGB").getextrema() == ((255, 255),) * 3


def test_a_drawing_stays_a_png_where_that_is_smaller() -> None:
    data = makers.saved(makers.screenshot(600, 400), "PNG", exif=makers.exif())
    fitted = images.fit(data, PNG, Goal(200_000, 640, 480))
    assert fitted.mime == PNG
    assert opened(fitted).convert("RGB").tobytes() == makers.screenshot(600, 400).tobytes()


def test_a_photograph_does_not_stay_a_png() -> None:
    assert images.fit(makers.saved(PHOTO, "PNG"), PNG, Goal(2_000_000, 640, 480)).mime == JPEG


def wide_gamut() -> bytes:
    """A profile of another colour space: its red is purer than that of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"this is no profile", id="not a profile"),
        pytest.param(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()[:200], id="a profile cut off"),
        pytest.param(wide_gamut(), id="a profile for another mode"),
    ],
)
def test_a_broken_profile_means_srgb(profile: bytes) -> None:
    data = makers.saved(PHOTO, icc_profile=profile, quality=95)
    left = opened(images.fit(data, JPEG, Goal(60_000, 300, 300)))
    assert difference(left, PHOTO.resize(left.size)) < 12


def test_a_profile_is_applied() -> None:
    """A profile whose red and blue are exchanged shows that it was used."""
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(srgb[128:132], "big")
    tags = {bytes(srgb[at : at + 4]): at for at in range(132, 132 + count * 12, 12)}
    srgb[tags[b"rXYZ"] : tags[b"rXYZ"] + 4], srgb[tags[b"bXYZ"] : tags[b"bXYZ"] + 4] = b"bXYZ", b"rXYZ"
    swapped = bytes(srgb).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")).replace(b"sRGB", b"swap")
    data = makers.saved(Image.new("RGB", (64, 64), "red"), icc_profile=swapped, quality=95)
    left = opened(images.fit(data, JPEG, Goal(60_000, 64, 64)))
    assert difference(left, Image.new("RGB", (64, 64), "blue")) < 20


@pytest.mark.parametrize("budget", [3_000, 20_000, 60_000])
@pytest.mark.parametrize(("mime", "how"), [(JPEG, {"quality": 93}), (PNG, {}), (WEBP, {"quality": 90})])
def test_keeps_to_its_budget_and_uses_it(budget: int, mime: str, how: dict[str, object]) -> None:
    data = makers.saved(makers.photo(1200, 900), mime[6:].upper(), **how)
    fitted = images.fit(data, mime, Goal(budget, 2592, 1944))
    opened(fitted)
    assert 0.85 * budget <= len(fitted.data) <= budget


def test_says_when_nothing_fits() -> None:
    with pytest.raises(CannotFitError):
        images.fit(makers.saved(PHOTO), JPEG, Goal(400, 640, 480))


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5), (8, 8), (17, 33)])
@pytest.mark.parametrize("mime", [JPEG, PNG, GIF, WEBP])
def test_sizes_of_every_kind(size: tuple[int, int], mime: str) -> None:
    data = makers.saved(makers.photo(64, 64).resize(size), mime[6:].upper())
    assert images.inspect(data, mime, PIXELS) == Inspected(*size, 1)
    opened(images.fit(data, mime, Goal(9_000, 100, 100)))


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(makers.png(300, 300, body=bytes(50)), PNG, id="a PNG with too few pixels"),
        pytest.param(makers.png(8, 8, colour=5), PNG, id="a PNG of no colour type"),
        pytest.param(makers.png(8, 8, depth=3), PNG, id="a PNG of no depth"),
        pytest.param(b"RIFF\x40\x00\x00\x00WEBPVP8L\x20\x00\x00\x00\x2f" + bytes(80), WEBP, id="a WebP of zeros"),
        pytest.param(b"GIF89a\x05\0\x05\0\0\0\0,\0\0\0\0\x05\0\x05\0\0\x0d\x01\x00\x00;", GIF, id="a GIF of no code"),
    ],
)
def test_what_cannot_be_decoded_is_corrupt(data: bytes, mime: str) -> None:
    for attempt in (lambda: images.inspect(data, mime, PIXELS), lambda: images.fit(data, mime, Goal(9000, 2, 2))):
        with pytest.raises(CorruptError):
            attempt()


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(makers.resized_header(makers.saved(PHOTO), 60_000, 60_000), JPEG, id="a JPEG's header"),
        pytest.param(makers.png(60_000, 60_000), PNG, id="a PNG's header"),
        pytest.param(makers.png_bomb(6000), PNG, id="a whole PNG of 36 MP in 100 kB"),
        pytest.param(b"GIF89a\xff\xff\xff\xff" + bytes(3) + GIF_FRAME + b";", GIF, id="a GIF's screen"),
        pytest.param(WEBP_HEAD + b"\xff\x3f\x00" * 2 + bytes(60), WEBP, id="a WebP's canvas"),
        pytest.param(GIF_HEAD + GIF_FRAME * 1001 + b";", GIF, id="1001 frames"),
    ],
)
def test_bombs_are_told_by_their_headers(data: bytes, mime: str) -> None:
    for attempt in (lambda: images.inspect(data, mime, PIXELS), lambda: images.fit(data, mime, Goal(9000, 99, 99))):
        with pytest.raises(OversizeError):
            attempt()


@pytest.mark.parametrize("mime", [JPEG, PNG, GIF, WEBP])
def test_flipped_bytes_never_do_more_than_corrupt(mime: str) -> None:
    """Whatever a byte is turned to, the answer is a picture or a refusal."""
    data = makers.saved(makers.photo(80, 60), mime[6:].upper(), exif=makers.exif())
    for at in range(0, len(data), max(1, len(data) // 300)):
        broken = data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]
        try:
            images.inspect(broken, mime, PIXELS)
            opened(images.fit(broken, mime, Goal(9_000, 100, 100)))
        except (CorruptError, OversizeError):
            pass


def test_a_phones_second_picture_is_left_out() -> None:
    """Cameras put previews and depth maps behind the first picture (MPO)."""
    data = makers.saved(PHOTO, "MPO", save_all=True, append_images=[makers.corners(640, 480)])
    assert images.inspect(data, JPEG, PIXELS) == Inspected(640, 480, 1)
    assert difference(opened(images.fit(data, JPEG, Goal(len(data), 640, 480))), PHOTO) < 12


def test_an_animated_png_leaves_as_its_first_picture() -> None:
    frames = makers.animation(4)
    data = makers.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert images.inspect(data, PNG, PIXELS) == Inspected(96, 72, 1)
    assert difference(opened(images.fit(data, PNG, Goal(100_000, 640, 480))), frames[0]) < 6


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(makers.saved(makers.screenshot(600, 400), "PNG"), PNG, id="a drawing that would stay a PNG"),
        pytest.param(makers.saved(makers.screenshot(600, 400).quantize(16), "GIF"), GIF, id="a GIF of one frame"),
        pytest.param(makers.animated([makers.screenshot(600, 400), PHOTO.resize((600, 400))]), GIF, id="an animation"),
        pytest.param(
            makers.animated([makers.screenshot(600, 400), PHOTO.resize((600, 400))], "WEBP", lossless=True),
            WEBP,
            id="an animated WebP",
        ),
    ],
)
def test_what_a_network_does_not_take_becomes_a_jpeg(data: bytes, mime: str) -> None:
    goal = Goal(200_000, 640, 480, types=(JPEG,))
    assert images.fit(data, mime, Goal(200_000, 640, 480)).mime != JPEG, "else this row shows nothing"
    fitted = images.fit(data, mime, goal)
    assert fitted.mime == JPEG
    assert difference(opened(fitted), makers.screenshot(600, 400)) < 12, "the first picture"


def test_a_network_without_gif_keeps_its_pngs() -> None:
    drawing = makers.saved(makers.screenshot(600, 400), "PNG")
    assert images.fit(drawing, PNG, Goal(200_000, 640, 480, types=(JPEG, PNG))).mime == PNG
