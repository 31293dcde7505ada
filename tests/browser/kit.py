"""A real browser for tests of what people see, and axe-core to judge it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from tests.programs import missing

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
#: Where screenshots are put for whoever wants to look; never committed.
PICTURES = Path(__file__).parents[2] / "test-artefacts" / "pages"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        missing("Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            await browser.close()


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, by rule and place. The page must have been opened with ``bypass_csp``."""
    if not AXE.exists():
        missing("axe-core")
    await page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in result["violations"]
        for node in each["nodes"]
    ]


async def save_picture(page: Page, name: str) -> Path:
    """A screenshot of the whole page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    await page.screenshot(path=path, full_page=True)
    return path
