"""The picture that the demo sends: a lighthouse at dusk, twelve megapixels, drawn anew on every run.

The same picture every time but for its grain: the seed is fixed. Gradients, edges, small lettering and grain
are what image fitting goes wrong on first.
"""

import io
import math
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 4032, 3024
#: Bytes that the finished file must lie between: far over any MMS, just under the published limit of a source.
LEAST_BYTES, MOST_BYTES = 2_000_000, 2_900_000
CAPTION = "Greetings from Slidewire"

_HORIZON = 1780
_SUN = (2750, 1530)
_LAMP = (1078, 905)
_SKY = ((0.0, "#0b1437"), (0.3, "#3b2a6b"), (0.55, "#a6416f"), (0.78, "#f0765a"), (1.0, "#ffd27a"))
_SEA = ((0.0, "#f2a067"), (0.12, "#9a4f74"), (0.45, "#3a2c66"), (1.0, "#0d1533"))
#: Far hills first: height over the horizon, roughness, colour.
_HILLS = ((170, 60, "#8d4472"), (120, 70, "#5b3068"), (85, 45, "#37245a"))
_QUALITIES = (86, 82, 77, 71, 64, 90, 94, 97)


def lighthouse() -> bytes:
    """The picture as JPEG, between LEAST_BYTES and MOST_BYTES long."""
    picture = _grained(draw())
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, subsampling="4:2:0")
        if LEAST_BYTES <= out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise AssertionError("no quality gives the picture its size: the drawing was changed")


def draw() -> Image.Image:
    """The scene, without its grain."""
    random = Random(7)  # noqa: S311  # it paints, it guards nothing
    canvas = Image.new("RGB", (WIDTH, HEIGHT))
    canvas.paste(_gradient(WIDTH, _HORIZON, _SKY), (0, 0))
    _stars(canvas, random)
    _glow(canvas, _SUN, 1500, "#ff9d5c")
    _disc(canvas, _SUN, 190, "#fff1c4")
    for height, roughness, colour in _HILLS:
        _hills(canvas, random, (height, roughness), colour)
    canvas.paste(_gradient(WIDTH, HEIGHT - _HORIZON, _SEA), (0, _HORIZON))
    _glow(canvas, (_SUN[0], _HORIZON + 40), 700, "#c8603e")
    _waves(canvas, random)
    _beam(canvas)
    _rock(canvas, random)
    _tower(canvas)
    _glow(canvas, _LAMP, 420, "#ffe9a8")
    _boat(canvas)
    _birds(canvas, random)
    _caption(canvas)
    return canvas


def _gradient(width: int, height: int, stops: tuple[tuple[float, str], ...]) -> Image.Image:
    """A vertical run through the colours of ``stops``."""
    column = Image.new("RGB", (1, height))
    for (start, upper), (end, lower) in pairwise(stops):
        top, bottom = round(start * height), round(end * height)
        mask = Image.linear_gradient("L").resize((1, bottom - top))
        piece = Image.composite(Image.new("RGB", mask.size, lower), Image.new("RGB", mask.size, upper), mask)
        column.paste(piece, (0, top))
    return column.resize((width, height))


