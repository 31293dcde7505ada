"""The slow half of a rendition: files read, images fitted to their share of the room, everything but the texts.

What is made here is a Mould; filling in the texts is left to rendition.py.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from slidewire.content import mime, smil
from slidewire.content.fitted import FittedImages, Wanted
from slidewire.content.flights import Flights
from slidewire.content.formats import BY_TYPE, Format
from slidewire.content.jobs import NO_FIT, FitJob, Fitted, Source
from slidewire.content.pool import MediaPool, MediaRefusedError
from slidewire.content.refits import NotRefittedError, wanted
from slidewire.content.shapes import spaced
from slidewire.content.sharing import need, share, stepped
from slidewire.content.store import ContentStore
from slidewire.domain.message import Content, Kind, Part, Slide
from slidewire.domain.rendition import Target, TooBigError

TEXT_TYPE: Final = "text/plain; charset=utf-8"
#: Less room than this is none.
_LEAST: Final = 512
#: Bytes that encoding each of two pictures takes beyond encoding them as one.
_ENDS: Final = 6


class BoundaryFoundError(Exception):
    """The boundary stands in a file: take another."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of a body, and how its bytes are counted."""

    limit: int
    encoding: str
    text_room: int  #: bytes to be left free for all texts together, encoded
    plain: bool  #: the limit is the one before transfer encoding

    def too_big(self, size: int) -> TooBigError:
        """The error of a body of ``size``."""
        return TooBigError(size, self.limit, plain=self.plain)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made."""

    slides: Sequence[Slide]
    target: Target
    bounds: tuple[Bound, ...]  #: all hold (settled 20); the body as it is sent comes first
    boundary: str

    @property
    def box(self) -> tuple[int, int]:
        """Width and height that no image may exceed."""
        return self.target.max_width, self.target.max_height

    def wanted(self, content: Content, budget: int) -> Wanted:
        """An image of it, in ``budget`` bytes."""
        return Wanted(content.digest, budget, self.box, self.target.image_types)

    def head(self, name: str, type_: str, encoding: str = "") -> bytes:
        """Headers of a part of the body."""
        return mime.head(self.boundary, name, type_, encoding or self.target.encoding)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the text of a slide goes, with its headers and the line end behind it."""

    slide: int  #: from 0
    name: str


@dataclass(frozen=True, slots=True)
class Mould:
    """A body without its texts."""

    pieces: tuple[bytes | Gap, ...]
    size: int  #: bytes of the pieces, the headers of the texts included at their longest
    plain: int  #: the same before transfer encoding
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """One media part as it leaves."""

    slide: int  #: from 0
    kind: Kind
    name: str
    type: str
    body: bytes  #: as it is sent
    raw: int = 0  #: bytes before they were encoded
    note: str = ""


