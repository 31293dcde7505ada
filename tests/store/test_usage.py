"""The ledger adds up, whoever adds, and reads by month."""

from tests.store.kit import a_change, recorded, stored

from slidewire.domain.events import Event
from slidewire.domain.status import Status
from slidewire.domain.usage import SHARDS, Channel, Usage, month_of, shard_of
from slidewire.store.database import Database
from slidewire.store.usage import add_usage, read_usage


async def test_nodes_add_to_rows_of_their_own_and_the_sum_is_read(database: Database) -> None:
    sms = Usage("2026-11", Channel.SMS, "31003", messages=1, segments=3)
    for shard in (1, 2, 1):
        added = Usage("2026-11", Channel.SMS, "31003", messages=1, segments=3, shard=shard)
        await database.write(lambda c, added=added: add_usage(c, [("acct-1", added), ("acct-1", added)]))
    await database.write(
        lambda c: add_usage(c, [("acct-2", sms), ("acct-1", Usage("2026-12", Channel.API, refused=4))])
    )
    summed = Usage("2026-11", Channel.SMS, "31003", messages=6, segments=18)
    assert await database.read(lambda c: read_usage(c, "2026-11")) == [("acct-1", summed), ("acct-2", sms)]
    assert await database.read(lambda c: read_usage(c, "2026-11", "acct-2")) == [("acct-2", sms)]
    assert await database.read(lambda c: read_usage(c, "2026-12")) == [
        ("acct-1", Usage("2026-12", Channel.API, refused=4))
    ]


async def test_a_move_that_was_not_made_is_not_counted(database: Database) -> None:
    task = await stored(database)
    usage = Usage("2026-11", Channel.MMS, messages=1)
    submitted = [a_change(task, Event.SUBMITTED, status=Status.SUBMITTED, usage=usage) for _ in range(2)]
    await recorded(database, submitted[0])
    await recorded(database, a_change(task, Event.DELIVERED, status=Status.DELIVERED))
    await recorded(database, submitted[1])
    assert await database.read(lambda c: read_usage(c, "2026-11")) == [("acct-1", usage)]


def test_a_month_is_utc_and_a_node_keeps_its_rows() -> None:
    assert [month_of(at) for at in (1_793_491_199_999, 1_793_491_200_000)] == ["2026-10", "2026-11"]
    assert shard_of("node-1") == shard_of("node-1") in range(SHARDS)
