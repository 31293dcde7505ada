"""Every combination of kinds that the contract allows, as SubmitReq, read by the simulator's strict reader.

What may share a slide is typed here from the contract (api.md 6), not taken from the code. The reader holds to the
schema of MM7 (standards.md 1.3) and to the rules of SMIL in MMS (standards.md 2.1).
"""

import hashlib
import random
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations, product
from pathlib import Path

import pytest
from PIL import Image
from tests.carriers.build import NOW, TRANSACTION_ID, a_message, a_route
from tests.content import makers

from slidewire.carriers.base import Route
from slidewire.carriers.mm7.envelope import wrap
from slidewire.carriers.mm7.namespaces import PREFIX, VERSIONS
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.profiles import PROFILES
from slidewire.carriers.mm7.soap import SubmitWriter
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.rendition import RenditionMaker, RenditionSettings
from slidewire.content.showing import Objects, Showing, shown
from slidewire.content.store import FolderStore
from slidewire.domain.message import Content, Kind, Part, Slide
from slidewire.domain.rendition import Target
from slidewire.simulator.contents import find_content, open_content, text_of
from slidewire.simulator.envelope import NAMESPACES, Request, read_request
from slidewire.simulator.mmsc import open_request
from slidewire.simulator.presentation import PieceKind
from slidewire.simulator.presentation import Slide as Seen

#: What phones call each kind, by the contract's words.
PIECES = {
    "image": PieceKind.IMAGE,
    "audio": PieceKind.AUDIO,
    "video": PieceKind.VIDEO,
    "vcard": PieceKind.OBJECT,
    "ical": PieceKind.OBJECT,
    "pdf": PieceKind.OBJECT,
    "passbook": PieceKind.OBJECT,
    "text": PieceKind.TEXT,
}
OBJECTS = {"vcard", "ical", "pdf", "passbook"}
#: The order in which a slide's parts stand, for phones that ignore SMIL.
ORDER = list(PIECES)
TEXTS = ("Hello", "Grüße 😀\r\n\r\n from\there ", "x" * 1200, "<&>\"'", "مرحبا\nשלום", "--=_boundary\r\n")
#: ASCII, short, with the ending that phones go by.
NAME = re.compile(r"[a-z0-9]{1,12}\.(smil|jpg|gif|png|mp3|mp4|3gp|mpg|vcf|ics|pdf|pkpass|txt)")
LINK = "https://m.example.net/m/abcdefghijk"


def allowed(kinds: Sequence[str]) -> bool:
    """api.md 6: one object at most and no medium beside it; audio and video, video and image not together."""
    media, objects = {"image", "audio", "video"} & set(kinds), OBJECTS & set(kinds)
    return len(objects) <= 1 and not (objects and media) and not ("video" in media and len(media) > 1)


SLIDES = [kinds for size in range(1, 9) for kinds in combinations(ORDER, size) if allowed(kinds)]
#: How each route speaks; rows are combined with every slide in turn. A strict peer wants the href with cid:.
VOICES = [
    (profile, namespace, subject)
    for profile, namespace, subject in product(PROFILES, VERSIONS, ("utf-8", "ascii", "none"))
    if PREFIX + namespace in NAMESPACES  # those that the strict reader knows
]


def test_the_contract_allows_so_many() -> None:
    assert len(SLIDES) == 17
    assert ("image", "audio", "text") in SLIDES
    assert ("video", "text") in SLIDES
    assert not any({"audio", "video"} <= set(kinds) for kinds in SLIDES)


@dataclass
class Studio:
    """A maker of renditions, and content of every kind that is stored already."""

    maker: RenditionMaker
    contents: dict[str, list[Content]]
    turn: int = 0

    def slides(self, message: Sequence[Sequence[str]]) -> list[Slide]:
        """The slides of a message, each with other texts, lengths and formats than the one before."""
        made = []
        for kinds in message:
            self.turn += 1
            text = TEXTS[self.turn % len(TEXTS)] if "text" in kinds else ""
            parts = tuple(self._part(kind) for kind in kinds if kind != "text")
            made.append(Slide(text, (10, 3, 3600, 1)[self.turn % 4], parts))
        return made

    def _part(self, kind: str) -> Part:
        contents = self.contents[kind]
        return Part(Kind(kind), "http://127.0.0.1/x", contents[self.turn % len(contents)])


def files() -> Iterator[tuple[str, bytes, str, int]]:
    """Kind, bytes, type and frames."""
    picture, frames = makers.photo(320, 240), makers.animation(3)
    yield "image", makers.saved(picture, exif=makers.exif(6)), "image/jpeg", 1
    yield "image", makers.saved(picture, "PNG"), "image/png", 1
    yield "image", makers.animated(frames), "image/gif", 3
    yield "image", makers.saved(picture, "WEBP"), "image/webp", 1
    yield "image", makers.animated(frames, "WEBP"), "image/webp", 3
    yield "audio", makers.mp3(), "audio/mpeg", 1
    yield "video", makers.mp4(), "video/mp4", 1
    yield "video", makers.mp4(), "video/3gpp", 1
    yield "video", b"\x00\x00\x01\xba" + bytes(200), "video/mpeg", 1
    yield "vcard", makers.VCARD, "text/vcard", 1
    yield "ical", makers.ICAL, "text/calendar", 1
    yield "pdf", makers.pdf(), "application/pdf", 1
    yield "passbook", b"PK\x03\x04" + bytes(200), "application/vnd.apple.pkpass", 1


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with FolderStore(tmp_path / "content") as store, MediaPool(PoolSettings(children=1)) as pool:
        numbers = iter(range(1, 10**6))
        maker = RenditionMaker(store, pool, RenditionSettings(tmp_path / "fitted"), lambda: f"t{next(numbers)}")
        contents: dict[str, list[Content]] = {}
        for kind, body, type_, count in files():
            digest = hashlib.sha256(body + type_.encode()).hexdigest()
            await store.put(digest, body)
            size = Image.open(BytesIO(body)).size if kind == "image" else (0, 0)
            contents.setdefault(kind, []).append(Content(digest, len(body), type_, *size, frames=count))
        yield Studio(maker, contents)
        maker.close()


