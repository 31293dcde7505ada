"""The fallback page as a browser shows it: every kind of part, small and large, light and dark."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response
from tests.browser.kit import a_browser, save_picture, violations
from tests.builders import DAY, a_message
from tests.content.makers import ICAL, VCARD, animated, animation, mp3, mp4, pdf, photo, saved, screenshot
from tests.pages.kit import PHONE, PageHouse, page_house

from slidewire.domain.message import Kind, Slide
from slidewire.store.database import Database, open_database

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

WIDTHS = (320, 768, 1280)
ARABIC = "مرحبا بكم في متجرنا!\nخصم 20% على كل شيء حتى يوم الأحد.\nVisit us: https://shop.example/sale"
HEBREW = "שלום! הזמנה שלך מספר 12345 בדרך אליך."
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


@dataclass
class Seen:
    """One page as it was shown, with what it asked for and what the browser had to say."""

    page: Page
    requests: list[str]
    statuses: dict[str, int]
    complaints: list[str]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as opened:
        yield opened


@pytest.fixture
async def pages(database_url: str, tmp_path: Path) -> AsyncIterator[PageHouse]:
    database: Database = open_database(database_url)
    async with page_house(database, tmp_path) as house:
        yield house
    await database.close()


async def every_kind(pages: PageHouse) -> str:
    """The token of a page with every kind of part and of text."""
    jpeg = await pages.part(Kind.IMAGE, saved(photo(1600, 1200)), "image/jpeg", width=1600, height=1200)
    tall = await pages.part(Kind.IMAGE, saved(screenshot(600, 1300), "PNG"), "image/png", width=600, height=1300)
    moving = await pages.part(Kind.IMAGE, animated(animation(5)), "image/gif", width=96, height=72, frames=5)
    sound = await pages.part(Kind.AUDIO, mp3(400), "audio/mpeg")
    film = await pages.part(Kind.VIDEO, mp4(), "video/mp4")
    objects = [
        await pages.part(Kind.VCARD, VCARD, "text/vcard"),
        await pages.part(Kind.ICAL, ICAL, "text/calendar"),
        await pages.part(Kind.PDF, pdf(), "application/pdf"),
    ]
    slides = (
        Slide(text="Our summer sale starts today.\n\nShow this message at the till.", parts=(jpeg,)),
        Slide(text=ARABIC, parts=(tall, sound)),
        Slide(text="Watch the film", parts=(film,)),
        Slide(text=HEBREW, parts=(moving,)),
        *(Slide(text="Keep it on your phone." if n else "", parts=(part,)) for n, part in enumerate(objects)),
        Slide(text=LONG_WORD),
        Slide(parts=(await pages.part(Kind.AUDIO, mp3(100), "audio/mpeg"),)),
    )
    now = pages.clock.now
    subject = "Summer sale: everything a fifth off, until Sunday night"
    message = a_message(
        slides=slides, subject=subject, mask="Acme Shop", accepted_at=now, link_expires_at=now + 30 * DAY
    )
    return await pages.publish(message)


async def look(
    browser: Browser, address: str, width: int = 320, scheme: str = "light", *, bypass_csp: bool = False
) -> Seen:
    """Open ``address`` as a phone or a desktop of this width does, and wait until all of it is there."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=bypass_csp,
        user_agent=PHONE,
    )
    page = await context.new_page()
    seen = Seen(page, [], {}, [])

    def asked(request: Request) -> None:
        seen.requests.append(request.url)

    def answered(response: Response) -> None:
        seen.statuses[response.url.rpartition("/")[2]] = response.status

    def complained(message: ConsoleMessage) -> None:
        seen.complaints.append(message.text)

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", complained)
    await page.goto(address, wait_until="networkidle")
    return seen


async def until_drawn(page: Page, count: int) -> None:
    """Scroll through the page until all of its images are there: browsers that may be lazy are."""
    images = await page.get_by_role("img").all()
    assert len(images) == count
    for image in images:
        await image.scroll_into_view_if_needed()
    drawn = "Array.from(document.images).every(image => image.complete && image.naturalWidth > 0)"
    await page.wait_for_function(drawn, timeout=20_000)


