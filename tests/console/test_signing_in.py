"""Who comes in, how, for how long, and what is told to everybody else."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import an_id
from tests.console.kit import KEYS, MINE, PASSWORD, THEIRS, TOKEN, USER, Office, office

from slidewire.domain.audit import By
from slidewire.store import sessions
from slidewire.store.accounts import remove_password, set_disabled
from slidewire.store.database import Database
from slidewire.store.schema import sessions as table

MINUTE = 60_000


async def kept(desk: Office) -> list[Any]:
    def read(connection: Connection) -> list[Any]:
        return [tuple(row) for row in connection.execute(table.select())]

    return await desk.database.read(read)


@pytest.mark.parametrize(
    ("user", "word", "name"),
    [
        pytest.param("", KEYS[MINE], "Account 1", id="a key"),
        pytest.param(USER, PASSWORD, "Account 1", id="user and password"),
        pytest.param("", TOKEN, "Admin", id="the admin's token"),
    ],
)
async def test_comes_in_and_goes_out(desk: Office, user: str, word: str, name: str) -> None:
    browser = desk.browser()
    answer = await browser.sign_in(word, user)
    assert (answer.status, answer.place) == (303, "/console/")
    came, form = answer.cookies
    assert came.partition("=")[2][43:] == "; HttpOnly; SameSite=Strict; Path=/console/"
    assert form == "slidewire-form=; HttpOnly; SameSite=Strict; Path=/console/; Max-Age=0"
    page = await browser.get("/console/")
    assert (page.status, f"<bdi>{name}</bdi></span>" in page.text) == (200, True)
    token = browser.cookies["slidewire-console"]
    assert all(token not in str(row) and word not in str(row) for row in await kept(desk))
    stolen = dict(browser.cookies)
    assert (await browser.post("/console/sign-out")).place == "/console/sign-in?out=1"
    assert browser.cookies == {}
    thief = desk.browser(cookies=stolen)
    assert (await thief.get("/console/")).place == "/console/sign-in"
    assert await kept(desk) == []


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param({"blocked": "on"}, id="a blocked account"),
        pytest.param({"api_on": "off"}, id="one whose API is off"),
        pytest.param({"addresses": "198.51.100.0/24"}, id="from an address that may not call"),
    ],
)
async def test_who_may_not_call_may_neither_come_nor_stay(desk: Office, setting: dict[str, str]) -> None:
    before = await desk.owner()
    await desk.set(MINE, **setting)
    assert (await desk.browser().sign_in(KEYS[MINE])).status == 401
    assert (await before.get("/console/")).place == "/console/sign-in"


async def test_a_session_ends_when_nobody_is_there(desk: Office) -> None:
    browser = await desk.owner()
    for _ in range(3):
        desk.clock.advance(29 * MINUTE)
        assert (await browser.get("/console/")).status == 200
    desk.clock.advance(30 * MINUTE)
    assert (await browser.get("/console/batches")).place == "/console/sign-in?next=batches"


async def test_a_page_that_keeps_itself_up_to_date_is_nobody(desk: Office) -> None:
    browser = await desk.owner()
    for _ in range(2):
        desk.clock.advance(14 * MINUTE)
        assert (await browser.get("/console/", slidewire_live="1")).status == 200
    desk.clock.advance(2 * MINUTE)
    assert (await browser.get("/console/", slidewire_live="1")).status == 303


async def test_a_session_ends_after_its_longest_time(desk: Office) -> None:
    browser = await desk.owner()
    for _ in range(25):
        assert (await browser.get("/console/")).status == 200
        desk.clock.advance(29 * MINUTE)
    assert (await browser.get("/console/")).status == 303


async def test_a_session_ends_with_its_key(desk: Office) -> None:
    browser, other = await desk.owner(), await desk.owner(THEIRS)
    await desk.database.write(
        lambda c: c.exec_driver_sql(f"UPDATE keys SET expires_at = 1 WHERE account_id = '{MINE}'")
    )
    assert (await browser.get("/console/")).status == 303
    assert (await other.get("/console/")).status == 200


async def test_a_session_ends_with_its_password(desk: Office) -> None:
    browser, by_key = desk.browser(), await desk.owner()
    await browser.sign_in(PASSWORD, USER)
    assert (await browser.get("/console/")).status == 200
    await desk.database.write(lambda c: remove_password(c, MINE, By("a test", 1, an_id())))
    assert (await browser.get("/console/")).status == 303
    assert (await by_key.get("/console/")).status == 200


async def test_a_session_ends_with_its_account(desk: Office) -> None:
    browser = await desk.owner()
    await desk.database.write(lambda c: set_disabled(c, MINE, By("a test", 1, an_id()), disabled=True))
    await desk.directory._look()
    assert (await browser.get("/console/")).status == 303


async def test_a_session_outlives_a_restart_and_an_admins_ends_with_the_token(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as first:
        owner, admin = await first.owner(), await first.admin()
    async with office_again(database, tmp_path) as second:
        for browser in (owner, admin):
            browser.app = second.app
            assert (await browser.get("/console/")).status == 200
    async with office_again(database, tmp_path, admin_token="another-token-that-nobody-guesses") as third:
        owner.app = admin.app = third.app
        assert [(await each.get("/console/")).status for each in (owner, admin)] == [200, 303]
    async with office_again(database, tmp_path, admin_token="") as fourth:
        admin.app = fourth.app
        assert (await admin.get("/console/")).status == 303
        assert (await fourth.browser().sign_in(TOKEN)).status == 401


def office_again(database: Database, folder: Path, **settings: Any) -> Any:
    return office(database, folder, again=True, **settings)


async def test_a_session_outlives_a_change_of_the_server_key(desk: Office) -> None:
    owner, admin = await desk.owner(), await desk.admin()
    desk.keys.insert(0, b"the next server key for tests")
    assert [(await each.get("/console/")).status for each in (owner, admin)] == [200, 200]
    fresh = await desk.owner()  # whose key is kept under the present server key by that
    assert (await fresh.get("/console/")).status == 200


async def test_one_account_has_so_many_sessions_and_no_more(desk: Office) -> None:
    first, other = await desk.owner(), await desk.owner(THEIRS)
    for _ in range(sessions.MOST):
        desk.clock.advance(1)
        await desk.owner()
    assert len(await kept(desk)) == sessions.MOST + 1
    assert [(await each.get("/console/")).status for each in (first, other)] == [303, 200]


async def test_signing_in_again_ends_the_former_session(desk: Office) -> None:
    browser = await desk.owner()
    former = dict(browser.cookies)
    browser.cookies["slidewire-form"] = "".join(browser.cookies.values())
    again = await browser.post("/console/sign-in", {"word": TOKEN})
    assert again.status == 303
    assert browser.cookies["slidewire-console"] != former["slidewire-console"]
    assert (await desk.browser(cookies=former).get("/console/")).status == 303


async def test_old_sessions_are_forgotten(desk: Office) -> None:
    await desk.owner()
    now = desk.clock()
    assert await desk.database.write(lambda c: sessions.forget_sessions(c, now, 10)) == 0
    assert await desk.database.write(lambda c: sessions.forget_sessions(c, now + 1, 10)) == 1
    assert await kept(desk) == []
