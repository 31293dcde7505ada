"""Slides with content, from a real origin: what is taken, what is refused in which words, who is at fault."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.content import makers
from tests.content.conftest import MakeHouse, eventually
from tests.fakes.origin import Origin, Page

from slidewire.content.fetch import ContentSettings, FetchedSlides, FetchPolicy
from slidewire.content.inspection import SourceLimits
from slidewire.content.pool import PoolSettings
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Content, Kind, Part, Slide
from slidewire.domain.request import CallerGoneError, CheckedSlide, Medium, OverloadedError
from slidewire.outbound.spool import SpoolLimits

POLICY = FetchPolicy("acct-1")
PICTURE = makers.photo(64, 48)
JPEG = makers.saved(PICTURE)
GIF = makers.animated(makers.animation(3))
TYPES = {Kind.IMAGE: "image/jpeg", Kind.AUDIO: "audio/mpeg", Kind.VIDEO: "video/mp4", Kind.PDF: "application/pdf"}
TYPES |= {Kind.VCARD: "text/vcard", Kind.ICAL: "text/calendar"}
GOOD = {
    Kind.IMAGE: JPEG,
    Kind.AUDIO: makers.mp3(),
    Kind.VIDEO: makers.mp4(),
    Kind.VCARD: makers.VCARD,
    Kind.ICAL: makers.ICAL,
    Kind.PDF: makers.pdf(),
}


def a_slide(*media: tuple[Kind, str], text: str = "", duration: int = 10) -> CheckedSlide:
    return CheckedSlide(tuple(Medium(kind, url) for kind, url in media), text, duration)


def a_page(body: bytes, kind: Kind = Kind.IMAGE, **changes: object) -> Page:
    return replace(Page(body, content_type=TYPES[kind]), **changes)  # type: ignore[arg-type]  # names of its fields


async def test_gives_slides_with_content_in_the_requests_order(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        image = origin.page("/a.jpg", a_page(JPEG, delay=0.1))
        sound, card = origin.page("/b", a_page(GOOD[Kind.AUDIO])), origin.page("/c", a_page(makers.VCARD))
        slides = [
            a_slide((Kind.AUDIO, sound), (Kind.IMAGE, image), text="one\ntwo", duration=5),
            a_slide(text="words alone"),
            a_slide((Kind.VCARD, card)),
        ]
        fetched = await home.fetcher.fetch_slides(slides, POLICY)
        sums = [hashlib.sha256(body).hexdigest() for body in (JPEG, GOOD[Kind.AUDIO], makers.VCARD)]
        picture = Content(sums[0], len(JPEG), "image/jpeg", 64, 48, 1)
        assert fetched == FetchedSlides(
            slides=(
                Slide(
                    "one\ntwo",
                    5,
                    (
                        Part(Kind.IMAGE, image, picture),
                        Part(Kind.AUDIO, sound, Content(sums[1], len(GOOD[Kind.AUDIO]), "audio/mpeg")),
                    ),
                ),
                Slide("words alone", 10),
                Slide("", 10, (Part(Kind.VCARD, card, Content(sums[2], len(makers.VCARD), "text/vcard")),)),
            ),
            warnings=(
                "audio in slide 1 was served as image/jpeg and is audio/mpeg",
                "vcard in slide 3 was served as image/jpeg and is text/vcard",
            ),
            written=frozenset(sums),
        )
        assert [await home.store.read(digest) for digest in sums] == [JPEG, GOOD[Kind.AUDIO], makers.VCARD]


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("declared", ["right", "", "application/octet-stream", "text/plain"])
async def test_bytes_decide_whatever_the_header_says(house: MakeHouse, kind: Kind, declared: str) -> None:
    async with Origin() as origin, house() as home:
        told = TYPES[kind] if declared == "right" else declared
        url = origin.page("/x", Page(GOOD[kind], content_type=told))
        fetched = await home.fetcher.fetch_slides([a_slide((kind, url))], POLICY)
        assert fetched.slides[0].parts[0].content.type == TYPES[kind]
        plain = (f"{kind.value} in slide 1 was served as text/plain and is {TYPES[kind]}",)
        assert fetched.warnings == (plain if declared == "text/plain" else ())


async def test_chunked_answers_are_taken_and_cut_off_at_the_cap(house: MakeHouse) -> None:
    caps = ContentSettings(limits=SourceLimits(image=30_000, gif=10_000))
    async with Origin() as origin, house(caps) as home:
        whole = origin.page("/whole", a_page(JPEG, chunked=True))
        assert (await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, whole))], POLICY)).slides[0].parts
        endless = origin.page("/endless", a_page(JPEG + bytes(5_000_000), chunked=True))
        with pytest.raises(FaultError, match="at most 30 000"):
            await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, endless))], POLICY)


async def test_a_file_over_a_megabyte_goes_by_way_of_the_spool(house: MakeHouse) -> None:
    png = makers.saved(makers.photo(800, 600), "PNG")
    film = makers.mp4() + makers.box(b"free", bytes(3_000_000))
    async with Origin() as origin, house(spool=SpoolLimits(body_in_memory=50_000)) as home:
        slides = [
            a_slide((Kind.IMAGE, origin.page("/a", a_page(png)))),
            a_slide((Kind.VIDEO, origin.page("/b", a_page(film)))),
        ]
        fetched = await home.fetcher.fetch_slides(slides, POLICY)
        contents = [slide.parts[0].content for slide in fetched.slides]
        assert [(content.type, content.size) for content in contents] == [
            ("image/png", len(png)),
            ("video/mp4", len(film)),
        ]
        assert [await home.store.read(content.digest) for content in contents] == [png, film]


FAULTY = a_page(b"x", status="404 Not Found")


@pytest.mark.parametrize(
    ("pages", "code", "slide"),
    [
        pytest.param({"/2i": replace(FAULTY, delay=0.2), "/3i": FAULTY}, "E351", 2, id="the lowest, though last"),
        pytest.param({"/1a": FAULTY, "/1i": replace(FAULTY, delay=0.2)}, "E351", 1, id="an image before a sound"),
        pytest.param({"/1a": FAULTY, "/2i": FAULTY}, "E352", 1, id="a sound before the next slide's image"),
        pytest.param({"/3i": replace(FAULTY, delay=0.1), "/4v": FAULTY}, "E351", 3, id="an image before an object"),
    ],
)
async def test_the_lowest_at_fault_wins(house: MakeHouse, pages: dict[str, Page], code: str, slide: int) -> None:
    async with Origin() as origin, house() as home:
        names = [["1i", "1a"], ["2i"], ["3i"], ["4v"]]
        kinds = {"i": Kind.IMAGE, "a": Kind.AUDIO, "v": Kind.VCARD}
        slides = []
        for row in names:
            media = []
            for name in row:
                kind = kinds[name[1]]
                media.append(
                    (kind, origin.page(f"/{name}", pages.get(f"/{name}", a_page(GOOD[kind], kind, delay=0.1))))
                )
            slides.append(a_slide(*reversed(media)))
        with pytest.raises(FaultError, match=f"slide {slide}") as refused:
            await home.fetcher.fetch_slides(slides, POLICY)
        assert refused.value.fault.code == code


async def test_a_failure_does_not_wait_for_higher_slides(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        slow = origin.page("/slow", a_page(JPEG, delay=30))
        slides = [a_slide((Kind.IMAGE, origin.page("/gone", FAULTY))), a_slide((Kind.IMAGE, slow))]
        async with asyncio.timeout(5):
            with pytest.raises(FaultError, match="slide 1"):
                await home.fetcher.fetch_slides(slides, POLICY)


async def test_all_media_are_fetched_at_once(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        slides = [a_slide((Kind.IMAGE, origin.page(f"/{n}", a_page(JPEG, delay=0.3)))) for n in range(9)]
        started = time.monotonic()
        await home.fetcher.fetch_slides(slides, POLICY)
        assert time.monotonic() - started < 2


async def test_all_files_of_a_request_share_one_limit_of_time(house: MakeHouse) -> None:
    async with Origin() as origin, house(ContentSettings(request_seconds=2)) as home:
        slides = [
            a_slide((Kind.IMAGE, origin.page("/a", a_page(JPEG)))),
            a_slide((Kind.IMAGE, origin.page("/b", a_page(JPEG, delay=9)))),
        ]
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides(slides, POLICY)
        assert refused.value.words == ("Could not copy Image in slide 2. (all files together took more than 2 seconds)")


async def test_queries_are_dropped_and_that_is_told(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", a_page(JPEG))
        asked = [a_slide((Kind.IMAGE, f"{url}?id=7#top"))]
        fetched = await home.fetcher.fetch_slides(asked, POLICY)
        assert fetched.slides[0].parts[0].url == url
        assert fetched.warnings == ("the query of the address of image in slide 1 was dropped",)
        kept = await home.fetcher.fetch_slides(asked, replace(POLICY, keep_queries=True))
        assert (kept.slides[0].parts[0].url, kept.warnings) == (f"{url}?id=7", ())
        assert [request.target for request in origin.requests] == ["/a.jpg", "/a.jpg?id=7"]


async def test_a_full_spool_is_overload(house: MakeHouse) -> None:
    async with Origin() as origin, house(spool=SpoolLimits(budget=1000)) as home:
        url = origin.page("/a.jpg", a_page(JPEG))
        with pytest.raises(OverloadedError) as told:
            await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, url))], POLICY)
        assert told.value.retry_after > 0


async def test_a_pool_with_too_much_to_do_is_overload(house: MakeHouse) -> None:
    async with Origin() as origin, house(pool=PoolSettings(max_waiting=0)) as home:
        url = origin.page("/a.jpg", a_page(JPEG))
        with pytest.raises(OverloadedError):
            await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, url))], POLICY)


async def test_a_caller_that_hangs_up_ends_its_fetches_and_leaves_nothing(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", a_page(JPEG, delay=30))
        gone = asyncio.Event()

        async def hung_up() -> None:
            await gone.wait()

        asking = asyncio.ensure_future(home.fetcher.fetch_slides([a_slide((Kind.IMAGE, url))], POLICY, hung_up))
        await eventually(lambda: origin.hits("/a.jpg") == 1)
        gone.set()
        with pytest.raises(CallerGoneError):
            await asking
        assert not home.fetcher._flights._flights


async def test_a_caller_that_stays_gets_its_slides(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", a_page(JPEG))

        async def hung_up() -> None:
            await asyncio.Event().wait()

        assert (await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, url))], POLICY, hung_up)).slides[0].parts


async def test_our_memory_stays_flat_while_a_bomb_is_decoded(house: MakeHouse) -> None:
    """The parent decodes nothing: its own peak does not move by an image's size."""
    bomb = makers.png_bomb(4900)

    def peak() -> int:
        status = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    async with Origin() as origin, house() as home:
        url = origin.page("/a.png", a_page(bomb))
        before = peak()
        await home.fetcher.fetch_slides([a_slide((Kind.IMAGE, url))], POLICY)
        assert peak() - before < 20_000


