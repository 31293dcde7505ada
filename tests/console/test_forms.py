"""What is posted is believed only from a form of ours, of this very session."""

import pytest
from tests.console.kit import HOST, KEYS, MINE, THEIRS, Office

from slidewire.store.endpoints import failing_endpoints

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FORM = "application/x-www-form-urlencoded"
TURN_ON = f"/console/endpoints/{MINE}/turn-on"


async def still_off(desk: Office) -> bool:
    return MINE in await desk.database.read(failing_endpoints)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(b"", {}, 403, id="no word"),
        pytest.param(b"form=", {}, 403, id="an empty word"),
        pytest.param(b"form=" + b"0" * 64, {}, 403, id="a wrong word"),
        pytest.param(b"form=%E9%00", {}, 400, id="no text"),
        pytest.param(b"form={word}", {"sec_fetch_site": "cross-site"}, 403, id="another site, as the browser says"),
        pytest.param(b"form={word}", {"sec_fetch_site": "same-site"}, 403, id="a neighbour's page"),
        pytest.param(b"form={word}", {"origin": "https://evil.example"}, 403, id="another origin"),
        pytest.param(b"form={word}", {"origin": "null"}, 403, id="an origin that is hidden"),
        pytest.param(b"form={word}", {"content_type": "text/plain"}, 415, id="no form"),
        pytest.param(b"form={word}&" + b"a" * 20_000, {}, 413, id="too much"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(50)), {}, 400, id="too many fields"),
        pytest.param(b"form={word}", {}, 303, id="nothing said of where it comes from"),
        pytest.param(
            b"form={word}", {"origin": f"http://{HOST}", "sec_fetch_site": "same-origin"}, 303, id="our own page"
        ),
    ],
)
async def test_only_our_own_page_can_post(desk: Office, body: bytes, headers: dict[str, str], status: int) -> None:
    await desk.turned_off()
    browser = await desk.owner()
    said = {"content_type": FORM} | headers
    answer = await browser.ask("POST", TURN_ON, body.replace(b"{word}", browser.word.encode()), **said)
    assert answer.status == status
    assert await still_off(desk) is (status != 303)


async def test_the_word_of_another_session_is_none(desk: Office) -> None:
    await desk.turned_off()
    browser, other = await desk.owner(), await desk.owner(THEIRS)
    browser.word = other.word
    assert (await browser.post(TURN_ON)).status == 403
    assert await still_off(desk)


async def test_the_word_of_a_session_that_ended_opens_nothing(desk: Office) -> None:
    await desk.turned_off()
    browser = await desk.owner()
    cookies = dict(browser.cookies)
    await browser.post("/console/sign-out")
    browser.cookies = cookies
    assert (await browser.post(TURN_ON)).status == 403
    assert await still_off(desk)


async def test_a_page_that_was_shown_to_nobody_in_particular_presses_no_button(desk: Office) -> None:
    await desk.turned_off()
    browser, stranger = await desk.owner(), desk.browser()
    await stranger.get("/console/sign-in")
    browser.cookies |= stranger.cookies
    browser.word = stranger.word
    assert (await browser.post(TURN_ON)).status == 403
    assert await still_off(desk)


async def test_signing_in_wants_the_word_too(desk: Office) -> None:
    browser = desk.browser()
    assert (await browser.post("/console/sign-in", {"word": KEYS[MINE]})).status == 403
    await browser.get("/console/sign-in")
    assert (await browser.post("/console/sign-in", {"word": KEYS[MINE], "form": "0" * 64})).status == 403
    assert "slidewire-console" not in browser.cookies


async def test_signing_out_wants_the_word_too(desk: Office) -> None:
    browser = await desk.owner()
    browser.word = "0" * 64
    assert (await browser.post("/console/sign-out")).status == 403
    assert (await browser.get("/console/sign-out")).status == 405
    assert (await browser.get("/console/")).status == 200
