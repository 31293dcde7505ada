"""How the gateway is, as its admins see it: routes, what waits, what is parked; and a month of an account."""

import re

from sqlalchemy import Connection
from tests.builders import a_task, an_id
from tests.console.kit import MINE, THEIRS, Office

from slidewire.domain.task import NEVER, TaskKind, later
from slidewire.domain.usage import Channel, Usage, month_of
from slidewire.store.away import tell_away
from slidewire.store.messages import insert_task
from slidewire.store.usage import add_usage


def rows(text: str, title: str) -> list[list[str]]:
    """The words of each row of the table below a heading."""
    table = text.split(f">{title}</h2>")[1].split("</section>", maxsplit=1)[0].partition("<tbody>")[2]
    return [
        [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
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
    assert rows((await admin.get("/console/")).text, "Routes") == [
        ["mmsc-a mm7, 0 of 1 lane held", "Nobody sends", "50/s"]
    ]
    now = desk.clock()
    await desk.database.write(lambda c: tell_away(c, ["mmsc-a"], now, 60_000))
    assert rows((await admin.get("/console/")).text, "Routes") == [["mmsc-a mm7, 0 of 1 lane held", "Away", "50/s"]]


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
