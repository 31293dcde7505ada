"""The cache of fetched media: RFC 9111 for a private cache, one fetch for all who ask at once (settled 21)."""

import asyncio
import time
from dataclasses import replace

import pytest
from tests.content import makers
from tests.content.conftest import House, MakeHouse, eventually
from tests.fakes.origin import Origin, Page

from slidewire.content.fetch import ContentSettings, FetchedSlides, FetchPolicy
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium

POLICY = FetchPolicy("acct-1")
JPEG = makers.saved(makers.photo(64, 48))
OTHER = makers.saved(makers.photo(64, 48, seed=9))
LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT"
MINUTE = (("Cache-Control", "max-age=60"),)


def asked(url: str, kind: Kind = Kind.IMAGE) -> list[CheckedSlide]:
    return [CheckedSlide((Medium(kind, url),), "", 10)]


async def fetch(home: House, url: str, policy: FetchPolicy = POLICY) -> FetchedSlides:
    return await home.fetcher.fetch_slides(asked(url), policy)


async def test_what_is_fresh_is_not_fetched_again(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE, content_type="text/plain"))
        first = await fetch(home, url)
        home.clock.now += 59
        again = await fetch(home, url)
        assert origin.hits("/a.jpg") == 1
        assert again == replace(first, written=frozenset()), "warnings are told each time"
        assert len(first.written) == 1


async def test_what_is_stale_is_fetched_again(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE))
        await fetch(home, url)
        home.clock.now += 60
        origin.page("/a.jpg", Page(OTHER, headers=MINUTE))
        assert (await fetch(home, url)).slides[0].parts[0].content.size == len(OTHER)
        assert origin.hits("/a.jpg") == 2


async def test_nothing_is_believed_for_longer_than_bytes_are_safe_from_a_sweep(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=(("Cache-Control", "max-age=86400"),)))
        await fetch(home, url)
        home.clock.now += 1800
        await fetch(home, url)
        assert origin.hits("/a.jpg") == 2


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="nothing said"),
        pytest.param((("Cache-Control", "no-store, max-age=60"),), id="no-store"),
        pytest.param((("Cache-Control", "no-cache"),), id="no-cache"),
        pytest.param((*MINUTE, ("Vary", "*")), id="varies by everything"),
        pytest.param((("Expires", "0"),), id="expired"),
        pytest.param((("Last-Modified", LONG_AGO),), id="old: no heuristics"),
    ],
)
async def test_what_may_not_be_kept_is_fetched_each_time(
    house: MakeHouse, headers: tuple[tuple[str, str], ...]
) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=headers))
        for _ in range(3):
            await fetch(home, url)
        assert origin.hits("/a.jpg") == 3


async def test_each_account_has_a_cache_of_its_own(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE))
        for account in ("acct-1", "acct-2", "acct-1", "acct-2"):
            await fetch(home, url, FetchPolicy(account))
        assert origin.hits("/a.jpg") == 2


async def test_the_key_is_the_address_after_stripping(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE))
        for query in ("?a=1", "?a=2", "", "#top"):
            await fetch(home, url + query)
        assert origin.hits("/a.jpg") == 1
        keeping = replace(POLICY, keep_queries=True)
        for query in ("?a=1", "?a=2", "?a=1"):
            await fetch(home, url + query, keeping)
        assert origin.hits("/a.jpg") == 3


@pytest.mark.parametrize(
    ("settings", "policy"),
    [
        pytest.param(ContentSettings(cache=False), POLICY, id="the cache is off"),
        pytest.param(ContentSettings(), replace(POLICY, use_cache=False), id="the request wants it fetched"),
    ],
)
async def test_fetches_in_any_case_when_told_so(
    house: MakeHouse, settings: ContentSettings, policy: FetchPolicy
) -> None:
    async with Origin() as origin, house(settings) as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE))
        await asyncio.gather(*(fetch(home, url, policy) for _ in range(3)))
        assert origin.hits("/a.jpg") == 3


async def test_what_a_redirect_leads_to_is_not_kept_for_the_address_that_redirects(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        origin.page("/real.jpg", Page(JPEG, headers=MINUTE))
        url = origin.page("/a.jpg", Page.redirect("/real.jpg?signed=1"))
        await fetch(home, url)
        origin.page("/other.jpg", Page(OTHER, headers=MINUTE))
        origin.page("/a.jpg", Page.redirect("/other.jpg"))
        assert (await fetch(home, url)).slides[0].parts[0].content.size == len(OTHER)


async def test_many_at_once_are_one_fetch(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE, delay=0.1))
        done = await asyncio.gather(*(fetch(home, url) for _ in range(50)))
        assert origin.hits("/a.jpg") == 1
        assert len({fetched.slides for fetched in done}) == 1
        assert all(len(fetched.written) == 1 for fetched in done)


