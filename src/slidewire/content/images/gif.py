"""Writing animated GIFs: one palette for all frames, only what changed in each, the pixels packed by Pillow.

Our own container, because the library's writer picks palettes and optimises frame by frame as it likes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageChops

from slidewire.content.shapes import IMAGE_BLOCK, gif_blocks

#: Frames that a palette is learnt from at least, and how large they are made for it: more where they are smaller.
_SAMPLES: Final = 48
_SAMPLE_SIDE: Final = 96
_KEEP, _CLEAR = 1, 2  # what becomes of a frame before the next one: GIF's disposal


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of an animation."""

    image: Image.Image  #: RGB, or RGBA where something is transparent
    millis: int  #: how long it is shown


def write_gif(frames: list[Frame], colours: int, loop: int | None) -> bytes:
    """The GIF of ``frames`` (all of one size) in at most ``colours`` colours; ``loop`` None: played once."""
    width, height = frames[0].image.size
    palette = _palette([frame.image for frame in frames], colours)
    table = bytes(palette.getpalette() or ())
    clear = len(table) // 3  # the entry behind the colours: transparent
    bits = max(clear.bit_length(), 1)
    table = table.ljust(3 << bits, b"\x00")
    out = [b"GIF89a", _short(width), _short(height), bytes((0xF0 | bits - 1, 0, 0)), table]
    if loop is not None:
        out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + _short(loop) + b"\x00")
    see_through = any(frame.image.mode == "RGBA" for frame in frames)
    indexed = ((_index(frame.image, palette, clear), frame.millis) for frame in frames)
    for part in _whole(indexed) if see_through else _changes(indexed, clear):
        out += _block(part, clear, _CLEAR if see_through else _KEEP)
    return b"".join((*out, b"\x3b"))


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a frame is written: its indexes, where they stand, how long it is shown."""

    indexes: Image.Image
    left: int
    top: int
    millis: int


def _palette(images: list[Image.Image], colours: int) -> Image.Image:
    """One palette for all, learnt from a sheet of samples; one entry stays free for transparency."""
    sampled = min(images[0].width, _SAMPLE_SIDE) * min(images[0].height, _SAMPLE_SIDE)
    last, count = len(images) - 1, min(len(images), _SAMPLES * _SAMPLE_SIDE**2 // sampled)
    samples = [images[last * number // max(count - 1, 1)].convert("RGB") for number in range(count)]
    for sample in samples:
        sample.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE), Image.Resampling.NEAREST)
    sheet = Image.new("RGB", (samples[0].width, sum(sample.height for sample in samples)))
    for number, sample in enumerate(samples):
        sheet.paste(sample, (0, number * sample.height))
    return sheet.quantize(min(colours, 255), Image.Quantize.MEDIANCUT)


def _index(image: Image.Image, palette: Image.Image, clear: int) -> Image.Image:
    """The picture as palette indexes in a grey image; ``clear`` where it is more transparent than not."""
    looked_up = image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    indexes = Image.frombytes("L", looked_up.size, looked_up.tobytes())
    if image.mode == "RGBA":
        indexes.paste(clear, mask=image.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0))
    return indexes


def _whole(indexed: Iterable[tuple[Image.Image, int]]) -> Iterator[_Part]:
    """Every frame whole: what is transparent must not show the one before."""
    for indexes, millis in indexed:
        yield _Part(indexes, 0, 0, millis)


def _changes(indexed: Iterable[tuple[Image.Image, int]], clear: int) -> Iterator[_Part]:
    """Of each frame what differs from the one before; a frame without change lengthens that one."""
    shown: Image.Image | None = None
    waiting: _Part | None = None
    for indexes, millis in indexed:
        part: _Part | None = _Part(indexes, 0, 0, millis)
        if shown is not None:
            part = _difference(shown, indexes, clear, millis)
        if part is None and waiting is not None:
            waiting = _Part(waiting.indexes, waiting.left, waiting.top, waiting.millis + millis)
            continue
        if waiting is not None:
            yield waiting
        shown, waiting = indexes, part
    if waiting is not None:
        yield waiting


def _difference(shown: Image.Image, indexes: Image.Image, clear: int, millis: int) -> _Part | None:
    """The rectangle that changed, what did not change in it transparent; None: nothing did."""
    changed = ImageChops.difference(shown, indexes).point(lambda level: 255 if level else 0)
    box = changed.getbbox()
    if box is None:
        return None
    part = Image.new("L", (box[2] - box[0], box[3] - box[1]), clear)
    part.paste(indexes.crop(box), mask=changed.crop(box))
    return _Part(part, box[0], box[1], millis)


def _block(part: _Part, clear: int, disposal: int) -> tuple[bytes, ...]:
    """One frame's control extension, descriptor and packed pixels."""
    hundredths = max(2, min(round(part.millis / 10), 0xFFFF))  # players slow down what is faster
    control = b"\x21\xf9\x04" + bytes((disposal << 2 | 1,)) + _short(hundredths) + bytes((clear, 0))
    place = _short(part.left) + _short(part.top) + _short(part.indexes.width) + _short(part.indexes.height)
    return control, b"\x2c" + place + b"\x00", _packed(part.indexes)


def _packed(indexes: Image.Image) -> bytes:
    """The pixels as GIF packs them: taken out of a GIF of one grey frame, whose indexes stay as they are."""
    out = BytesIO()
    indexes.save(out, "GIF", optimize=False, interlace=0)
    data = out.getvalue()
    block = next(block for block in gif_blocks(data) if block.label == IMAGE_BLOCK)
    table = 3 << (data[block.start + 9] & 7) + 1 if data[block.start + 9] & 0x80 else 0
    return data[block.start + 10 + table : block.end]


def _short(number: int) -> bytes:
    return number.to_bytes(2, "little")
