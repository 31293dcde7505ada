"""Messages in a browser: found by what their sender knows of them, shown with what their viewer may know."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import a_part, a_slide, a_task, an_id
from tests.console.kit import MINE, PIXEL, THEIRS, Browser, Office
from tests.store.kit import a_change

from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.message import Kind, Message
from slidewire.domain.status import Status
from slidewire.domain.task import NEVER
from slidewire.store.audit import list_audit
from slidewire.store.messages import insert_exchanges, message_tasks, record
from slidewire.store.together import Together

NASTY = "<script>alert(1)</script>\"'&"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;"
INSIDE = "mmsc-inside.example.net said 4006"


async def listed(browser: Browser, query: str = "") -> list[str]:
    page = await browser.get(f"/console/messages{query}")
    assert page.status == 200, page.text
    return re.findall(r'<span class="main"><a href="/console/messages/(\w{32})">', page.text)


async def lived(desk: Office, message: Message, *, parked: bool = False) -> None:
    """It was tried, taken, told of, and failed; with a carrier's words in between."""
    task = a_task(message, id=an_id())
    at = desk.clock()
    out = Exchange(at, "mmsc-a", "POST /mm7 carrier-request", "HTTP 500 carrier-answer", 0.1, INSIDE, True)
    back = Exchange(at, "postback", "POST /told SENT", f"HTTP 200 {NASTY}", 0.2, f"their body {NASTY}", False)
    changes = [
        a_change(task, Event.RETRY, at=at, reason=Reason.REFUSED, detail=INSIDE),
        a_change(task, Event.FAILED, at=at, status=Status.FAILED, reason=Reason.REFUSED, detail=f"its words {NASTY}"),
    ]

    def write(connection: Connection) -> None:
        record(connection, changes)
        together = Together(connection)
        insert_exchanges(together, [(message.id, an_id(), message.account_id, each) for each in (out, back)])
        together.done()
        if parked:
            connection.exec_driver_sql(
                f"UPDATE tasks SET due_at = {NEVER}, body = '{{\"errors\":5}}' WHERE message_id = '{message.id}'"
            )

    await desk.database.write(write)


async def test_a_message_is_found_by_what_its_sender_knows(desk: Office) -> None:
    first = await desk.message(receiver="12025550111", client_reference="order 1")
    second = await desk.message(receiver="12025550112", client_reference=NASTY, status=Status.DELIVERED)
    theirs = await desk.message(THEIRS, receiver="12025550111", client_reference="order 1")
    browser = await desk.owner()
    assert await listed(browser) == [second.id, first.id]
    assert await listed(browser, "?receiver=%2B12025550111") == [first.id]
    assert await listed(browser, "?reference=order+1") == [first.id]
    assert await listed(browser, "?reference=%3Cscript%3Ealert(1)%3C/script%3E%22'%26") == [second.id]
    assert await listed(browser, "?status=delivered") == [second.id]
    assert await listed(browser, "?status=delivered&receiver=12025550111") == []
    assert await listed(browser, f"?account={THEIRS}") == [second.id, first.id]
    assert (await browser.get(f"/console/messages?id={first.id}")).place == f"/console/messages/{first.id}"
    admin = await desk.admin()
    assert await listed(admin) == [theirs.id, second.id, first.id]
    assert await listed(admin, f"?account={THEIRS}") == [theirs.id]
    assert await listed(admin, f"?account={MINE}&receiver=12025550111") == [first.id]
    assert await listed(admin, "?status=delivered") == [second.id]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("?receiver=12", "Invalid receiver number", id="no number"),
        pytest.param("?status=gone", "is none of scheduled", id="no status"),
        pytest.param("?before=x", "is none that an answer gave", id="no cursor"),
        pytest.param("?id=x", "no message with this tracking id", id="no tracking id"),
        pytest.param(f"?receiver={'%3Cscript%3E' * 20}", "", id="a script"),
    ],
)
async def test_what_cannot_be_looked_for_is_told(desk: Office, query: str, words: str) -> None:
    page = await (await desk.owner()).get(f"/console/messages{query}")
    assert (page.status, "<script>" in page.text) == (422, False)
    assert words in page.text


