"""Who comes in, how, for how long, and what is told to everybody else."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import an_id
from tests.console.kit import KEPT_TO_ITSELF, KEYS, MINE, PASSWORD, THEIRS, TOKEN, USER, Office, office

from slidewire.domain.audit import By
from slidewire.store import sessions
from slidewire.store.accounts import remove_password, set_disabled
from slidewire.store.database import Database
from slidewire.store.schema import sessions as table

MINUTE = 60_000
#: Every page that there is, for things of one account.
PAGES = ("", "accounts/acct-1", "batches", "batches/{batch}", "messages", "endpoints")


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
    ("user", "word"),
    [
        pytest.param("", "k3yOfNobody", id="an unknown key"),
        pytest.param(USER, "wrong", id="a wrong password"),
        pytest.param("nobody", PASSWORD, id="an unknown user"),
        pytest.param(USER, KEYS[MINE], id="a key with a user name"),
        pytest.param("", PASSWORD, id="a password without its user"),
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 300, "\u00e9" * 2000, id="much"),
    ],
)
async def test_everything_else_gets_the_form_again(desk: Office, user: str, word: str) -> None:
    browser = desk.browser()
    answer = await browser.sign_in(word, user)
    assert (answer.status, answer.header("www-authenticate")) == (401, 'Form realm="slidewire"')
    assert 'role="alert"' in answer.text
    assert "slidewire-console" not in browser.cookies
    assert not word or word not in answer.text


async def test_too_many_wrong_tries_lock_the_address_and_not_who_was_right_there(desk: Office) -> None:
    known = await desk.owner()
    stranger = desk.browser()
    for _ in range(50):
        assert (await stranger.sign_in("wrong")).status == 401
    locked = await stranger.sign_in(KEYS[THEIRS])
    assert (locked.status, locked.header("retry-after") != "") == (429, True)
    assert (await stranger.sign_in(TOKEN)).status == 429
    assert (await stranger.sign_in(KEYS[MINE])).status == 303
    assert (await desk.browser(address="192.0.2.8").sign_in(KEYS[THEIRS])).status == 303
    assert (await known.get("/console/")).status == 200


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


@pytest.mark.parametrize("page", PAGES)
async def test_who_is_not_signed_in_is_led_to_the_form_and_then_back(desk: Office, page: str) -> None:
    browser = desk.browser()
    path = page.replace("{batch}", "0192f3c0e5b07c3a9d1f2b3c4d5e6f70")
    led = await browser.get(f"/console/{path}")
    assert (led.status, led.text) == (303, "")
    assert led.place == "/console/sign-in" + (f"?next={path}" if path else "")
    await browser.get(led.place)
    answer = await browser.post("/console/sign-in", {"word": TOKEN, "next": path})
    assert answer.place == f"/console/{path}"


@pytest.mark.parametrize(
    "there",
    [
        "//evil.example",
        "https://evil.example",
        "/evil",
        "a/../../x",
        "sign-out",
        "javascript:alert(1)",
        "a\r\nb",
        "%2f",
    ],
)
async def test_nobody_is_led_elsewhere(desk: Office, there: str) -> None:
    answer = await desk.browser().sign_in(TOKEN, next=there)
    assert answer.place == "/console/"


async def test_who_is_signed_in_needs_no_form(desk: Office) -> None:
    browser = await desk.owner()
    assert (await browser.get("/console/sign-in?next=batches")).place == "/console/batches"


async def test_every_answer_keeps_itself_to_itself(desk: Office) -> None:
    browser = await desk.owner()
    stranger = desk.browser()
    answers = [
        await browser.get("/console/"),
        await browser.get("/console/nothing"),
        await browser.get("/console/static/nothing"),
        await browser.ask("PUT", "/console/batches"),
        await browser.ask("POST", "/console/batches", content_type="text/plain"),
        await stranger.get("/console/sign-in"),
        await stranger.get("/console"),
        await stranger.post("/console/endpoints/acct-1/turn-on"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 404, 405, 415, 200, 303, 403]
    for answer in answers:
        told = {name: answer.header(name) for name in KEPT_TO_ITSELF}
        assert told == KEPT_TO_ITSELF
        assert answer.header("cache-control") == "no-store"
        names = [name for name, _ in answer.headers if name != "set-cookie"]
        assert len(names) == len(set(names))


async def test_what_every_page_needs_may_be_kept(desk: Office) -> None:
    browser = desk.browser()
    page = await browser.get("/console/sign-in")
    for name, kind in (("console.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")):
        address = page.text.split(f'href="/console/static/{name}')[1].split('"')[0]
        file = await browser.get(f"/console/static/{name}{address}")
        assert (file.status, file.header("content-type")) == (200, kind)
        assert file.header("cache-control") == "private, max-age=604800, immutable"
        assert {name: file.header(name) for name in KEPT_TO_ITSELF} == KEPT_TO_ITSELF
    assert (await browser.get("/console/static/live.js")).status == 200
    assert (await browser.get("/console/static/..%2Fapp.py")).status == 404


async def test_https_has_cookies_that_no_other_host_can_set(database: Database, tmp_path: Path) -> None:
    async with office(database, tmp_path, console_url="https://console.example.net") as desk:
        browser = desk.browser()
        page = await browser.get("/console/sign-in", host="console.example.net")
        assert page.cookies[0].startswith("__Host-slidewire-form=")
        browser.word = page.word
        body = {"word": TOKEN}
        answer = await browser.post("/console/sign-in", body, host="console.example.net")
        assert answer.cookies[0].endswith("; HttpOnly; SameSite=Strict; Path=/; Secure")
        assert (await browser.get("/console/", host="console.example.net")).status == 200


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        pytest.param("console.example.net", "/console/sign-in", 200, id="the console under its own"),
        pytest.param("CONSOLE.example.net:443", "/console/sign-in", 200, id="in capitals, with the port"),
        pytest.param("console.example.net", "/", 303, id="its first page"),
        pytest.param("console.example.net", "/admin/v1/", 404, id="provisioning under the console's"),
        pytest.param("console.example.net", "/docs", 404, id="docs under the console's"),
        pytest.param("console.example.net", "/healthz", 200, id="health under the console's"),
        pytest.param("127.0.0.1:8081", "/console/sign-in", 404, id="the console under another"),
        pytest.param("evil.example", "/console/", 404, id="the console under a stranger's"),
        pytest.param("127.0.0.1:8081", "/docs", 200, id="docs under another"),
    ],
)
async def test_a_host_of_its_own(database: Database, tmp_path: Path, host: str, path: str, status: int) -> None:
    async with office(database, tmp_path, console_url="https://console.example.net") as desk:
        assert (await desk.browser().get(path, host=host)).status == status


async def test_the_apis_own_host_is_shared(database: Database, tmp_path: Path) -> None:
    shared = {"console_url": "https://mms.example.net", "public_url": "https://mms.example.net/"}
    async with office(database, tmp_path, **shared) as desk:
        assert (await desk.browser().get("/console/sign-in", host="anything")).status == 200


async def test_a_proxy_of_ours_names_caller_and_scheme(database: Database, tmp_path: Path) -> None:
    async with office(database, tmp_path, trusted_proxies=("192.0.2.7",)) as desk:
        await desk.set(MINE, addresses="198.51.100.0/24")
        browser = desk.browser()
        told = {"x_forwarded_for": "198.51.100.9", "x_forwarded_proto": "https"}
        browser.word = (await browser.get("/console/sign-in", **told)).word
        assert "__Host-slidewire-form" in browser.cookies
        assert (await browser.post("/console/sign-in", {"word": KEYS[MINE]}, **told)).status == 303
        assert (await desk.browser().sign_in(KEYS[MINE])).status == 401