def address_of(pages: PageHouse, token: str) -> str:
    return f"http://{pages.address[0]}:{pages.address[1]}/m/{token}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_looks_right_and_reads_well(pages: PageHouse, browser: Browser, width: int, scheme: str) -> None:
    address = address_of(pages, await every_kind(pages))
    shown = await look(browser, address, width, scheme)
    await save_picture(shown.page, f"every-kind-{width}-{scheme}")
    assert {name: status for name, status in shown.statuses.items() if status not in {200, 206}} == {}
    assert shown.complaints == []
    assert [
        url for url in shown.requests if not url.startswith((address, f"{address.rpartition('/')[0]}/icon.svg"))
    ] == []
    judged = await look(browser, address, width, scheme, bypass_csp=True)
    assert await violations(judged.page) == []
    fits = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    assert await judged.page.evaluate(fits) == [width, width]
    await until_drawn(judged.page, 3)


async def test_a_small_screen_takes_a_small_image(pages: PageHouse, browser: Browser) -> None:
    shown = await look(browser, address_of(pages, await every_kind(pages)), 320)
    asked = sorted(url.rpartition("/")[2] for url in shown.requests if "-image-" in url)
    assert asked == ["1-image-320", "2-image-320", "4-image-96"]


async def test_sound_is_played_in_ranges_under_the_real_policy(pages: PageHouse, browser: Browser) -> None:
    address = address_of(pages, await every_kind(pages))
    seen = await look(browser, address)
    assert seen.statuses["2-audio.mp3"] == 206
    judged = await look(browser, address, bypass_csp=True)
    known = "Array.from(document.querySelectorAll('audio'), each => each.readyState >= 1 && each.duration > 1)"
    assert await judged.page.evaluate(known) == [True, True]


async def test_each_text_runs_in_its_own_direction(pages: PageHouse, browser: Browser) -> None:
    seen = await look(browser, address_of(pages, await every_kind(pages)), bypass_csp=True)
    directions = "Array.from(document.querySelectorAll('.text'), each => getComputedStyle(each).direction)"
    assert await seen.page.evaluate(directions) == ["ltr", "rtl", "ltr", "rtl", "ltr", "ltr", "ltr"]


async def test_headings_and_names_are_there_for_those_who_listen(pages: PageHouse, browser: Browser) -> None:
    seen = await look(browser, address_of(pages, await every_kind(pages)))
    page = seen.page
    assert await page.get_by_role("heading", level=1).count() == 1
    assert await page.get_by_role("heading", level=2).all_inner_texts() == [f"Slide {n} of 9" for n in range(1, 10)]
    names = [await image.get_attribute("alt") for image in await page.get_by_role("img").all()]
    assert names == ["Picture of slide 1", "Picture of slide 2", "Picture of slide 4"]
    assert await page.get_by_role("link", name="Contact card").count() == 1


@pytest.mark.parametrize("kind", ["vcard", "ical", "pdf"])
async def test_objects_are_saved_and_not_opened(pages: PageHouse, browser: Browser, kind: str) -> None:
    seen = await look(browser, address_of(pages, await every_kind(pages)))
    async with seen.page.expect_download() as waiting:
        await seen.page.locator(f".file.{kind}").click()
    saved_as = (await waiting.value).suggested_filename
    assert saved_as == {"vcard": "contact-5.vcf", "ical": "event-6.ics", "pdf": "document-7.pdf"}[kind]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_of_an_ended_link_looks_right(pages: PageHouse, browser: Browser, scheme: str) -> None:
    token = await pages.publish()
    await pages.revoke(token)
    seen = await look(browser, address_of(pages, token), 320, scheme, bypass_csp=True)
    await save_picture(seen.page, f"ended-320-{scheme}")
    assert await violations(seen.page) == []


async def test_one_slide_of_text_looks_right(pages: PageHouse, browser: Browser) -> None:
    now = pages.clock.now
    message = a_message(
        slides=(Slide(text="See you at eight."),), subject="", accepted_at=now, link_expires_at=now + DAY
    )
    seen = await look(browser, address_of(pages, await pages.publish(message)), 320)
    await save_picture(seen.page, "one-text-320-light")
    assert seen.complaints == []
