"""The ledger balances whatever becomes of messages; one that was lost is told by /metrics and named by the doctor."""

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.cli.command import Ran, slidewire
from tests.story.house import House, Plan, house, until
from tests.story.test_fallback import texts
from tests.story.test_metrics import samples, scraped
from tests.story.test_scheduled import in_seconds
from tests.story.test_texts import sent
from tests.story.test_tracking import call

from slidewire.store.message_ledger import Ledger, Lot, no_lots, read_ledger
from slidewire.store.sql import run

#: Last digits of receivers: what the simulated network does with what is sent to them.
DELIVERED, EXPIRED, REJECTED, SILENT, DENIED, GARBLED = (
    "15557650" + end for end in ("020", "001", "002", "005", "009", "018")
)
HOUR = 3_600_000


async def ledger_of(home: House) -> Ledger:
    now = time.time_ns() // 1_000_000
    return await home.database.read(lambda c: read_ledger(c, now - HOUR, now + 1, 1_000))


async def doctor(plan: Plan, *words: str) -> Ran:
    return await asyncio.to_thread(slidewire, plan.folder, "doctor", *words, SLIDEWIRE_DATABASE=plan.database)


def by_route(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What the doctor told, its minutes added up, without what there is none of."""
    total: dict[str, dict[str, int]] = {}
    for row in report["minutes"]:
        lots = total.setdefault(row["route"], {})
        for name in row.keys() - {"minute", "route"}:
            lots[name] = lots.get(name, 0) + row[name]
    return {route: {name: n for name, n in lots.items() if n} for route, lots in total.items()}


async def every_end(home: House) -> str:
    """Messages that end, or wait, in every way; one that waits."""
    for receiver in (DELIVERED, EXPIRED, REJECTED, SILENT, DENIED, GARBLED):
        await home.send(TO=receiver)
    await sent(home)
    taken_back, waiting = await home.send(SENDAT=in_seconds(3_600)), await home.send(SENDAT=in_seconds(3_600))
    cancelled = await home.post(call("cancelMessage", TRACKINGID=taken_back))
    assert "<STATUS>Success</STATUS>" in cancelled
    return waiting


SETTLED = {
    "mmsc-a": no_lots() | {Lot.DELIVERED: 2, Lot.FAILED: 3, Lot.WAITING: 1, Lot.SUBMITTED: 1, Lot.UNCERTAIN: 1},
    "sms-a": no_lots() | {Lot.DELIVERED: 1},
}


async def test_whatever_becomes_of_messages_it_balances_until_one_is_lost(plan: Plan) -> None:
    plan.sms = {}
    plan.route = {"uncertain_wait": "1h"}
    async with house(plan) as home:
        waiting = await every_end(home)

        async def settled() -> bool:
            return (await ledger_of(home)).lots == SETTLED

        await until(settled, 20, "everything to settle")
        page = samples(await scraped(home))
        assert page["slidewire_ledger_seconds",] == 3_600
        told = {key[1:]: n for key, n in page.items() if key[0] == "slidewire_ledger_messages"}
        assert told == {(route, lot.value): n for route, lots in SETTLED.items() for lot, n in lots.items()}
        well = await doctor(plan, "--json")
        assert (well.code, well.json["balances"], well.json["lost"], well.json["unaccounted"]) == (0, True, 0, [])
        assert by_route(well.json) == {
            "mmsc-a": {"accepted": 8, "delivered": 2, "failed": 3, "waiting": 1, "submitted": 1, "uncertain": 1},
            "sms-a": {"accepted": 1, "delivered": 1},
        }
        part = await doctor(plan, "--most", "2", "--json")
        assert (sum(row["accepted"] for row in part.json["minutes"]), part.json["since"] > well.json["since"]) == (
            2,
            True,
        )
        rest = await doctor(plan, "--until", part.json["since"], "--json")
        assert sum(row["accepted"] for row in rest.json["minutes"]) == 8  # one of both
        await home.database.write(lambda c: run(c, "DELETE FROM tasks WHERE message_id = ?", waiting))
        ill = await doctor(plan)
        assert ill.code == 1
        assert ill.out.splitlines()[-2:] == [
            "does not balance: 1 of 9 messages are unaccounted for, nothing will ever go on with them:",
            f"  slidewire message show {waiting}",
        ]


async def test_messages_that_move_are_told_once_at_every_moment(plan: Plan) -> None:
    plan.sms = {}
    sent_so_far: list[str] = []
    async with house(plan) as home, asyncio.timeout(30):

        async def send(receiver: str) -> None:
            sent_so_far.append(await home.send(TO=receiver))

        sending = asyncio.gather(*(send(DENIED if n % 2 else DELIVERED) for n in range(24)))
        seen: list[Ledger] = []
        while not sending.done() or seen[-1].lots != {"mmsc-a": no_lots() | {Lot.DELIVERED: 24}}:
            least = len(sent_so_far)
            seen.append(await ledger_of(home))
            assert (seen[-1].unaccounted, least <= seen[-1].accepted <= 24) == (0, True)
        await sending
        assert len(await texts(home)) == 12


def test_an_empty_database_and_what_cannot_be_asked_are_told(tmp_path: Path) -> None:
    assert slidewire(tmp_path, "doctor").out == "nothing was accepted in this time\n"
    assert slidewire(tmp_path, "doctor", "--since", "1h", "--until", "2h").code == 2
    assert slidewire(tmp_path, "doctor", "--since", "yesterday").code == 2
