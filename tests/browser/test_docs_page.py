"""/docs as a browser shows it: small and large, light and dark, with nothing from outside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.browser.kit import a_browser, save_picture, violations
from tests.story.house import House, Plan, house

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as opened:
        yield opened


@pytest.fixture
async def home(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with house(Plan(database_url, tmp_path)) as home:
        yield home


async def test_the_page_looks_right_and_asks_for_nothing_else(home: House, browser: Browser) -> None:
    for width in (320, 1280):
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
            )
            page = await context.new_page()
            asked: list[str] = []
            complaints: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))  # type: ignore[misc]  # its default
            page.on("console", lambda message, told=complaints: told.append(message.text))  # type: ignore[misc]  # likewise
            await page.goto(f"{home.admin}/docs", wait_until="networkidle")
            await save_picture(page, f"docs-{width}-{scheme}")
            assert (asked, complaints) == ([f"{home.admin}/docs"], [])
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await page.get_by_role("link", name="sendmms", exact=True).count() == 1
            await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_read_it(home: House, browser: Browser, scheme: str) -> None:
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True)
    page = await context.new_page()
    await page.goto(f"{home.admin}/docs")
    assert await violations(page) == []
    await context.close()