async def test_receivers_are_looked_for_within_an_account(desk: Office) -> None:
    for query in ("?receiver=12025550111", "?reference=order"):
        page = await (await desk.admin()).get(f"/console/messages{query}")
        assert (page.status, "Name the account too" in page.text) == (422, True)


async def test_the_list_goes_on_where_it_ended_with_what_was_looked_for(desk: Office) -> None:
    made = [(await desk.message(receiver="12025550111")).id for _ in range(27)]
    browser = await desk.owner()
    page = await browser.get("/console/messages?receiver=12025550111")
    [more] = re.findall(r'href="/console/messages(\?receiver=12025550111&amp;before=\w+)"', page.text)
    found = await listed(browser, "?receiver=12025550111") + await listed(browser, more.replace("&amp;", "&"))
    assert found == made[::-1]


async def test_an_owner_sees_its_own_part_and_an_admin_all(desk: Office) -> None:
    message = await desk.message(subject=NASTY, client_reference=NASTY, slides=(a_slide(text=NASTY),))
    await lived(desk, message, parked=True)
    mine = (await (await desk.owner()).get(f"/console/messages/{message.id}")).text
    all_of_it = (await (await desk.admin()).get(f"/console/messages/{message.id}")).text
    for text in (mine, all_of_it):
        assert "<script>alert" not in text
        assert text.count(ESCAPED) >= 6
        assert f"failed: {Reason.REFUSED.value}" in text
        assert f"its words {ESCAPED}" in text
        assert f"<pre>their body {ESCAPED}</pre>" in text
        assert "<strong>Parked.</strong>" in text
        assert f'src="/console/messages/{message.id}/images/1-1"' in text
    inside = (INSIDE, "mmsc-a", "carrier-request", "carrier-answer", "deliver:")
    assert [word for word in inside if word in mine] == []
    assert [word for word in inside if word not in all_of_it] == []


async def test_an_image_is_shown_as_our_own_rendition(desk: Office) -> None:
    gone = a_part(content=replace(a_part().content, size=0))
    sound = a_part(kind=Kind.AUDIO)
    message = await desk.message(slides=(a_slide(), a_slide(parts=(sound, gone))))
    browser = await desk.owner()

    async def image(place: str) -> Any:
        return await browser.ask("GET", f"/console/messages/{message.id}/images/{place}")

    found = await image("1-1")
    assert (found.status, found.header("content-type"), found.body) == (200, "image/png", PIXEL)
    assert found.header("cache-control") == "no-store"
    wrong = ("1-2", "2-1", "2-2", "3-1", "0-1", "1-0", "x", "1", "1-1-1", "99999999999-1", "%C2%B2-1")
    assert [(await image(place)).status for place in wrong] == [404] * len(wrong)


async def test_postbacks_are_posted_again_by_a_button(desk: Office) -> None:
    await desk.set(MINE, postback_url="https://a.example.net/")
    message = await desk.given_up()
    browser = await desk.owner()
    page = await browser.get(f"/console/messages/{message.id}")
    assert "<td>N101</td><td>given up</td>" in page.text
    answer = await browser.post(f"/console/messages/{message.id}/post-again")
    assert answer.place == f"/console/messages/{message.id}?done=again"
    assert "Its postbacks are being posted again." in (await browser.get(answer.place)).text
    tasks = await desk.database.read(lambda c: message_tasks(c, message.id))
    assert "notify" in {task["kind"] for task in tasks}
    rows = await desk.database.read(lambda c: list_audit(c, MINE, 10))
    assert ("account acct-1 from 192.0.2.7, console", "postbacks posted again") in {(r.who, r.action) for r in rows}


async def test_without_an_address_nothing_is_posted_again(desk: Office) -> None:
    message = await desk.given_up()
    browser = await desk.owner()
    answer = await browser.post(f"/console/messages/{message.id}/post-again")
    assert (answer.status, "has no address for postbacks" in answer.text) == (409, True)
