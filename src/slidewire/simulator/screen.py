"""A picture of the handset's screen, drawn from nothing but the parts that arrived.

Each image is pasted whole, and its place is told, so that its pixels can be compared with the source's.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageDraw

from slidewire.simulator.contents import text_of
from slidewire.simulator.drawing import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    WHITE,
    CardBlock,
    PictureBlock,
    TextBlock,
    cut,
    drawable,
    font,
    load_picture,
    rounded,
    wrap,
)
from slidewire.simulator.presentation import PieceKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from slidewire.simulator.contents import Content
    from slidewire.simulator.presentation import Piece

Block: TypeAlias = "TextBlock | PictureBlock | CardBlock"

WIDTH = 720
LEAST_HEIGHT = 1280
MOST_HEIGHT = 12_000
MARGIN = 28
GAP = 22
HEAD_HEIGHT = 168
PAPER = "#f2f3f8"
CARD_WORDS = {
    PieceKind.VIDEO: "Video",
    PieceKind.AUDIO: "Sound",
    PieceKind.OBJECT: "File",
    PieceKind.IMAGE: "Picture that cannot be shown",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the image of a part was pasted: left, top, right, bottom in the screen's pixels."""

    part: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Screen:
    """The drawn screen as PNG, and the images on it in the order of the slides."""

    png: bytes
    pictures: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the screen is about."""

    sender: str
    subject: str
    arrived_at: datetime
    content: Content


def draw_screen(shown: Shown) -> Screen:
    """Draw the message as a phone shows it, as long as it takes (at most 12,000 pixels).

    Never fails for what the parts hold: what cannot be drawn becomes a card with its name.
    """
    blocks, height = [], HEAD_HEIGHT + GAP
    for block in _blocks(shown):
        if height + block.height + GAP > MOST_HEIGHT:
            break
        blocks.append(block)
        height += block.height + GAP
    canvas = Image.new("RGB", (WIDTH, max(LEAST_HEIGHT, height + MARGIN)), PAPER)
    _draw_head(canvas, shown)
    top, pictures = HEAD_HEIGHT + GAP, []
    for block in blocks:
        block.draw(canvas, MARGIN, top)
        if isinstance(block, PictureBlock):
            pictures.append(Placed(block.part, block.box(MARGIN, top)))
        top += block.height + GAP
    out = io.BytesIO()
    canvas.save(out, "PNG", compress_level=3)
    return Screen(out.getvalue(), tuple(pictures))


def _blocks(shown: Shown) -> Iterator[Block]:
    if shown.subject.strip():
        yield TextBlock(wrap(shown.subject[:300], 34, WIDTH - 2 * MARGIN), 34, bubble=False)
    for slide in shown.content.slides:
        for piece in slide.pieces:
            yield _block(shown.content, piece)
    yield TextBlock([f"{shown.arrived_at:%d %b %Y, %H:%M}"], 22, MUTED, bubble=False)


def _block(content: Content, piece: Piece) -> Block:
    part = content.parts[piece.number]
    if piece.kind is PieceKind.TEXT:
        return TextBlock(wrap(text_of(part), 30, 512), 30)
    picture = load_picture(part) if piece.kind is PieceKind.IMAGE else None
    if picture is not None:
        return PictureBlock(picture, piece.number)
    return CardBlock(part.name or "unnamed", f"{CARD_WORDS[piece.kind]} · {part.type} · {len(part.body):,} bytes")


def _draw_head(canvas: Image.Image, shown: Shown) -> None:
    """Status bar and who the message is from."""
    draw, middle = ImageDraw.Draw(canvas), 110
    draw.rectangle((0, 0, WIDTH, HEAD_HEIGHT), WHITE)
    draw.line((0, HEAD_HEIGHT, WIDTH, HEAD_HEIGHT), LINE, 2)
    draw.text((MARGIN, 14), f"{shown.arrived_at:%H:%M}", INK, font(24))
    for bar in range(4):
        left = WIDTH - 150 + bar * 11
        rounded(canvas, (left, 34 - bar * 6, left + 7, 41), 2, INK)
    rounded(canvas, (WIDTH - 92, 16, WIDTH - 42, 41), 7, INK)
    rounded(canvas, (WIDTH - 90, 18, WIDTH - 44, 39), 5, WHITE)
    rounded(canvas, (WIDTH - 87, 21, WIDTH - 54, 36), 3, INK)
    rounded(canvas, (WIDTH - 40, 24, WIDTH - 36, 33), 2, INK)
    name = drawable(shown.sender).strip() or "Unknown sender"
    rounded(canvas, (MARGIN, middle - 38, MARGIN + 76, middle + 38), 38, ACCENT)
    initial = name[0].upper() if name[0].isalpha() else "#"
    draw.text((MARGIN + 38, middle), initial, WHITE, font(36), anchor="mm")
    draw.text((MARGIN + 98, middle - 18), cut(name, 32, WIDTH - 180), INK, font(32), anchor="lm")
    draw.text((MARGIN + 98, middle + 22), "Multimedia message", MUTED, font(22), anchor="lm")
