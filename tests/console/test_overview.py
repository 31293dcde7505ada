"""How the gateway is, as its admins see it: routes, what waits, what is parked; and a month of an account."""

import re

import pytest
from sqlalchemy import Connection
from tests.builders import a_task, an_id
from tests.console.kit import MINE, THEIRS, Office

from slidewire.domain.task import NEVER, TaskKind, later
from slidewire.domain.usage import Channel, Usage, month_of
from slidewire.store.audit import list_audit
from slidewire.store.away import tell_away
from slidewire.store.lanes import read_rates
from slidewire.store.messages import insert_task
from slidewire.store.usage import add_usage


def rows(text: str, title: str) -> list[list[str]]:
    """The words of each row of the table below a heading."""
    table = text.split(f">{title}</h2>")[1].split("</section>", maxsplit=1)[0].partition("<tbody>")[2]
    return [
        [
            " ".join(re.sub("<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


async def test_an_admin_sees_what_waits_and_for_how_long(desk: Office) -> None:
    now = desk.clock()
    message = await desk.message()

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM tasks")
        deliver = TaskKind.DELIVER.queue("mmsc-a")
        for queue, kind, due_at in (
            (deliver, TaskKind.DELIVER, now - 90_500),
            (deliver, TaskKind.DELIVER, now - 500),
            (later(deliver), TaskKind.DELIVER, now + 60_000),
            (TaskKind.NOTIFY.queue(THEIRS), TaskKind.NOTIFY, now - 2_000),
            (TaskKind.NOTIFY.queue(MINE), TaskKind.NOTIFY, NEVER),
        ):
            insert_task(connection, a_task(message, id=an_id(), queue=queue, kind=kind, due_at=due_at))

    await desk.database.write(write)
    page = await (await desk.admin()).get("/console/")
    assert rows(page.text, "What waits") == [
        ["MMS to be sent mmsc-a", "2", "90 s"],
        [f"postbacks {THEIRS}", "1", "2 s"],
        ["MMS to be sent, scheduled mmsc-a", "1", "not late"],
    ]
    assert "Parked" not in page.text


async def test_an_admin_sees_what_is_parked(desk: Office) -> None:
    message = await desk.message()
    parked = f"UPDATE tasks SET due_at = {NEVER} WHERE message_id = '{message.id}'"
    await desk.database.write(lambda c: c.exec_driver_sql(parked))
    page = await (await desk.admin()).get("/console/")
    assert f'href="/console/messages/{message.id}"' in page.text.split(">Parked</h2>")[1]


async def test_an_admin_sees_which_routes_can_be_reached(desk: Office) -> None:
    admin = await desk.admin()
    assert rows((await admin.get("/console/")).text, "Routes") == [["mmsc-a Nobody sends mm7, 0 of 1 lane held", "Set"]]
    now = desk.clock()
    await desk.database.write(lambda c: tell_away(c, {"mmsc-a": False}, now, 60_000))
    assert rows((await admin.get("/console/")).text, "Routes") == [["mmsc-a Away mm7, 0 of 1 lane held", "Set"]]


async def test_an_owner_sees_nothing_of_that(desk: Office) -> None:
    await desk.message()
    page = await (await desk.owner()).get("/console/")
    assert [word for word in ("mmsc-a", "What waits", "Routes", 'href="/console/accounts"') if word in page.text] == []


async def test_a_month_of_an_account_is_summed_by_channel(desk: Office) -> None:
    month = month_of(desk.clock())
    used = [
        (MINE, Usage(month, Channel.MMS, "31003", messages=1200, failed=2)),
        (MINE, Usage(month, Channel.MMS, "31004", messages=34)),
        (MINE, Usage(month, Channel.API, refused=7)),
        (THEIRS, Usage(month, Channel.SMS, messages=5, segments=9)),
    ]
    await desk.database.write(lambda c: add_usage(c, used))
    mine, admin = await desk.owner(), await desk.admin()
    wanted = [["API", "0", "0", "0", "7"], ["MMS", "1,234", "0", "2", "0"]]
    assert rows((await mine.get("/console/")).text, "This month") == wanted
    assert rows((await admin.get(f"/console/accounts/{MINE}")).text, "This month") == wanted
    assert rows((await admin.get(f"/console/accounts/{THEIRS}")).text, "This month") == [["SMS", "5", "9", "0", "0"]]


async def test_an_admin_sets_how_fast_a_route_sends(desk: Office) -> None:
    admin = await desk.admin()
    assert 'value="50/s"' in (await admin.get("/console/")).text
    answer = await admin.post("/console/routes/mmsc-a/rate", {"rate": "120/min"})
    assert (answer.status, answer.place) == (303, "/console/")
    assert await desk.database.read(read_rates) == {"mmsc-a": 2.0}
    page = await admin.get("/console/")
    assert 'value="2/s"' in page.text
    assert "settings: 50/s" in page.text
    await admin.post("/console/routes/mmsc-a/rate", {"rate": " "})
    assert await desk.database.read(read_rates) == {}
    rows = await desk.database.read(lambda c: list_audit(c, None, 10))
    told = [(row.who, row.facts) for row in rows if row.action == "route rate set"]
    assert told == [
        ("admin_token from 192.0.2.7, console", {"route": "mmsc-a", "rate": ["2/s", "default"]}),
        ("admin_token from 192.0.2.7, console", {"route": "mmsc-a", "rate": ["default", "2/s"]}),
    ]


@pytest.mark.parametrize(
    ("who", "route", "rate", "status"),
    [
        pytest.param("owner", "mmsc-a", "1/s", 404, id="an owner"),
        pytest.param("admin", "nowhere", "1/s", 404, id="a route that is not there"),
        pytest.param("admin", "mmsc-a", "<b>fast</b>", 422, id="words that are no rate"),
        pytest.param("admin", "mmsc-a", "0/s", 422, id="nothing at all"),
    ],
)
async def test_a_rate_is_not_set(desk: Office, who: str, route: str, rate: str, status: int) -> None:
    browser = await getattr(desk, who)()
    answer = await browser.post(f"/console/routes/{route}/rate", {"rate": rate})
    assert answer.status == status
    assert "<b>" not in answer.text
    assert await desk.database.read(read_rates) == {}
