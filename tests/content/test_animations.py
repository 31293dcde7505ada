"""Animations stay animated: a GIF of fewer colours, frames, pixels, in that order."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from tests.content import makers
from tests.content.metadata import leftovers

from slidewire.content import images
from slidewire.content.images import Goal
from slidewire.content.images.gif import Frame, write_gif
from slidewire.content.jobs import Fitted, Inspected

PIXELS = 50_000_000
FRAMES = makers.animation(20, 240, 180)
GIF = makers.animated(FRAMES)


TURNED = makers.corners().convert("RGBA")


def plain(colour: str | None) -> Image.Image:
    """A small picture of one colour; None: see-through."""
    return Image.new("RGB", (9, 9), colour) if colour else Image.new("RGBA", (9, 9))


def frames_of(image: Image.Image) -> int:
    return int(vars(type(image))["n_frames"].fget(image))


def played(fitted: Fitted) -> list[tuple[Image.Image, int]]:
    """The frames as a phone shows them, with their times."""
    assert leftovers(fitted.data) == []
    assert fitted.mime == "image/gif"
    image = Image.open(BytesIO(fitted.data))
    frames = []
    for number in range(frames_of(image)):
        image.seek(number)
        assert image.size == (fitted.width, fitted.height)
        frames.append((image.convert("RGBA"), int(image.info["duration"])))
    return frames


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def test_leaves_as_it_is_where_it_fits() -> None:
    assert images.inspect(GIF, "image/gif", PIXELS) == Inspected(240, 180, 20)
    fitted = images.fit(GIF, "image/gif", Goal(len(GIF), 240, 180))
    assert fitted.encodes == 0
    assert [millis for _, millis in played(fitted)] == [80] * 20


@pytest.mark.parametrize("share", [0.7, 0.35, 0.15, 0.06])
def test_fits_and_still_moves(share: float) -> None:
    budget = int(len(GIF) * share)
    fitted = images.fit(GIF, "image/gif", Goal(budget, 2592, 1944))
    frames = played(fitted)
    assert len(fitted.data) <= budget
    assert fitted.encodes <= 4
    assert len(frames) >= 2
    assert sum(millis for _, millis in frames) == pytest.approx(20 * 80, abs=20)
    assert difference(frames[0][0], FRAMES[0].resize(frames[0][0].size)) < 14
    assert difference(frames[0][0], frames[-1][0]) > 0.3


def test_colours_go_before_frames_and_frames_before_pixels() -> None:
    sizes = []
    for share in (0.5, 0.2, 0.1):
        fitted = images.fit(GIF, "image/gif", Goal(int(len(GIF) * share), 2592, 1944))
        sizes.append((fitted.width, len(Image.open(BytesIO(fitted.data)).getcolors(256) or ())))
    assert sizes[0][0] == 240
    assert sizes == sorted(sizes, reverse=True)


def test_is_made_to_fit_the_box() -> None:
    fitted = images.fit(GIF, "image/gif", Goal(10_000_000, 100, 100))
    assert (fitted.width, fitted.height) == (100, 75)
    assert len(played(fitted)) == 20


def test_an_animated_webp_becomes_a_gif() -> None:
    webp = makers.animated(FRAMES, "WEBP", quality=90)
    assert images.inspect(webp, "image/webp", PIXELS) == Inspected(240, 180, 20)
    frames = played(images.fit(webp, "image/webp", Goal(600_000, 2592, 1944)))
    assert len(frames) == 20
    for (shown, millis), meant in zip(frames, FRAMES, strict=True):
        assert millis == 80
        assert difference(shown, meant) < 12


def test_an_animation_of_one_frame_is_a_picture() -> None:
    webp = makers.animated(FRAMES[:1], "WEBP")
    assert images.inspect(webp, "image/webp", PIXELS) == Inspected(240, 180, 1)
    assert images.fit(webp, "image/webp", Goal(100_000, 2592, 1944)).mime == "image/jpeg"
    gif = makers.animated(FRAMES[:1])
    assert images.fit(gif, "image/gif", Goal(len(gif), 2592, 1944)).mime == "image/gif"
    assert images.fit(gif, "image/gif", Goal(len(gif) // 3, 2592, 1944)).mime == "image/jpeg"


def test_a_thousand_frames() -> None:
    gif = makers.animated(makers.animation(1000, 40, 30))
    assert images.inspect(gif, "image/gif", PIXELS).frames == 1000
    assert len(images.fit(gif, "image/gif", Goal(60_000, 2592, 1944)).data) <= 60_000


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([Frame(frame, 100) for frame in makers.animation(5)], id="what changes is drawn over what stays"),
        pytest.param([Frame(plain(colour), 70) for colour in ("red", "blue", "red")], id="one colour each"),
        pytest.param([Frame(TURNED.rotate(turn * 20), 50) for turn in range(4)], id="clear corners"),
        pytest.param([Frame(plain(None), 50), Frame(plain("red").convert("RGBA"), 50)], id="a clear frame"),
    ],
)
def test_what_is_written_is_what_is_shown(frames: list[Frame]) -> None:
    data = write_gif(frames, 255, loop=0)
    image = Image.open(BytesIO(data))
    assert frames_of(image) == len(frames)
    for number, frame in enumerate(frames):
        image.seek(number)
        shown = image.convert("RGBA")
        meant = frame.image.convert("RGBA")
        clear = meant.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0)
        assert ImageChops.difference(shown.getchannel("A"), ImageChops.invert(clear)).getbbox() is None
        for picture in (shown, meant):
            picture.paste((255, 255, 255, 255), mask=clear)
        assert difference(shown, meant) < 8
        assert image.info["duration"] == frame.millis


def test_a_frame_without_change_lengthens_the_one_before() -> None:
    still = makers.corners()
    image = Image.open(BytesIO(write_gif([Frame(still, 100)] * 3 + [Frame(still.rotate(90), 50)], 64, loop=3)))
    assert frames_of(image) == 2
    assert image.info["duration"] == 300
    assert image.info["loop"] == 3


def test_a_gif_that_is_played_once_stays_so() -> None:
    assert "loop" not in Image.open(BytesIO(write_gif([Frame(makers.corners(), 100)] * 2, 64, loop=None))).info


def test_the_colours_of_a_moving_dot_are_kept() -> None:
    """One palette for all frames: a colour that comes late is in it."""
    frames = [Image.new("RGB", (60, 60), "white") for _ in range(24)]
    ImageDraw.Draw(frames[-1]).rectangle((0, 0, 30, 60), fill="red")
    image = Image.open(BytesIO(write_gif([Frame(frame, 100) for frame in frames], 64, loop=0)))
    image.seek(frames_of(image) - 1)
    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
