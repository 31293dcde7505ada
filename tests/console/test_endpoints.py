"""Postback addresses that were turned off: who is told, on which pages, and how they are turned on again."""

from typing import Any

import pytest
from tests.console.kit import MINE, PAGES, THEIRS, Office

from slidewire.store.audit import list_audit
from slidewire.store.endpoints import Endpoint, failing_endpoints, set_failing
from slidewire.store.messages import message_tasks

TOLD = "You get no postbacks."
#: What the page of an address always says.
_ADVICE = "An address that receives nothing for days is turned off."
NASTY = "HTTP 500 <img src=x onerror=alert(1)>"


async def failing(desk: Office) -> set[str]:
    return set(await desk.database.read(failing_endpoints))


async def audited(desk: Office) -> list[tuple[str, str]]:
    rows = await desk.database.read(lambda c: list_audit(c, MINE, 10))
    return [(row.who, row.action) for row in rows if row.action.startswith("postbacks")]


async def test_its_owner_is_told_on_every_page(desk: Office) -> None:
    batch = await desk.batch()
    paths = [f"/console/{page.replace('{batch}', batch.id)}" for page in PAGES]
    mine, admin, theirs = await desk.owner(), await desk.admin(), await desk.owner(THEIRS)
    assert [path for path in paths if TOLD in (await mine.get(path)).text] == []
    await desk.turned_off()
    assert [path for path in paths if TOLD not in (await mine.get(path)).text] == []
    counted = "<strong>1 postback address is turned off</strong>"
    assert [path for path in paths if counted not in (await admin.get(path)).text] == []
    assert [path for path in paths if "turned off" in (await theirs.get(path)).text.replace(_ADVICE, "")] == []


async def test_an_owner_sees_its_address_and_nobody_elses(desk: Office) -> None:
    await desk.turned_off(MINE, NASTY)
    await desk.turned_off(THEIRS)
    mine, admin = await desk.owner(), await desk.admin()
    page = await mine.get("/console/endpoints")
    assert "https://acct-1.example.net/told" in page.text
    assert "acct-2" not in page.text
    assert "secret" not in page.text
    assert "<img src=x" not in page.text
    assert "HTTP 500 &lt;img src=x onerror=alert(1)&gt;" in page.text
    both = await admin.get("/console/endpoints")
    assert "https://acct-1.example.net/told" in both.text
    assert "https://acct-2.example.net/told" in both.text
    assert "<strong>2 postback addresses are turned off</strong>" in both.text


@pytest.mark.parametrize(
    ("who", "told"),
    [
        pytest.param("owner", "account acct-1 from 192.0.2.7, console", id="its owner"),
        pytest.param("admin", "admin_token from 192.0.2.7, console", id="an admin"),
    ],
)
async def test_it_is_turned_on_again_by_a_button(desk: Office, who: str, told: str) -> None:
    await desk.turned_off()
    browser = await getattr(desk, who)()
    await browser.get("/console/endpoints")
    answer = await browser.post(f"/console/endpoints/{MINE}/turn-on")
    assert (answer.status, answer.place) == (303, "/console/endpoints?done=on")
    assert await failing(desk) == set()
    assert await audited(desk) == [(told, "postbacks resumed")]
    page = await browser.get(answer.place)
    assert "Postbacks go out again." in page.text
    assert TOLD not in page.text


async def test_what_was_given_up_is_posted_again_by_the_other_button(desk: Office) -> None:
    await desk.turned_off()
    message = await desk.given_up()
    browser = await desk.owner()
    answer = await browser.post(f"/console/endpoints/{MINE}/turn-on", {"again": "1"})
    assert answer.place == "/console/endpoints?done=again"
    tasks = await desk.database.read(lambda c: message_tasks(c, message.id))
    assert [task["queue"] for task in tasks if task["kind"] == "notify"] == [f"notify:{MINE}"]
    assert [action for _, action in await audited(desk)] == ["postbacks posted again", "postbacks resumed"]


async def test_nothing_that_was_given_up_is_no_failure(desk: Office) -> None:
    await desk.turned_off()
    browser = await desk.owner()
    answer = await browser.post(f"/console/endpoints/{MINE}/turn-on", {"again": "1"})
    assert answer.place == "/console/endpoints?done=nothing"
    again = await browser.post(f"/console/endpoints/{MINE}/turn-on", {"again": "1"})
    assert again.place == "/console/endpoints?done=nothing"
    assert await audited(desk) == [("account acct-1 from 192.0.2.7, console", "postbacks resumed")]


async def test_what_is_done_is_told_in_our_words_only(desk: Office) -> None:
    page = await (await desk.owner()).get("/console/endpoints?done=%3Cscript%3Ealert(1)%3C/script%3E")
    assert 'class="card done"' not in page.text
    assert "alert(1)" not in page.text


@pytest.mark.parametrize(
    ("change", "state"),
    [
        pytest.param({}, "Not set", id="no address"),
        pytest.param({"postback_url": "https://a.example.net/"}, "Healthy", id="one that receives"),
    ],
)
async def test_an_owner_sees_how_its_address_is(desk: Office, change: dict[str, str], state: str) -> None:
    await desk.set(MINE, **change)
    page = await (await desk.owner()).get("/console/endpoints")
    assert f">{state}</span>" in page.text


async def test_an_address_that_fails_since_a_while_is_told_without_a_button(desk: Office) -> None:
    off = await desk.turned_off()
    await desk.set(MINE, postback_url="https://other.example.net/")
    browser = await desk.owner()
    assert "Healthy" in (await browser.get("/console/endpoints")).text
    now = desk.clock()
    other = Endpoint(MINE, "https://other.example.net/", off.failing_since, None, "refused", now)
    await desk.database.write(lambda c: set_failing(c, other))
    page = await browser.get("/console/endpoints")
    assert ">Failing</span>" in page.text
    assert "<code>refused</code>" in page.text
    assert "turn-on" not in page.text
    assert TOLD not in page.text


async def test_an_admin_sees_that_all_is_well(desk: Office) -> None:
    page: Any = await (await desk.admin()).get("/console/endpoints")
    assert "Every address that was posted to lately receives." in page.text