class Caster:
    """Makes moulds. Raises TooBigError, FileNotFoundError for content that is gone, and what the pool raises."""

    def __init__(self, store: ContentStore, pool: MediaPool, fitted: FittedImages, pixels: int) -> None:
        self._store = store
        self._pool = pool
        self._fitted = fitted
        self._pixels = pixels
        self._fitting: Flights[Fitted | int] = Flights()

    async def cast(self, order: Order) -> Mould:
        """The whole body but for the texts; raises BoundaryFoundError and NotRefittedError besides."""
        try:
            return await self._cast(order, {})
        except TooBigError as error:
            smaller = _smaller(order)
            if not smaller:
                raise
            found = {digest: await self._fitted.find(each) for digest, each in smaller.items()}
            if missing := tuple(smaller[digest] for digest, file in found.items() if file is None):
                raise NotRefittedError(missing, error) from error
        return await self._cast(order, {digest: file for digest, file in found.items() if file is not None})

    async def _cast(self, order: Order, refitted: Mapping[str, Fitted]) -> Mould:
        """``refitted``: files that leave in place of those with these digests."""
        parts = [(at, part) for at, slide in enumerate(order.slides) for part in slide.parts]
        pictures = [(at, part) for at, part in parts if part.kind is Kind.IMAGE]
        others = [(at, part) for at, part in parts if part.kind is not Kind.IMAGE]
        empty = [_file(at, part, _type(part, order)) for at, part in others]
        empty += [_file(at, part, Format.JPEG.type) for at, part in pictures]
        frame = size_of(_pieces(order, empty), order)
        rooms = _rooms(order, frame, [_size(part, refitted) for _, part in others])
        files = [await self._other(at, part, order, refitted.get(part.content.digest)) for at, part in others]
        files += await self._pictures(pictures, order, rooms)
        if order.target.encoding != "base64" and any(order.boundary.encode() in file.body for file in files):
            raise BoundaryFoundError
        pieces = _pieces(order, files)
        size = size_of(pieces, order)
        plain = size - sum(len(file.body) - file.raw for file in files)
        return Mould(pieces, size, plain, tuple(file.note for file in files if file.note))

    async def _other(self, slide: int, part: Part, order: Order, refitted: Fitted | None) -> _File:
        """Sound, film and objects leave as they came, unless a smaller one was made for this network."""
        if refitted is not None:
            body = mime.encode(refitted.data, order.target.encoding)
            file = _file(slide, part, refitted.mime, body, len(refitted.data))
            return replace(file, note=_refit_note(slide, part, refitted))
        data = await self._store.read(part.content.digest)
        return _file(slide, part, _type(part, order), mime.encode(data, order.target.encoding), len(data))

    async def _pictures(
        self, pictures: Sequence[tuple[int, Part]], order: Order, rooms: Sequence[tuple[Bound, int]]
    ) -> list[_File]:
        """The images, fitted so that together they take at most the least of ``rooms``."""
        contents = [part.content for _, part in pictures]
        budgets = _shared(contents, order, rooms)
        made = await asyncio.gather(
            *(
                self._fit(content, order.wanted(content, budget))
                for content, budget in zip(contents, budgets, strict=True)
            )
        )
        fitted = [one for one in made if isinstance(one, Fitted)]
        if len(fitted) < len(made):
            sizes = [len(one.data) if isinstance(one, Fitted) else one for one in made]
            raise _overfull(sizes, rooms)
        return [
            _picture(at, part, one, order.target.encoding) for (at, part), one in zip(pictures, fitted, strict=True)
        ]

    async def _fit(self, content: Content, wanted: Wanted) -> Fitted | int:
        """The image as it is wanted, or the bytes of the smallest that could be made."""
        fitted, _ = await self._fitting.join(wanted, lambda: self._made(content, wanted))
        return fitted

    async def _made(self, content: Content, wanted: Wanted) -> Fitted | int:
        found = await self._fitted.find(wanted)
        if found is not None:
            return found
        source = Source(path=str(await self._store.path(content.digest)))
        try:
            job = FitJob(source, content.type, self._pixels, wanted.budget, *wanted.box, wanted.types)
            fitted = await self._pool.fit(job)
        except MediaRefusedError as refused:
            if refused.why == NO_FIT:
                return refused.size
            raise
        await self._fitted.keep(wanted, fitted)
        return fitted


def _size(part: Part, refitted: Mapping[str, Fitted]) -> int:
    file = refitted.get(part.content.digest)
    return part.content.size if file is None else len(file.data)


def _smaller(order: Order) -> dict[str, Wanted]:
    """What audio and video must become so that the body fits; empty where they may not, or that cannot help."""
    if not order.target.refits:
        return {}
    parts = [(at, part) for at, slide in enumerate(order.slides) for part in slide.parts]
    frame = size_of(_pieces(order, [_file(at, part, _type(part, order)) for at, part in parts]), order)
    fixed = [part.content.size for _, part in parts if part.kind.is_object]
    try:
        rooms = _rooms(order, frame, fixed)
    except TooBigError:
        return {}
    ends = _ENDS * len(parts)
    return wanted(order.slides, min(mime.raw_size(room - ends, bound.encoding) for bound, room in rooms))


def text_name(slide: int) -> str:
    """What the text of a slide (from 0) is called."""
    return f"slide{slide + 1}.txt"


def size_of(pieces: Sequence[bytes | Gap], order: Order) -> int:
    """Bytes of the pieces, with the longest headers that the texts may get."""
    return sum(
        len(piece) if isinstance(piece, bytes) else len(order.head(piece.name, TEXT_TYPE, "binary")) + 2
        for piece in pieces
    )