async def test_one_file_in_many_slides_is_one_fetch_and_each_slide_is_named(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, delay=0.05, content_type="text/plain"))
        fetched = await home.fetcher.fetch_slides(asked(url) * 3, POLICY)
        assert origin.hits("/a.jpg") == 1
        assert [warning[:16] for warning in fetched.warnings] == [f"image in slide {n}" for n in (1, 2, 3)]


async def test_those_who_share_a_failure_each_read_of_their_own_slide(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(b"x", status="404 Not Found", delay=0.1))
        second = [CheckedSlide((), "words", 10), *asked(url)]
        done = await asyncio.gather(
            *(home.fetcher.fetch_slides(slides, POLICY) for slides in (asked(url), second)), return_exceptions=True
        )
        assert [str(error)[:32] for error in done] == [f"Could not copy Image in slide {n}." for n in (1, 2)]
        assert origin.hits("/a.jpg") == 1


async def test_what_may_not_be_shared_is_fetched_by_everyone(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=(("Cache-Control", "no-store"),), delay=0.05))
        await asyncio.gather(*(fetch(home, url) for _ in range(4)))
        assert origin.hits("/a.jpg") == 4


async def test_whoever_began_a_fetch_may_leave_without_harm_to_the_others(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE, delay=0.3))
        first = asyncio.ensure_future(fetch(home, url))
        await eventually(lambda: origin.hits("/a.jpg") == 1)
        others = [asyncio.ensure_future(fetch(home, url)) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        done = await asyncio.gather(*others)
        assert all(fetched.slides[0].parts for fetched in done)
        assert origin.hits("/a.jpg") == 1
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_one_accounts_bytes_behind_another_element_are_judged_again(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a", Page(JPEG, headers=MINUTE))
        await fetch(home, url)
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides(asked(url, Kind.AUDIO), POLICY)
        assert refused.value.fault.code == "E229"
        assert origin.hits("/a") == 1


async def test_the_longest_unused_go_first(house: MakeHouse) -> None:
    async with Origin() as origin, house(ContentSettings(entries=2)) as home:
        urls = [origin.page(f"/{n}", Page(JPEG, headers=MINUTE)) for n in range(3)]
        for url in (urls[0], urls[1], urls[0], urls[2], urls[0], urls[1]):
            await fetch(home, url)
        assert [origin.hits(f"/{n}") for n in range(3)] == [1, 2, 1]


async def test_bytes_that_were_inspected_are_not_decoded_again(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        await fetch(home, origin.page("/a", Page(JPEG)))
        await home.pool.close()
        fetched = await fetch(home, origin.page("/b", Page(JPEG)))
        assert fetched.slides[0].parts[0].content.width == 64
        assert fetched.written == frozenset(), "they were stored before"


async def test_a_hit_costs_a_look_up_and_never_waits(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=MINUTE))
        await fetch(home, url)
        work = home.fetcher.fetch_slides(asked(url), POLICY)
        with pytest.raises(StopIteration):  # it ends at the first step: nothing was waited for
            work.send(None)
        slides, count = asked(url), 2000
        started = time.process_time()
        for _ in range(count):
            await home.fetcher.fetch_slides(slides, POLICY)
        assert (time.process_time() - started) / count < 0.000_2


ETAG = (("ETag", '"v1"'), ("Cache-Control", "no-cache"))
UNCHANGED = "304 Not Modified"


def validators(origin: Origin) -> list[tuple[str | None, str | None]]:
    """What each request asked about."""
    return [(r.headers.get("if-none-match"), r.headers.get("if-modified-since")) for r in origin.requests]


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        pytest.param((("ETag", '"v1"'),), ('"v1"', None), id="an ETag"),
        pytest.param((("ETag", 'W/"v1"'),), ('W/"v1"', None), id="a weak ETag"),
        pytest.param((("Last-Modified", LONG_AGO),), (None, LONG_AGO), id="a date"),
        pytest.param((("ETag", '"v1"'), ("Last-Modified", LONG_AGO)), ('"v1"', LONG_AGO), id="both"),
        pytest.param((("ETag", "v1"), ("Last-Modified", "yesterday")), (None, None), id="neither can be read"),
        pytest.param((("ETag", '"v1"'), ("Cache-Control", "no-cache")), ('"v1"', None), id="no-cache: ask each time"),
        pytest.param((("ETag", '"v1"'), ("Cache-Control", "no-store")), (None, None), id="no-store"),
        pytest.param((("ETag", '"v1"'), ("Vary", "*")), (None, None), id="varies by everything"),
        pytest.param((("ETag", '"v1"'), ("Vary", "Accept")), ('"v1"', None), id="varies by what we send alike"),
    ],
)
async def test_an_origin_is_asked_whether_it_has_changed(
    house: MakeHouse, headers: tuple[tuple[str, str], ...], asked: tuple[str | None, str | None]
) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=headers))
        first = await fetch(home, url)
        if asked != (None, None):
            origin.page("/a.jpg", Page(b"", UNCHANGED, "", headers=headers))
        assert (await fetch(home, url)).slides == first.slides
        assert validators(origin) == [(None, None), asked]