@pytest.mark.parametrize("lost", [lambda home, digest: None, lambda home, digest: home.store.delete(digest)])
async def test_brings_back_what_a_sweep_takes(house: MakeHouse, lost: Callable[..., object]) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", a_page(JPEG, headers=(("Cache-Control", "max-age=60"),)))
        asked = [a_slide((Kind.IMAGE, url))]
        fetched = await home.fetcher.fetch_slides(asked, POLICY)
        digest = fetched.slides[0].parts[0].content.digest
        path = await home.store.path(digest)
        waiting = lost(home, digest)
        if waiting is not None:
            await waiting  # type: ignore[misc]  # the store's delete
        before = path.stat().st_ino if path.exists() else 0
        assert await home.fetcher.bring_back(asked, fetched.slides, POLICY) == {digest}
        assert await home.store.read(digest) == JPEG
        assert path.stat().st_ino != before, "written again"
        assert origin.hits("/a.jpg") == (1 if waiting is None else 2)


async def test_what_the_origin_has_changed_meanwhile_cannot_be_brought_back(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", a_page(JPEG, headers=(("Cache-Control", "max-age=60"),)))
        asked = [a_slide((Kind.IMAGE, url))]
        fetched = await home.fetcher.fetch_slides(asked, POLICY)
        digest = fetched.slides[0].parts[0].content.digest
        (await home.store.path(digest)).unlink()
        origin.page("/a.jpg", a_page(GIF))
        with pytest.raises(OverloadedError):
            await home.fetcher.bring_back(asked, fetched.slides, POLICY)
        again = await home.fetcher.fetch_slides(asked, POLICY)
        assert again.slides[0].parts[0].content.type == "image/gif"
