"""Lanes over several nodes: shared, given back, taken over; and rates that change while they are held."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.work.kit import Kit, a_kit

from slidewire.carriers.shaping import Bucket
from slidewire.store.database import Database
from slidewire.store.lanes import set_rate
from slidewire.store.leases import NodeLock
from slidewire.work.lanes import BucketPace, ByLocks, Lanes, Neighbours, Shared, Terms, by_clock

LEASE = 10.0


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Node:
    """One process with its lanes of route ``a``."""

    lanes: Lanes
    bucket: Bucket
    clock: Clock
    kit: Kit

    async def look(self, living: int = 0) -> bool:
        """One look; whether it may send."""
        await self.lanes.look(by_clock if not living else _living(living))
        return self.lanes.holds("a")

    @property
    def rate(self) -> float:
        return self.bucket.rate


def _living(count: int):
    async def census() -> Neighbours:
        return Neighbours(living=count)

    return census


def a_node(database: Database, name: str, *, rate: float = 40.0, of: int = 4) -> Node:
    clock, kit = Clock(), a_kit(database)
    means = replace(kit.means, node=name, monotonic=clock)
    bucket = Bucket(rate, clock.now)
    shared = {"a": Shared("deliver:a", BucketPace(bucket, clock))}
    return Node(Lanes(means, shared, {"a": Terms(rate, of)}, LEASE), bucket, clock, kit)


async def expire(database: Database) -> None:
    """As if a lease had passed."""

    def past(connection: object) -> None:
        connection.execute(text("UPDATE lanes SET ends_at = 1"))  # type: ignore[attr-defined]
        connection.execute(text("UPDATE nodes SET ends_at = 1"))  # type: ignore[attr-defined]

    await database.write(past)


async def test_a_lone_node_has_the_whole_rate(database: Database) -> None:
    node = a_node(database, "one")
    assert await node.look(living=1)
    assert node.rate == 40.0
    assert node.kit.woken == ["deliver:a"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_nodes_share_and_the_rest_is_taken_when_one_leaves(database: Database) -> None:
    one, two = a_node(database, "one"), a_node(database, "two")
    assert await one.look()
    assert not await two.look()  # all is held
    one.clock.now += LEASE / 2
    assert await one.look()  # renewing, it sees the other and gives back half
    assert await two.look()
    assert (one.rate, two.rate) == (19.8, 19.8)
    await one.lanes.leave()
    assert not one.lanes.holds("a")
    two.clock.now += LEASE / 2
    assert await two.look()
    assert two.rate == 40.0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_dead_nodes_lanes_are_free_when_its_lease_ends(database: Database) -> None:
    one, two = a_node(database, "one"), a_node(database, "two")
    await one.look()
    assert not await two.look()
    await expire(database)
    two.clock.now += 1.0
    assert await two.look()
    assert two.rate == 40.0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_cannot_renew_stops_before_its_lease_ends(database: Database) -> None:
    node = a_node(database, "one")
    assert await node.look()
    node.clock.now += LEASE * 2 / 3 - 0.1
    assert node.lanes.holds("a")
    node.clock.now += 0.2
    assert not node.lanes.holds("a")
    assert await node.look()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_one_machine_the_end_of_a_process_is_known_at_once(database: Database, tmp_path: Path) -> None:
    one, two = a_node(database, "one"), a_node(database, "two")
    first, second = NodeLock(tmp_path, "one"), NodeLock(tmp_path, "two")
    by_one, by_two = (
        ByLocks(replace(one.kit.means, node="one"), tmp_path),
        ByLocks(replace(two.kit.means, node="two"), tmp_path),
    )
    await one.lanes.look(by_one)
    await two.lanes.look(by_two)
    await one.lanes.look(by_one)
    await two.lanes.look(by_two)
    assert (one.rate, two.rate) == (19.8, 19.8)
    first.close()  # as the system does for a process that was killed
    await two.lanes.look(by_two)
    assert two.rate == 40.0
    second.close()


async def test_a_new_holder_starts_without_tokens_and_as_slow_as_the_last_one_was(database: Database) -> None:
    one, two = a_node(database, "one", of=1), a_node(database, "two", of=1)
    await one.look(living=1)
    one.clock.now += 5.0
    one.bucket.throttled(one.clock.now)
    await one.look(living=1)
    await one.lanes.leave()
    two.clock.now += 100.0
    assert await two.look(living=1)
    assert two.bucket.present_rate == 20.0
    assert two.bucket.available(two.clock.now) == 0


async def test_a_changed_rate_is_followed_and_an_admins_goes_before_it(database: Database) -> None:
    node = a_node(database, "one")
    await node.look(living=1)
    node.lanes.change({"a": Terms(80.0, 4), "unknown": Terms(1.0, 1)})
    assert node.rate == 80.0
    await database.write(lambda c: set_rate(c, "a", 10.0))
    await node.look(living=1)
    assert node.rate == 10.0
    await database.write(lambda c: set_rate(c, "a", 0))
    await node.look(living=1)
    assert node.rate == 80.0


async def test_another_number_of_lanes_waits_for_those_who_go_by_the_old_one(database: Database) -> None:
    one, two = a_node(database, "one", of=2), a_node(database, "two", of=4)
    await one.look(living=2)
    assert not await two.look(living=2)
    await one.lanes.leave()
    assert await two.look(living=2)
    assert two.rate == 19.8