async def test_what_is_confirmed_is_as_fresh_as_its_confirmation_says(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=(*MINUTE, ("ETag", '"v1"'), ("Age", "50"))))
        await fetch(home, url)
        home.clock.now += 10
        origin.page("/a.jpg", Page(b"", UNCHANGED, "", headers=(("Cache-Control", "max-age=300"),)))
        await fetch(home, url)
        home.clock.now += 299
        await fetch(home, url)
        assert validators(origin) == [(None, None), ('"v1"', None)]
        home.clock.now += 1
        origin.page("/a.jpg", Page(OTHER, headers=(*MINUTE, ("ETag", '"v2"'))))
        assert (await fetch(home, url)).slides[0].parts[0].content.size == len(OTHER)
        assert validators(origin)[2:] == [('"v1"', None)]


async def test_a_confirmation_of_other_bytes_is_not_believed(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=ETAG))
        await fetch(home, url)
        origin.page("/a.jpg", Page(b"", UNCHANGED, "", headers=(("ETag", '"v2"'),)))
        with pytest.raises(FaultError) as refused:  # asked again without conditions, this origin has nothing else
            await fetch(home, url)
        assert refused.value.fault.code == "E351"
        assert validators(origin)[1:] == [('"v1"', None), (None, None)]


async def test_a_confirmation_from_where_a_redirect_leads_is_none(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a.jpg", Page(JPEG, headers=ETAG))
        await fetch(home, url)
        origin.page("/real.jpg", Page(OTHER, headers=ETAG))
        origin.page("/a.jpg", Page.redirect("/real.jpg"))
        assert (await fetch(home, url)).slides[0].parts[0].content.size == len(OTHER)
        assert validators(origin)[1:] == [('"v1"', None), (None, None)]
        await fetch(home, url)
        assert validators(origin)[3:] == [(None, None), (None, None)], "the redirect is asked without conditions"


async def test_confirmed_bytes_behind_another_element_are_judged_again(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a", Page(JPEG, headers=ETAG))
        await fetch(home, url)
        origin.page("/a", Page(b"", UNCHANGED, ""))
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides(asked(url, Kind.VIDEO), POLICY)
        assert refused.value.fault.code == "E229"


@pytest.mark.parametrize("policy", [replace(POLICY, use_cache=False), FetchPolicy("acct-2")])
async def test_nobody_else_and_no_forced_fetch_asks_by_what_one_account_has(
    house: MakeHouse, policy: FetchPolicy
) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a", Page(JPEG, headers=ETAG))
        await fetch(home, url)
        await fetch(home, url, policy)
        assert validators(origin) == [(None, None), (None, None)]


async def test_many_who_ask_at_once_share_one_confirmation(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a", Page(JPEG, headers=(("ETag", '"v1"'),)))
        await fetch(home, url)
        origin.page("/a", Page(b"", UNCHANGED, "", delay=0.1))
        done = await asyncio.gather(*(fetch(home, url) for _ in range(50)))
        assert origin.hits("/a") == 2
        assert len({each.slides for each in done}) == 1


async def test_confirmed_bytes_that_were_swept_meanwhile_are_fetched_anew(house: MakeHouse) -> None:
    async with Origin() as origin, house() as home:
        url = origin.page("/a", Page(JPEG, headers=(("ETag", '"v1"'),)))
        digest = (await fetch(home, url)).slides[0].parts[0].content.digest
        origin.page("/a", Page(b"", UNCHANGED, ""))
        again = await fetch(home, url)
        assert again.written == frozenset(), "so that the insert looks whether they are safe"
        await home.store.delete(digest)
        origin.page("/a", Page(JPEG, headers=ETAG))
        assert await home.fetcher.bring_back(asked(url), again.slides, POLICY) == {digest}
        assert await home.store.read(digest) == JPEG
