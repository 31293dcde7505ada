"""The drawn screen: its pictures are the ones that arrived, and nothing that arrives can break it."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat
from tests.simulator.builder import Submit, jpeg, multipart, named

from slidewire.simulator.contents import Content, open_content
from slidewire.simulator.drawing import BUBBLE, wrap
from slidewire.simulator.multipart import read_entity
from slidewire.simulator.screen import MOST_HEIGHT, WIDTH, Screen, Shown, draw_screen

if TYPE_CHECKING:
    from tests.simulator.conftest import Bench

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
UTF8 = "text/plain; charset=utf-8"


def content(*parts: bytes) -> Content:
    if not parts:
        return Content()
    entity = read_entity("multipart/mixed; boundary=b", multipart(list(parts), "b"))
    return open_content(entity, require_smil=False)


def draw(*parts: bytes, sender: str = "28444", subject: str = "Hello") -> tuple[Screen, Image.Image]:
    screen = draw_screen(Shown(sender, subject, NOON, content(*parts)))
    return screen, Image.open(io.BytesIO(screen.png)).convert("RGB")


def colourful(width: int, height: int) -> Image.Image:
    gradient = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (gradient, gradient.rotate(90).resize((width, height)), gradient.rotate(180)))


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def mean_error(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize(
    ("size", "form", "kind"),
    [
        pytest.param((1600, 1200), "JPEG", "image/jpeg", id="a wide JPEG"),
        pytest.param((1080, 1920), "JPEG", "image/jpeg", id="a tall JPEG"),
        pytest.param((900, 700), "PNG", "image/png", id="a PNG"),
        pytest.param((4000, 20), "PNG", "image/png", id="a ribbon"),
    ],
)
def test_pastes_the_pixels_that_arrived(size: tuple[int, int], form: str, kind: str) -> None:
    source = colourful(*size)
    screen, image = draw(named(kind, "a.bin", encoded(source, form)))
    (placed,) = screen.pictures
    left, top, right, bottom = placed.box
    assert placed.part == 0
    assert abs((right - left) / (bottom - top) - size[0] / size[1]) < 0.3 * size[0] / size[1]
    fitted = source.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
    assert mean_error(image.crop(placed.box), fitted) < 3
    assert mean_error(image.crop(placed.box), Image.new("RGB", fitted.size, "white")) > 20


def test_a_small_picture_stays_pixel_for_pixel() -> None:
    source = colourful(200, 150)
    screen, image = draw(named("image/png", "a.png", encoded(source, "PNG")))
    assert image.crop(screen.pictures[0].box).tobytes() == source.tobytes()


def test_pictures_are_told_in_the_order_of_the_slides() -> None:
    red, blue = (encoded(Image.new("RGB", (90, 60), colour), "PNG") for colour in ("red", "blue"))
    text = named(UTF8, "t.txt", b"between")
    screen, image = draw(named("image/png", "r.png", red), text, named("image/png", "b.png", blue))
    assert [placed.part for placed in screen.pictures] == [0, 2]
    assert screen.pictures[0].box[3] < screen.pictures[1].box[1]
    centres = [image.getpixel((placed.box[0] + 45, placed.box[1] + 30)) for placed in screen.pictures]
    assert centres == [(255, 0, 0), (0, 0, 255)]


def test_turns_a_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    screen, _ = draw(named("image/jpeg", "a.jpg", encoded(colourful(400, 200), "JPEG", exif=exif)))
    left, top, right, bottom = screen.pictures[0].box
    assert (right - left, bottom - top) == (200, 400)


def test_transparent_pixels_become_white() -> None:
    screen, image = draw(named("image/png", "a.png", encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")))
    assert image.crop(screen.pictures[0].box).getextrema() == ((255, 255),) * 3


def test_text_leaves_ink_inside_its_bubble() -> None:
    _, empty = draw(subject="")
    _, image = draw(named(UTF8, "t.txt", "Grüße, wie geht es?".encode()), subject="")
    box = ImageChops.difference(empty.crop((0, 170, WIDTH, 1280)), image.crop((0, 170, WIDTH, 1280))).getbbox()
    assert box
    assert box[2] <= 28 + BUBBLE + 4


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int) -> bytes:
    """A tiny file that is huge once decoded: one bit a pixel, all alike."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(bytes(min((width // 8 + 1) * height, 20_000_000))))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(named("image/png", "a.png", png_of(60_000, 60_000)), id="a bomb far over every limit"),
        pytest.param(named("image/png", "a.png", png_of(10_000, 10_000)), id="a bomb over the library's warning"),
        pytest.param(named("image/png", "a.png", png_of(5_000, 4_000)), id="more pixels than a phone has"),
        pytest.param(named("image/png", "a.png", png_of(0, 5)), id="a picture without width"),
        pytest.param(named("image/jpeg", "a.jpg", jpeg(600, 600)[:300]), id="a JPEG that ends early"),
        pytest.param(named("image/jpeg", "a.jpg", b"\xff\xd8\xff"), id="the beginning of a JPEG"),
        pytest.param(named("image/gif", "a.gif", b"GIF89a" + b"\xff" * 20), id="no GIF after its name"),
        pytest.param(named("image/png", "a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40), id="zeros as PNG"),
        pytest.param(named("image/vnd.wap.wbmp", "a.wbmp", b"\0\0\x01\x01\x80"), id="a WBMP"),
        pytest.param(named("audio/mpeg", "a.mp3", b"ID3"), id="a sound"),
        pytest.param(named("video/mp4", "a.mp4", b"mp4"), id="a film"),
        pytest.param(named("text/x-vcard", "a.vcf", b"BEGIN:VCARD"), id="a contact"),
    ],
)
def test_draws_a_card_for_what_it_cannot_show(part: bytes) -> None:
    screen, image = draw(part)
    assert screen.pictures == ()
    assert image.getpixel((28 + 30, 268)) != image.getpixel((WIDTH - 10, 268))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 200_000, id="a word without end"),
        pytest.param("\n" * 50_000, id="only line ends"),
        pytest.param("مرحبا \u202e שלום 你好 🌍👩‍👩‍👧‍👦", id="every direction"),
        pytest.param("Z̷̢̛͔" * 3_000, id="letters stacked on letters"),
        pytest.param("a\x1b[2J\x07\u200b\ufeff\ue000", id="controls"),
        pytest.param("", id="nothing"),
        pytest.param("  \t ", id="only white space"),
    ],
)
def test_draws_any_text(text: str) -> None:
    _, image = draw(named(UTF8, "t.txt", text.encode()), sender=text[:50], subject=text)
    assert image.width == WIDTH
    assert image.height <= MOST_HEIGHT + 100


