"""What belongs to another account is not there, on any page and behind any button; and what words may hold."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection, update
from tests.console.kit import MINE, THEIRS, Browser, Office

from slidewire.console.sitemap import VIEWS, View
from slidewire.store import schema
from slidewire.store.accounts import raise_version

NASTY = "<script>alert(1)</script>\"'&{{7*7}}"
Make = Callable[[Office, str], Awaitable[str]]


async def the_account(desk: Office, account: str) -> str:
    return account


async def a_batch(desk: Office, account: str) -> str:
    return (await desk.batch(account)).id


async def a_message(desk: Office, account: str) -> str:
    await desk.set(account, postback_url="https://a.example.net/")
    return (await desk.given_up(account)).id


#: What stands in braces of a view's path -> how one of an account is made, and what its id is.
THINGS: dict[str, Make] = {"{account}": the_account, "{batch}": a_batch, "{message}": a_message}
#: Routes are nobody's but the admins' (test_overview.py).
OF_ONE = [view for view in VIEWS if "{" in view.path and "{route}" not in view.path]


async def ask(browser: Browser, method: str, path: str) -> int:
    answer = await (browser.post(path) if method == "POST" else browser.get(path))
    return answer.status


@pytest.mark.parametrize("view", OF_ONE, ids=lambda view: f"{view.method} {view.path}")
async def test_what_is_anothers_is_not_there(desk: Office, view: View) -> None:
    if "endpoints" in view.path:
        await desk.turned_off(THEIRS)
    name = next(name for name in THINGS if name in view.path)
    below = view.path.replace("{slide}", "1-1")
    path = f"/console/{below.replace(name, await THINGS[name](desk, THEIRS))}"
    mine, theirs, admin = await desk.owner(MINE), await desk.owner(THEIRS), await desk.admin()
    good = 303 if view.method == "POST" else 200
    assert await ask(mine, view.method, path) == 404
    assert [await ask(each, view.method, path) for each in (theirs, admin)] == [good, good]
    nowhere = f"/console/{below.replace(name, 'nobody')}"
    assert [await ask(each, view.method, nowhere) for each in (mine, theirs, admin)] == [404, 404, 404]
    missing, anothers = await mine.get(nowhere), await mine.get(path)
    assert view.method == "POST" or missing.text == anothers.text


NOWHERE = [
    "batches/%00",
    "batches/%FF%FE",
    "batches/" + "a" * 5000,
    "batches/%2e%2e",
    "accounts/%3Cscript%3E",
    "a/b/c/d/e/f/g",
]


async def test_what_cannot_be_is_not_there(desk: Office) -> None:
    for browser in (await desk.owner(), await desk.admin()):
        for path in NOWHERE:
            answer = await browser.get(f"/console/{path}")
            assert (path, answer.status) == (path, 404)
            assert "<script>" not in answer.text


QUERIES = ["before=%00", "before=%F0%9F%98%80", "before=" + "a" * 3000, "%", "a=1&a=2", "after='\"", "page=9999999999"]


async def test_no_query_breaks_a_page(desk: Office) -> None:
    for browser in (await desk.owner(), await desk.admin()):
        for path in ("", f"accounts/{MINE}", "batches", "endpoints", "messages"):
            for query in QUERIES:
                answer = await browser.get(f"/console/{path}?{query}")
                assert (query, answer.status in {200, 400, 422}) == (query, True)


async def test_words_of_customers_are_words(desk: Office) -> None:
    await desk.set(MINE, stop_text=NASTY, postback_url="https://a.example.net/?<script>alert(1)</script>")

    def rename(connection: Connection) -> None:
        connection.execute(update(schema.accounts).values(name=NASTY))
        connection.execute(update(schema.keys).values(name=NASTY))
        raise_version(connection)

    await desk.database.write(rename)
    await desk.directory._look()
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;{{7*7}}"
    for browser in (await desk.owner(), await desk.admin()):
        for path in ("", f"accounts/{MINE}", "batches", "endpoints"):
            page = await browser.get(f"/console/{path}")
            assert page.status == 200
            assert "<script>alert" not in page.text
            assert escaped in page.text or path != f"accounts/{MINE}"


async def test_no_secret_is_shown(desk: Office) -> None:
    await desk.set(
        MINE,
        postback_secret="sealed-and-secret",
        postback_url="https://user:pass-word@a.example.net/p?token=hidden-token",
    )
    for browser in (await desk.owner(), await desk.admin()):
        for path in (f"accounts/{MINE}", "endpoints"):
            text = (await browser.get(f"/console/{path}")).text
            assert [word for word in ("sealed-and-secret", "pass-word", "hidden-token") if word in text] == []


async def test_a_list_of_accounts_is_for_admins(desk: Office) -> None:
    admin, owner = await desk.admin(), await desk.owner()
    page = await admin.get("/console/accounts")
    assert ("Account 1" in page.text, "Account 2" in page.text) == (True, True)
    assert (await owner.get("/console/accounts")).status == 404
    page = await owner.get("/console/")
    assert ("Account 1" in page.text, "Account 2" in page.text) == (True, False)
