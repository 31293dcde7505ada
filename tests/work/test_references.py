"""Carriers' references go when no receipt can come for them any more, however many there are."""

from tests.builders import a_message, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.store.database import Connection, Database
from slidewire.store.receipts import add_ref
from slidewire.store.sql import run
from slidewire.work.references import OldReferences
from slidewire.work.sweep import ClockWatch

DAY = 86_400_000
COUNT = 5_000


async def submitted(kit: Kit) -> None:
    """Many references, every other of them older than a day."""
    message = a_message()

    def add(connection: Connection) -> None:
        for number in range(COUNT):
            at = kit.means.now() - (DAY + 60_000 if number % 2 else DAY - 60_000)
            add_ref(connection, "mmsc-a", f"{number:05}", message, at)

    await kit.means.database.write(add)


async def left(kit: Kit) -> list[str]:
    return await kit.means.database.read(lambda c: [row[0] for row in run(c, "SELECT ref FROM carrier_refs")])


async def test_what_is_old_goes_and_nothing_else(database: Database) -> None:
    kit = a_kit(database)
    await submitted(kit)
    chore = OldReferences(kit.means, ClockWatch(kit.means.now, kit.means.monotonic), DAY)
    await chore.look()
    assert sorted(await left(kit)) == [f"{number:05}" for number in range(0, COUNT, 2)]
    await kit.means.database.write(lambda c: add_ref(c, "mmsc-a", "00000-late", a_message(), 1))
    await chore.look()  # after the last it begins at the first again
    assert len(await left(kit)) == COUNT / 2


async def test_nothing_goes_while_the_clock_is_doubted(database: Database) -> None:
    kit = a_kit(database)
    await submitted(kit)
    times = iter((now_ms(), now_ms() + 2 * DAY))
    clock = ClockWatch(lambda: next(times), lambda: 0.0)
    await clock.look()
    await OldReferences(kit.means, clock, DAY).look()
    assert len(await left(kit)) == COUNT
