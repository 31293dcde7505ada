"""The console as a browser shows it: every page, small and large, light and dark, with the keyboard, with axe-core."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from tests.browser.kit import a_browser, save_picture, violations
from tests.builders import a_slide
from tests.console.kit import KEYS, MINE, TOKEN, Office, Served, served_office
from tests.console.test_batches import messages
from tests.console.test_messages import lived

from slidewire.domain.batches import Batch, RefusedReceiver
from slidewire.domain.status import Status
from slidewire.store.database import Database, open_database

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as opened:
        yield opened


@pytest.fixture
async def served(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    database: Database = open_database(database_url)
    async with served_office(database, tmp_path) as opened:
        yield opened
    await database.close()


async def signed_in(context: BrowserContext, served: Served, word: str) -> Page:
    """By the keyboard alone."""
    page = await context.new_page()
    await page.goto(f"{served.url}/console/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type(word)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Sign out").wait_for()
    return page


async def a_batch(office: Office) -> Batch:
    """One that is under way, with something of everything."""
    batch = await office.batch(total=40)
    statuses = [Status.DELIVERED] * 14 + [Status.SUBMITTED] * 6 + [Status.ACCEPTED] * 5 + [Status.FAILED] * 3
    refused = [
        RefusedReceiver("4155550", "E110", "Bad receiver."),
        RefusedReceiver("+14155550100", "E714", "Receiver is not subscribed to campaign spring-2026."),
    ]
    await office.expanded(batch, messages(MINE, *statuses), refused)
    return batch


async def furnished(office: Office, *, is_admin: bool) -> list[str]:
    """Something for every page to show; the pages."""
    batch = await a_batch(office)
    over = await office.batch(total=2)
    await office.expanded(over, messages(MINE, Status.DELIVERED, Status.DELIVERED), [])
    sale = "Everything a fifth off until Sunday night.\n\nShow this message at the till."
    slides = (a_slide(text=sale), a_slide(parts=(), text="See you soon."))
    shop = await office.message(subject="Summer sale", client_reference="order-4711", slides=slides, mask="Acme Shop")
    await lived(office, shop, parked=True)
    await office.given_up()
    await office.message(receiver="447700900123", status=Status.DELIVERED, subject="مرحبا بكم")
    await office.turned_off()
    of_both = ["", f"messages/{shop.id}", f"batches/{batch.id}", "endpoints"]
    of_one = ["accounts", f"accounts/{MINE}", "messages", "batches"] if is_admin else [f"batches/{over.id}", "sign-in"]
    return [*of_both, *of_one]


@pytest.mark.parametrize(
    ("word", "scheme"),
    [pytest.param(KEYS[MINE], "light", id="an owner, light"), pytest.param(TOKEN, "dark", id="an admin, dark")],
)
async def test_every_page_looks_right_and_everybody_can_read_it(
    served: Served, browser: Browser, word: str, scheme: str
) -> None:
    pages = await furnished(served.office, is_admin=word == TOKEN)
    who = "admin" if word == TOKEN else "owner"
    color_scheme = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(color_scheme=color_scheme, bypass_csp=True)  # type: ignore[arg-type]  # of two words
    page = await signed_in(context, served, word)
    for path in pages:
        if path == "sign-in":
            await context.clear_cookies()
        for width in (375, 1280):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.goto(f"{served.url}/console/{path}")
            name = path.partition("/")[0] + ("-one" if "/" in path else "") or "start"
            await save_picture(page, f"console-{who}-{name}-{width}-{scheme}")
            assert await page.evaluate(FITS), f"{path} at {width}"
        assert (path, await violations(page)) == (path, [])
    await context.close()


async def test_a_page_asks_for_nothing_from_elsewhere_and_the_browser_has_nothing_to_say(
    served: Served, browser: Browser
) -> None:
    pages = await furnished(served.office, is_admin=True)
    context = await browser.new_context()
    page = await signed_in(context, served, TOKEN)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path in pages:
        await page.goto(f"{served.url}/console/{path}")
    assert [url for url in asked if not url.startswith(f"{served.url}/console/")] == []
    assert complaints == []
    await context.close()


async def test_a_batch_is_followed_with_a_script_and_without(served: Served, browser: Browser) -> None:
    batch = await a_batch(served.office)
    for scripts in (True, False):
        context = await browser.new_context(java_script_enabled=scripts)
        page = await signed_in(context, served, KEYS[MINE])
        await page.goto(f"{served.url}/console/batches/{batch.id}")
        await page.get_by_text("48 % finished").wait_for()
        if not scripts:
            await served.office.database.write(
                lambda c: c.exec_driver_sql("UPDATE messages SET status = 'delivered'").close()
            )
            await page.get_by_role("link", name="Refresh").click()
            await page.get_by_text("75 % finished").wait_for()
        else:
            await served.office.database.write(
                lambda c: c.exec_driver_sql("UPDATE messages SET status = 'failed' WHERE status = 'accepted'").close()
            )
            await page.get_by_text("60 % finished").wait_for(timeout=10_000)
            await served.office.database.write(
                lambda c: c.exec_driver_sql(
                    "UPDATE messages SET status = 'accepted' WHERE status = 'failed' AND id IN"
                    " (SELECT id FROM messages WHERE status = 'failed' ORDER BY id DESC LIMIT 5)"
                ).close()
            )
        await context.close()


async def test_an_address_is_turned_on_by_its_owner(served: Served, browser: Browser) -> None:
    await served.office.turned_off()
    context = await browser.new_context()
    page = await signed_in(context, served, KEYS[MINE])
    notice = page.get_by_role("region", name="Notice")
    await notice.get_by_role("link").click()
    await page.get_by_role("button", name="Turn on only").click()
    await page.get_by_text("Postbacks go out again.").wait_for()
    assert await notice.count() == 0
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_text("You are signed out.").wait_for()
    await context.close()