def _glow(canvas: Image.Image, centre: tuple[int, int], radius: int, colour: str) -> None:
    """Light around a point, added to what is there."""
    box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
    falling = ImageChops.invert(Image.radial_gradient("L")).point(lambda v: max(0, v - 75) * 255 // 180)
    falling = falling.point(lambda v: v * v // 255).resize((2 * radius, 2 * radius), Image.Resampling.BICUBIC)
    light = Image.composite(Image.new("RGB", falling.size, colour), Image.new("RGB", falling.size), falling)
    canvas.paste(ImageChops.screen(canvas.crop(box), light), box[:2])


def _disc(canvas: Image.Image, centre: tuple[int, int], radius: int, colour: str) -> None:
    """A filled circle with smooth edges."""
    mask = Image.new("L", (8 * radius, 8 * radius))
    ImageDraw.Draw(mask).ellipse((4, 4, 8 * radius - 4, 8 * radius - 4), 255)
    canvas.paste(colour, (centre[0] - radius, centre[1] - radius), mask.resize((2 * radius, 2 * radius)))


def _stars(canvas: Image.Image, random: Random) -> None:
    draw = ImageDraw.Draw(canvas)
    for _ in range(420):
        x, y = random.randrange(WIDTH), round(random.random() ** 1.6 * _HORIZON * 0.62)
        size, shade = random.choice((1, 2, 2, 3, 5)), random.randrange(150, 255)
        draw.ellipse((x - size, y - size, x + size, y + size), (shade, shade, min(255, shade + 20)))


def _hills(canvas: Image.Image, random: Random, form: tuple[int, int], colour: str) -> None:
    """One range of hills on the horizon: waves over waves."""
    height, roughness = form
    shifts = [random.uniform(0, math.tau) for _ in range(5)]
    line = []
    for x in range(0, WIDTH + 12, 12):
        rise = sum(math.sin(x / WIDTH * math.tau * (n * 1.7 + 1.3) + shift) / (n + 1) for n, shift in enumerate(shifts))
        line.append((x, _HORIZON - height * 0.55 - rise * roughness))
    ImageDraw.Draw(canvas).polygon([(0, _HORIZON), *line, (WIDTH, _HORIZON)], colour)


def _waves(canvas: Image.Image, random: Random) -> None:
    """Glints on the water, denser under the sun and longer toward us."""
    layer = Image.new("RGB", (WIDTH, HEIGHT - _HORIZON))
    draw = ImageDraw.Draw(layer)
    for _ in range(5200):
        depth = random.random() ** 1.4
        y = depth * (HEIGHT - _HORIZON)
        under_sun = random.random() < 0.62
        x = random.gauss(_SUN[0], 110 + 620 * depth) if under_sun else random.uniform(0, WIDTH)
        length = 14 + 190 * depth * random.random()
        colour = (255, 196, 130) if under_sun else (96, 74, 132)
        fade = random.uniform(0.25, 0.95) * (1 - 0.45 * depth)
        shade = tuple(round(c * fade) for c in colour)
        draw.line((x - length, y, x + length, y + random.uniform(-2, 2)), shade, 1 + round(5 * depth))
    layer = layer.filter(ImageFilter.GaussianBlur(1.2))
    sea = canvas.crop((0, _HORIZON, WIDTH, HEIGHT))
    canvas.paste(ImageChops.screen(sea, layer), (0, _HORIZON))


def _beam(canvas: Image.Image) -> None:
    """The light that sweeps to both sides of the lamp."""
    mask = Image.new("L", (WIDTH // 4, HEIGHT // 4))
    draw, (x, y) = ImageDraw.Draw(mask), (_LAMP[0] // 4, _LAMP[1] // 4)
    draw.polygon([(x, y - 6), (WIDTH // 4, y - 190), (WIDTH // 4, y - 20), (x, y + 6)], 74)
    draw.polygon([(x, y - 6), (0, y - 70), (0, y + 30), (x, y + 6)], 74)
    soft = mask.filter(ImageFilter.GaussianBlur(7)).resize(canvas.size, Image.Resampling.BICUBIC)
    light = Image.composite(Image.new("RGB", canvas.size, "#fff0b8"), Image.new("RGB", canvas.size), soft)
    canvas.paste(ImageChops.screen(canvas, light))


def _rock(canvas: Image.Image, random: Random) -> None:
    """The island under the tower, lit from the right."""
    stone, shape = Image.new("RGB", canvas.size, "#150f26"), Image.new("L", canvas.size)
    draw = ImageDraw.Draw(stone)
    outline = [(150, 2260), (330, 2120), (560, 2020), (790, 1960), (980, 1935), (1180, 1935), (1390, 1985)]
    outline += [(1560, 2070), (1740, 2150), (1910, 2275), (1500, 2330), (900, 2345), (420, 2320)]
    ImageDraw.Draw(shape).polygon(outline, 255)
    for _ in range(260):
        x = random.uniform(260, 1830)
        top = 1950 + abs(x - 1080) * 0.42
        y = random.uniform(top + 14, max(top + 30, 2300))
        side = random.uniform(18, 74)
        shade = round(22 + 60 * max(0.0, (x - 700) / 1200) * random.random())
        facet = [(x, y), (x + side, y - side * 0.4), (x + side * 1.3, y + side * 0.3)]
        draw.polygon(facet, (shade + 26, shade, shade + 16))
    canvas.paste(stone, mask=shape)
    draw = ImageDraw.Draw(canvas)
    draw.line([(1180, 1938), (1390, 1988), (1560, 2073), (1740, 2153), (1905, 2272)], "#c0605a", 7)


def _tower(canvas: Image.Image) -> None:
    """White and red, drawn four times as large and shrunk for smooth edges."""
    left, top, width, height, scale = 860, 800, 440, 1160, 2
    tower = Image.new("RGBA", (width * scale, height * scale))
    draw = ImageDraw.Draw(tower)

    def box(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        return x0 * scale, y0 * scale, x1 * scale, y1 * scale

    bands = 7
    for band in range(bands):
        upper, lower = 190 + band * 970 / bands, 190 + (band + 1) * 970 / bands
        half_upper, half_lower = 88 + 62 * band / bands, 88 + 62 * (band + 1) / bands
        corners = ((-half_upper, upper), (half_upper, upper), (half_lower, lower), (-half_lower, lower))
        colour = "#b3202e" if band % 2 else "#f3e9e2"
        draw.polygon([((218 + x) * scale, y * scale) for x, y in corners], colour)
    shadow = Image.linear_gradient("L").rotate(90).resize(tower.size).point(lambda v: v * 170 // 255)
    dark = Image.composite(Image.new("RGBA", tower.size, "#1a1030"), tower, shadow)
    tower = Image.composite(dark, tower, tower.getchannel("A"))
    draw = ImageDraw.Draw(tower)
    for row in range(3):
        draw.rounded_rectangle(box(203, 300 + row * 270, 235, 360 + row * 270), 16 * scale, "#ffd98a")
    draw.rounded_rectangle(box(188, 1050, 250, 1160), 24 * scale, "#3a1420")
    draw.rectangle(box(104, 166, 332, 196), "#20172f")
    for post in range(11):
        draw.rectangle(box(108 + post * 22, 128, 113 + post * 22, 170), "#20172f")
    draw.rectangle(box(104, 124, 332, 132), "#20172f")
    draw.rectangle(box(158, 60, 278, 168), "#fff3c2")
    for pane in range(4):
        draw.rectangle(box(156 + pane * 39, 60, 161 + pane * 39, 168), "#20172f")
    draw.pieslice(box(142, -6, 294, 130), 180, 360, "#9c1b28")
    draw.ellipse(box(209, -2, 227, 16), "#20172f")
    small = tower.resize((width, height), Image.Resampling.LANCZOS)
    canvas.paste(small, (left, top), small)


def _boat(canvas: Image.Image) -> None:
    draw = ImageDraw.Draw(canvas)
    draw.polygon([(3130, 2060), (3470, 2060), (3420, 2120), (3190, 2120)], "#1c1430")
    draw.polygon([(3290, 1760), (3290, 2045), (3150, 2045)], "#f6e3cf")
    draw.polygon([(3306, 1790), (3306, 2045), (3430, 2045)], "#e9b99a")
    draw.line((3298, 1740, 3298, 2062), "#1c1430", 8)


def _birds(canvas: Image.Image, random: Random) -> None:
    draw = ImageDraw.Draw(canvas)
    for _ in range(9):
        x, y, span = random.uniform(1700, 2500), random.uniform(620, 1050), random.uniform(28, 62)
        draw.arc((x - 2 * span, y - span / 2, x, y + span), 200, 340, "#1b1230", 7)
        draw.arc((x, y - span / 2, x + 2 * span, y + span), 200, 340, "#1b1230", 7)


def _caption(canvas: Image.Image) -> None:
    draw, face = ImageDraw.Draw(canvas), ImageFont.load_default(210)
    small = ImageFont.load_default(78)
    draw.text((WIDTH // 2 + 6, 2706), CAPTION, "#0a0f26", face, anchor="mm")
    draw.text((WIDTH // 2, 2700), CAPTION, "#fff6e4", face, anchor="mm")
    line = f"{WIDTH} x {HEIGHT} pixels, made on your machine a moment ago"
    draw.text((WIDTH // 2, 2872), line, "#e8cfd0", small, anchor="mm")


def _grained(picture: Image.Image) -> Image.Image:
    """With the grain of a photograph: a clean drawing would be a far smaller file than a real one."""
    tile = Image.effect_noise((WIDTH // 2, HEIGHT // 2), 17).filter(ImageFilter.GaussianBlur(0.5))
    grain = tile.resize(picture.size, Image.Resampling.BICUBIC)
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), 1, -128)
