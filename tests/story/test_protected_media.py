"""Media behind secrets, through the whole gateway and over real origins: told on the command line while it runs,
presented to one origin by one account, and left behind at every redirect (issue 3, part 10).
"""

import asyncio
from typing import Any

from tests.cli.command import Ran, slidewire
from tests.content import makers
from tests.fakes.origin import Origin, Page
from tests.fakes.proxy import Proxy
from tests.fakes.raw_server import Received
from tests.story.house import House, Plan, house, request, until
from tests.story.phones import arrived

from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account

PHOTO = makers.saved(makers.photo(320, 240), quality=85)
TOKEN, APP_KEY = "s3cret-t0ken-0123456789", "k3y-0123456789"
BEARER, KEY = ("Authorization", f"Bearer {TOKEN}"), ("X-Api-Key", APP_KEY)
STRANGER = "k3yOfAnotherAccount0000000000002"
REFUSED = "Could not copy Image in slide 1. (the answer was HTTP 401)"


def slide(address: str) -> str:
    return f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>"


def presented(requests: list[Received]) -> list[tuple[str, str | None, str | None]]:
    """What each request asked for, and what it was given to show."""
    return [(each.target, each.headers.get("authorization"), each.headers.get("x-api-key")) for each in requests]


async def told(plan: Plan, home: House, *words: str, given: str = "") -> Ran:
    """``slidewire account media-secret`` beside the running gateway."""
    environment = {"SLIDEWIRE_DATABASE": home.settings.database, "SLIDEWIRE_CONTENT": home.settings.content}
    ran = await asyncio.to_thread(
        slidewire, plan.folder, "account", "media-secret", "acct-1", *words, given=given, **environment
    )
    assert (ran.code, ran.err) == (0, "")
    return ran


async def present(plan: Plan, home: House, origin: Origin) -> None:
    """Both secrets for one origin, and a gateway that knows of them."""
    where = origin.url("").rstrip("/")
    await told(plan, home, where, given=f"{TOKEN}\n")
    await told(plan, home, where, "--header", KEY[0], given=f"{APP_KEY}\n")
    probe = origin.page("/known", Page(PHOTO, wants=(BEARER, KEY)))

    async def known() -> bool:
        return "Success" in await home.post(request(slide(probe)))

    await until(known, 20, "the gateway to know of the secrets")


async def add_stranger(home: House) -> None:
    settings = {"postback_url": home.customer.url}
    new = NewAccount("acct-2", "stranger", settings, ["24680"], digest(home.settings, STRANGER), False, 0)
    await home.database.write(lambda c: add_account(c, new))


async def test_a_secret_reaches_its_own_origin_alone(plan: Plan) -> None:
    async with house(plan) as home, Origin() as other:
        mine = home.origin
        photo = mine.page("/photo.jpg", Page(PHOTO, wants=(BEARER, KEY)))
        assert REFUSED in await home.post(request(slide(photo))), "nothing is presented yet"
        await present(plan, home, mine)
        tracking = await home.send(slide(photo))
        await home.until_told(tracking, "N101", "N102")
        pictures = [part for part in (await arrived(home, 1))["parts"] if part["type"] == "image/jpeg"]
        assert len(pictures) == 1

        await add_stranger(home)
        assert REFUSED in await home.post(request(slide(photo), API_KEY=STRANGER)), "another account's"
        open_photo = other.page("/photo.jpg", Page(PHOTO))
        await home.send(slide(open_photo))
        assert presented(other.requests) == [("/photo.jpg", None, None)], "another port of the same host"

        await told(plan, home, mine.url("").rstrip("/"), "--remove")

        async def forgotten() -> bool:
            return REFUSED in await home.post(request(slide(photo)))

        await until(forgotten, 20, "the gateway to present nothing any more, nor answer from its cache")
        exchanges: Any = await home.exchanges(tracking)
    assert TOKEN not in str(exchanges)


async def test_a_redirect_leaves_the_secret_behind(plan: Plan) -> None:
    async with house(plan) as home, Origin() as other:
        mine = home.origin
        await present(plan, home, mine)
        mine.raw.requests.clear()
        away = mine.page("/away", Page.redirect("/still-here"))
        mine.page("/still-here", Page.redirect(other.url("/there")))
        other.page("/there", Page(PHOTO))
        await home.until_told(await home.send(slide(away)), "N101", "N102")
        back = mine.page("/back", Page.redirect(other.url("/hop")))
        other.page("/hop", Page.redirect(mine.url("/photo.jpg")))
        mine.page("/photo.jpg", Page(PHOTO, wants=(BEARER, KEY)))
        assert REFUSED in await home.post(request(slide(back))), "who sent us back chose where"
        both = (BEARER[1], KEY[1])
        assert presented(mine.requests) == [
            ("/away", *both),
            ("/still-here", *both),
            ("/back", *both),
            ("/photo.jpg", None, None),
        ]
        assert presented(other.requests) == [("/there", None, None), ("/hop", None, None)]


async def test_a_proxy_is_asked_for_everything_and_changes_nothing_of_that(plan: Plan) -> None:
    async with Proxy() as proxy, Origin() as other:
        plan.settings = {"fetch": {"proxy": proxy.url.rstrip("/")}}
        async with house(plan) as home:
            mine = home.origin
            await present(plan, home, mine)
            mine.raw.requests.clear()
            proxy.asked.clear()
            other.page("/there", Page(PHOTO))
            away = mine.page("/away", Page.redirect(other.url("/there")))
            await home.until_told(await home.send(slide(away)), "N101", "N102")
            assert presented(mine.requests) == [("/away", BEARER[1], KEY[1])]
            assert presented(other.requests) == [("/there", None, None)]
            assert presented(proxy.asked) == [(away, BEARER[1], KEY[1]), (other.url("/there"), None, None)]