async def read_back(studio: Studio, slides: Sequence[Slide], route: Route) -> tuple[Request, list[Seen], list[str]]:
    """The request as a carrier reads it: itself, its slides, the texts of its text parts."""
    rendition = await studio.maker.make(slides, Target(500_000, route.encoding, max_plain=400_000))
    sender = "447700900999" if route.profile == "plmn" else "28444"  # a short code is no number with a TYPE
    message = a_message(slides=tuple(slides), subject="Grüße & <mehr>", sender=sender)
    envelope = wrap(
        SubmitWriter(route, profile_of(route)).write(message, TRANSACTION_ID, NOW), rendition, lambda: "tok"
    )
    opened, entity = open_request(envelope.content_type, b"".join(envelope.chunks))
    request = read_request(opened)
    content = open_content(find_content(request, entity), require_smil=True)
    names = [part.location for part in content.parts]
    assert [part.content_id for part in content.parts] == names
    assert all(
        re.fullmatch(r"[a-z0-9]{1,12}\.(smil|jpg|gif|png|mp3|mp4|3gp|mpg|vcf|ics|pdf|pkpass|txt)", n) for n in names
    )
    assert len(set(names)) == len(names)
    shown_parts = [piece.number for slide in content.slides for piece in slide.pieces]
    assert shown_parts == list(range(1, len(content.parts))), "every part is shown once, in the slides' order"
    assert content.parts[0].body.count(b"<root-layout ") == 1
    texts = [text_of(part) for part in content.parts if part.type == "text/plain"]
    return request, list(content.slides), texts


def expected(slide: Slide) -> tuple[float, list[PieceKind]]:
    kinds = [part.kind.value for part in slide.parts] + (["text"] if slide.text else [])
    return float(slide.duration), [PIECES[kind] for kind in sorted(kinds, key=ORDER.index)]


async def check(studio: Studio, slides: Sequence[Slide], route: Route) -> None:
    request, seen, texts = await read_back(studio, slides, route)
    assert [(slide.seconds, [piece.kind for piece in slide.pieces]) for slide in seen] == list(map(expected, slides))
    one_line = [slide.text.replace("\r\n", "\n") for slide in slides if slide.text]
    assert texts == one_line
    subject = {"utf-8": "Grüße & <mehr>", "ascii": "Gre & <mehr>", "none": ""}[route.subject]
    assert (request.subject, request.wants_report) == (subject, True)


def a_voice(turn: int, encoding: str) -> Route:
    profile, namespace, subject = VOICES[turn % len(VOICES)]
    options = (("cid", "true"),)
    return a_route(profile=profile, namespace=namespace, subject=subject, encoding=encoding, options=options)


@pytest.mark.parametrize("encoding", ["binary", "base64"])
async def test_every_slide_on_every_kind_of_route(studio: Studio, encoding: str) -> None:
    for kinds in SLIDES:
        for turn in range(len(VOICES)):
            await check(studio, studio.slides([kinds]), a_voice(turn, encoding))


@pytest.mark.parametrize("encoding", ["binary", "base64"])
async def test_every_two_slides(studio: Studio, encoding: str) -> None:
    for turn, pair in enumerate(product(SLIDES, repeat=2)):
        await check(studio, studio.slides(pair), a_voice(turn, encoding))


async def test_nine_slides_of_any_kind(studio: Studio) -> None:
    dice = random.Random(9)  # the same messages in every run
    for turn in range(60):
        await check(studio, studio.slides(dice.choices(SLIDES, k=9)), a_voice(turn, ("binary", "base64")[turn % 2]))


@pytest.mark.parametrize("objects", list(Objects))
@pytest.mark.parametrize("known", [None, frozenset(), frozenset({Kind.VCARD})], ids=["unknown", "none", "vCards"])
async def test_every_slide_as_it_is_shown(studio: Studio, objects: Objects, known: frozenset[Kind] | None) -> None:
    showing = Showing(objects, known, "A subject")
    for turn, kinds in enumerate(SLIDES):
        for link in (LINK, ""):
            slides = shown(studio.slides([kinds, ("image",)]), showing, link)
            await check(studio, slides, a_voice(turn, "base64"))


async def test_a_vcard_under_its_older_name(studio: Studio) -> None:
    slides = studio.slides([("vcard", "text")])
    rendition = await studio.maker.make(slides, Target(300_000, vcard_type="text/x-vcard"))
    assert b'Content-Type: text/x-vcard; name="slide1.vcf"' in b"".join(rendition.chunks)
