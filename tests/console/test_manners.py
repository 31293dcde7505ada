"""How the console behaves towards browsers and strangers, whatever database is behind it."""

from pathlib import Path

import pytest
from tests.console.kit import KEPT_TO_ITSELF, KEYS, MINE, PAGES, PASSWORD, THEIRS, TOKEN, USER, Office, office

from slidewire.store.database import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    assert answers[3].header("allow") == "GET, HEAD"
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
