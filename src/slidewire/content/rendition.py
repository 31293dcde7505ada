"""A message's content adapted to one route: images fitted, SMIL first, parts in the slides' order.

What does not depend on the texts is made once for each content and budget and kept ready; a message whose
texts alone differ costs microseconds (performance 11).
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slidewire.content import mime, smil
from slidewire.content.av.facts import TranscodedFile
from slidewire.content.casting import TEXT_TYPE, Bound, BoundaryFoundError, Caster, Mould, Order
from slidewire.content.fitted import FittedImages, Wanted
from slidewire.content.flights import Flights
from slidewire.content.jobs import Fitted
from slidewire.content.pool import MediaPool
from slidewire.content.store import ContentStore
from slidewire.domain.message import Slide
from slidewire.domain.rendition import Rendition, Target

#: Bytes of text that every budget leaves room for, so that texts of common length share one mould (durability 22).
TEXT_ROOM: Final = 4096
#: In a small body less is left: one part in so many.
_TEXT_SHARE: Final = 16


@dataclass(frozen=True, slots=True)
class RenditionSettings:
    """Where and how much of what was made is kept."""

    folder: Path  #: of the fitted images; a cache
    disk: int = 1_000_000_000  #: bytes in it
    memory: int = 32_000_000  #: bytes of ready bodies
    pixels: int = 50_000_000  #: of a source image


class RenditionMaker:
    """Makes renditions; one for the process. ``token`` gives random letters and digits that nobody guesses."""

    def __init__(
        self, store: ContentStore, pool: MediaPool, settings: RenditionSettings, token: Callable[[], str]
    ) -> None:
        self._token = token
        self._boundary = _boundary(token)
        self._memory = settings.memory
        self._fitted = FittedImages(settings.folder, settings.disk)
        self._caster = Caster(store, pool, self._fitted, settings.pixels)
        self._moulds: OrderedDict[tuple[object, ...], Mould] = OrderedDict()
        self._held = 0
        self._casting: Flights[Mould] = Flights()

    def forget(self, digest: str) -> None:
        """Drop what was made of bytes that are deleted. Blocks."""
        self._fitted.forget(digest)

    def close(self) -> None:
        """End the threads."""
        self._fitted.close()

    async def is_refitted(self, wanted: Wanted) -> bool:
        """Whether audio or video is there as it is wanted."""
        return await self._fitted.find(wanted) is not None

    async def keep_refitted(self, wanted: Wanted, file: TranscodedFile) -> None:
        """Remember what was made of it; renditions take it from then on."""
        fitted = Fitted(file.data, file.format.type, file.width, file.height, quality=0, encodes=file.encodes)
        await self._fitted.keep(wanted, fitted)

    async def make(self, slides: Sequence[Slide], target: Target) -> Rendition:
        """The body that fits ``target``, all of its bytes counted.

        Raises TooBigError, NotRefittedError where audio or video must be encoded again first, FileNotFoundError when
        content is gone, and what the pool raises when a child dies over an image or refuses it.
        """
        texts = [slide.text.encode() for slide in slides]
        bounds = _bounds(texts, target)
        boundary = self._boundary
        while True:
            if any(boundary.encode() in text for text in texts):
                boundary = _boundary(self._token)
            order = Order(slides, target, bounds, boundary)
            try:
                return _filled(await self._mould(order), texts, order)
            except BoundaryFoundError:
                boundary = _boundary(self._token)

    async def _mould(self, order: Order) -> Mould:
        shape = tuple(
            (slide.duration, bool(slide.text), *((part.kind, part.content.digest) for part in slide.parts))
            for slide in order.slides
        )
        key = (shape, order.target, order.bounds, order.boundary)
        mould = self._moulds.get(key)
        if mould is not None:
            self._moulds.move_to_end(key)
            return mould
        mould, began = await self._casting.join(key, lambda: self._caster.cast(order))
        if began and order.boundary is self._boundary and mould.size <= self._memory // 4:
            self._moulds[key] = mould
            self._held += mould.size
            while self._held > self._memory:
                _, old = self._moulds.popitem(last=False)
                self._held -= old.size
        return mould


def _boundary(token: Callable[[], str]) -> str:
    """Not base64 and not quoted-printable, whatever the token is."""
    return f"=_{token()}"


def _bounds(texts: Sequence[bytes], target: Target) -> tuple[Bound, ...]:
    """Every limit that the body must keep, with the room that it leaves for the texts."""
    sent = _bound(texts, target.max_bytes, target.encoding, plain=False)
    return (sent, _bound(texts, target.max_plain, "binary", plain=True)) if target.max_plain else (sent,)


def _bound(texts: Sequence[bytes], limit: int, encoding: str, *, plain: bool) -> Bound:
    """Room for texts is a fixed allowance, or as many of them as it takes."""
    step = max(min(TEXT_ROOM, limit // _TEXT_SHARE), 1)
    needed = sum(mime.encoded_size(len(text), encoding) for text in texts)
    return Bound(limit, encoding, max(-(-needed // step), 1) * step, plain)


def _filled(mould: Mould, texts: Sequence[bytes], order: Order) -> Rendition:
    """The mould with its texts; raises TooBigError."""
    chunks: list[bytes] = []
    plain = mould.plain
    for piece in mould.pieces:
        if isinstance(piece, bytes):
            chunks.append(piece)
            continue
        text = texts[piece.slide]
        encoding = mime.text_encoding(text, order.target.encoding)
        chunks += (order.head(piece.name, TEXT_TYPE, encoding), mime.encode(text, encoding), b"\r\n")
        plain += len(text)
    size = sum(map(len, chunks))
    for bound in order.bounds:
        if (plain if bound.plain else size) > bound.limit:
            raise bound.too_big(plain if bound.plain else size)
    return Rendition(mime.content_type(order.boundary, smil.NAME), tuple(chunks), size, mould.notes)