def test_is_never_higher_than_its_bound() -> None:
    tall = encoded(colourful(300, 900), "PNG")
    parts = [named("image/png", f"{number}.png", tall) for number in range(30)]
    screen, image = draw(*parts)
    assert image.height <= MOST_HEIGHT + 100
    assert 5 < len(screen.pictures) < 30
    assert screen.pictures[-1].box[3] < image.height


def test_wraps_between_words_and_breaks_long_ones() -> None:
    assert wrap("one two", 30, 1000) == ["one two"]
    assert wrap("one\n\ntwo", 30, 1000) == ["one", "", "two"]
    lines = wrap("some words and a" + "w" * 60, 30, 300)
    assert " ".join(lines).replace(" ", "") == "somewordsanda" + "w" * 60
    assert len(lines) > 3


def red_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where the image is red, give or take nothing."""
    red, green, _ = image.split()
    box = ImageChops.subtract(red, green).point(lambda level: 255 if level > 200 else 0).getbbox()
    assert box
    return box


async def test_serves_the_screen_of_a_message(bench: Bench) -> None:
    await bench.submit(Submit(picture=encoded(Image.new("RGB", (300, 200), "red"), "JPEG")))
    async with bench.http.get(bench.simulator.http_url + "/api/messages/1/screen.png") as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
        image = Image.open(io.BytesIO(await answer.read())).convert("RGB")
    assert await bench.get("/api/messages/1/screen.json") == {"pictures": [{"part": 1, "box": list(red_box(image))}]}
    colours = image.getcolors(1 << 24) or []
    reds = sum(count for count, (red, green, blue) in colours if red > 240 and green < 15 and blue < 15)
    assert reds >= 300 * 200