def _rooms(order: Order, frame: int, fixed: Sequence[int]) -> list[tuple[Bound, int]]:
    """Bytes that each bound leaves for images, encoded as it counts; raises TooBigError when one leaves less than none.

    ``frame``: bytes of SMIL and headers. ``fixed``: those of each file that leaves as it came.
    """
    rooms = [
        (bound, bound.limit - bound.text_room - frame - sum(mime.encoded_size(size, bound.encoding) for size in fixed))
        for bound in order.bounds
    ]
    worst, room = min(rooms, key=lambda each: each[1])
    if room < 0:
        raise worst.too_big(worst.limit - room)
    return rooms


def _shared(contents: Sequence[Content], order: Order, rooms: Sequence[tuple[Bound, int]]) -> list[int]:
    """The budget of each image, in bytes before encoding; raises TooBigError."""
    ends = _ENDS * len(contents)
    bound, room, raw = min(
        ((bound, room, mime.raw_size(room - ends, bound.encoding)) for bound, room in rooms), key=lambda each: each[2]
    )
    shares = share([need(content, order.box) for content in contents], raw)
    if any(mine < _LEAST for mine in shares):
        raise bound.too_big(bound.limit - room + _LEAST * len(shares))
    return [stepped(mine, content, order.box) for mine, content in zip(shares, contents, strict=True)]


def _overfull(sizes: Sequence[int], rooms: Sequence[tuple[Bound, int]]) -> TooBigError:
    """The error of images that are of these ``sizes`` at best, for the limit that they miss by most."""

    def excess(each: tuple[Bound, int]) -> int:
        return sum(mime.encoded_size(size, each[0].encoding) for size in sizes) - each[1]

    worst = max(rooms, key=excess)
    return worst[0].too_big(worst[0].limit + excess(worst))


def _type(part: Part, order: Order) -> str:
    """What a file that leaves as it came is called: some networks know vCards by another name (standards.md 2.3)."""
    return order.target.vcard_type if part.content.type == Format.VCARD.type else part.content.type


def _file(slide: int, part: Part, type_: str, body: bytes = b"", raw: int = 0) -> _File:
    ending = (BY_TYPE.get(type_) or BY_TYPE[part.content.type]).ending
    return _File(slide, part.kind, f"slide{slide + 1}{ending}", type_, body, raw)


def _picture(slide: int, part: Part, fitted: Fitted, encoding: str) -> _File:
    body = mime.encode(fitted.data, encoding)
    file = _file(slide, part, fitted.mime, body, len(fitted.data))
    return replace(file, note=_note(slide, part.content, fitted))


def _note(slide: int, content: Content, fitted: Fitted) -> str:
    """What became of an image, for `message show`; empty when nothing can be seen of it."""
    if not fitted.encodes:
        return ""
    quality = f", quality {fitted.quality}" if fitted.quality else ""
    still = ", its first picture alone" if content.frames > 1 and fitted.mime != Format.GIF.type else ""
    return (
        f"image in slide {slide + 1}: {content.width} x {content.height} {content.type}, {spaced(content.size)} bytes"
        f" -> {fitted.width} x {fitted.height} {fitted.mime}, {spaced(len(fitted.data))} bytes{quality}{still}"
    )


def _refit_note(slide: int, part: Part, refitted: Fitted) -> str:
    before = f"{part.content.type}, {spaced(part.content.size)} bytes"
    after = f"{refitted.mime}, {spaced(len(refitted.data))} bytes"
    return f"{part.kind.value} in slide {slide + 1}: {before} -> {after}, encoded again for this network"


def _pieces(order: Order, files: Sequence[_File]) -> tuple[bytes | Gap, ...]:
    """SMIL, then each slide's files and its text: the order in which phones show what they do not lay out."""
    mine = [sorted((file for file in files if file.slide == at), key=_rank) for at in range(len(order.slides))]
    pars = [
        smil.Par(slide.duration, tuple((file.kind, file.name) for file in own), text_name(at) if slide.text else "")
        for at, (slide, own) in enumerate(zip(order.slides, mine, strict=True))
    ]
    pieces: list[bytes | Gap] = [order.head(smil.NAME, "application/smil", "7bit") + smil.presentation(pars) + b"\r\n"]
    for at, (slide, own) in enumerate(zip(order.slides, mine, strict=True)):
        for file in own:
            pieces += (order.head(file.name, file.type), file.body, b"\r\n")
        if slide.text:
            pieces.append(Gap(at, text_name(at)))
    return (*pieces, mime.tail(order.boundary))


def _rank(file: _File) -> int:
    return list(Kind).index(file.kind)
