"""Batches in a browser: their list in pages, and the progress of one as getBatch tells it."""

import re

from tests.builders import a_message, an_id
from tests.console.kit import MINE, THEIRS, Office

from slidewire.domain.batches import RefusedReceiver
from slidewire.domain.message import Message
from slidewire.domain.status import Status

NASTY = "<script>alert(1)</script>\"'&"


def messages(account: str, *statuses: Status) -> list[Message]:
    return [
        a_message(id=an_id(), account_id=account, receiver=f"1202555{n:04}", status=status)
        for n, status in enumerate(statuses)
    ]


def rows(text: str) -> list[tuple[str, str, str]]:
    """What became of how many receivers, and their share."""
    found = re.findall(
        r'<span class="key \w+"></span>([^<]+)</th><td class="count">([^<]+)</td><td class="count">([^<]+)</td>', text
    )
    return [(name, count, share) for name, count, share in found]


async def test_the_progress_of_a_batch_is_what_get_batch_tells(desk: Office) -> None:
    batch = await desk.batch(total=8)
    statuses = (Status.DELIVERED, Status.DELIVERED, Status.SUBMITTED, Status.FAILED)
    refused = [RefusedReceiver("12", "E110", "Bad receiver."), RefusedReceiver(NASTY, "E110", NASTY)]
    await desk.expanded(batch, messages(MINE, *statuses), refused)
    browser = await desk.owner()
    page = await browser.get(f"/console/batches/{batch.id}")
    assert rows(page.text) == [
        ("Delivered", "2", "25 %"),
        ("Sent, receipt awaited", "1", "12 %"),
        ("Failed", "1", "12 %"),
        ("Refused, no message", "2", "25 %"),
        ("No message yet", "2", "25 %"),
    ]
    assert "<strong>62 %</strong> finished: 5 of 8 receivers" in page.text
    assert re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', page.text) == [
        ("good", "0.0", "25.0"),
        ("way", "25.0", "12.5"),
        ("bad", "37.5", "12.5"),
        ("none", "50.0", "25.0"),
        ("rest", "75.0", "25.0"),
    ]
    assert 'aria-label="Delivered: 2, Sent, receipt awaited: 1, Failed: 1, Refused, no message: 2' in page.text
    assert "<bdi>12</bdi></th><td>E110</td><td>Bad receiver.</td>" in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;" in page.text
    assert "data-live" in page.text
    assert "live.js" in page.text


async def test_a_batch_that_is_over_stands_still(desk: Office) -> None:
    batch = await desk.batch(total=2)
    await desk.expanded(batch, messages(MINE, Status.DELIVERED, Status.EXPIRED), [])
    page = await (await desk.owner()).get(f"/console/batches/{batch.id}")
    assert "<strong>100 %</strong> finished: 2 of 2 receivers" in page.text
    assert "Finished" in page.text
    assert "live.js" not in page.text
    assert "data-live" not in page.text


async def test_refused_receivers_are_told_in_pages(desk: Office) -> None:
    batch = await desk.batch(total=250)
    await desk.expanded(batch, [], [RefusedReceiver(f"{n:04}", "E110", "Bad receiver.") for n in range(250)])
    browser = await desk.owner()
    found = []
    for number in ("", "?page=2", "?page=3", "?page=4", "?page=x", "?page=-1"):
        page = await browser.get(f"/console/batches/{batch.id}{number}")
        found.append((page.status, re.findall(r"<bdi>(\d{4})</bdi>", page.text)))
    told = [f"{n:04}" for n in range(250)]
    assert found == [(200, each) for each in (told[:100], told[100:200], told[200:], [], told[:100], told[:100])]


async def test_the_list_goes_on_where_it_ended(desk: Office) -> None:
    mine = [(await desk.batch(MINE)).id for _ in range(30)]
    theirs = (await desk.batch(THEIRS)).id
    for browser, wanted in ((await desk.owner(), mine), (await desk.admin(), [*mine, theirs])):
        first = await browser.get("/console/batches")
        more = re.findall(r'href="(/console/batches\?before=\w+)"', first.text)
        second = await browser.get(more[0])
        found = re.findall(r'href="/console/batches/(\w+)"', first.text + second.text)
        assert found == wanted[::-1]
        assert "?before=" not in second.text


async def test_an_account_without_batches_is_told_how_to_make_one(desk: Office) -> None:
    await desk.batch(THEIRS)
    assert "sendBatch" in (await (await desk.owner()).get("/console/batches")).text
