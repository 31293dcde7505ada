"""Media behind a secret: presented to its own origin by its own account, and nowhere else (issue 3, part 10)."""

import asyncio
from collections.abc import Mapping

import pytest
from tests.content import makers
from tests.content.conftest import MakeHouse
from tests.fakes.origin import Origin, Page

from slidewire.content.fetch import FetchPolicy
from slidewire.domain.access import MediaAccess
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium

JPEG = makers.saved(makers.photo(64, 48))
BEARER, KEY = ("Authorization", "Bearer s3cret"), ("X-Api-Key", "k3y")
FRESH = (("Cache-Control", "max-age=60"),)
MINE = FetchPolicy("acct-1")


class Access:
    """What accounts present, changed as a test goes on."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, MediaAccess]] = {}

    def __call__(self, account_id: str) -> Mapping[str, MediaAccess]:
        return self.known.get(account_id, {})

    def give(self, account_id: str, url: str, row: str = "1") -> None:
        origin = url.rpartition("/")[0]
        self.known[account_id] = {origin: MediaAccess(row, (BEARER, KEY))}


def asked(url: str) -> list[CheckedSlide]:
    return [CheckedSlide((Medium(Kind.IMAGE, url),), "", 10)]


def presented(origin: Origin) -> list[tuple[str | None, str | None]]:
    return [(request.headers.get("authorization"), request.headers.get("x-api-key")) for request in origin.requests]


async def test_a_secret_goes_to_its_own_origin_for_its_own_account(house: MakeHouse) -> None:
    access = Access()
    async with Origin() as origin, Origin() as other, house(access=access) as home:
        url, strange = origin.page("/a", Page(JPEG)), other.page("/a", Page(JPEG))
        access.give("acct-1", url)
        for policy, where in ((MINE, url), (FetchPolicy("acct-2"), url), (MINE, strange)):
            await home.fetcher.fetch_slides(asked(where), policy)
        assert presented(origin) == [(BEARER[1], KEY[1]), (None, None)]
        assert presented(other) == [(None, None)], "another port of the same host"


async def test_no_redirect_carries_it_away(house: MakeHouse) -> None:
    access = Access()
    async with Origin() as origin, Origin() as other, house(access=access) as home:
        other.page("/there", Page.redirect(origin.url("/back")))
        origin.page("/back", Page(JPEG))
        origin.page("/hop", Page.redirect(other.url("/there")))
        url = origin.page("/a", Page.redirect("/hop"))
        access.give("acct-1", url)
        await home.fetcher.fetch_slides(asked(url), MINE)
        assert presented(origin) == [(BEARER[1], KEY[1])] * 2 + [(None, None)]
        assert presented(other) == [(None, None)]


async def test_what_was_fetched_with_one_secret_is_not_used_for_another(house: MakeHouse) -> None:
    access = Access()
    async with Origin() as origin, house(access=access) as home:
        url = origin.page("/a", Page(JPEG, headers=FRESH))
        for row in ("1", "1", "2"):
            access.give("acct-1", url, row)
            await home.fetcher.fetch_slides(asked(url), MINE)
        access.known.clear()
        origin.page("/a", Page(b"who are you?", "401 Unauthorized"))
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides(asked(url), MINE)
        assert origin.hits("/a") == 3
        assert refused.value.words == "Could not copy Image in slide 1. (the answer was HTTP 401)"


async def test_those_who_ask_at_once_share_a_fetch_with_their_own_kind_only(house: MakeHouse) -> None:
    access = Access()
    async with Origin() as origin, house(access=access) as home:
        url = origin.page("/a", Page(JPEG, delay=0.1))
        access.give("acct-1", url)
        policies = [MINE, FetchPolicy("acct-2"), MINE]
        await asyncio.gather(*(home.fetcher.fetch_slides(asked(url), policy) for policy in policies))
        assert sorted(presented(origin), key=str) == [(BEARER[1], KEY[1]), (None, None)]
