"""How long a claim and the look-up of a receipt's message take in a store, by the functions that the gateway uses.

What is timed is their statements: a commit waits for the disk, which has moods of its own.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.change import Ending
from slidewire.domain.ids import IdMaker
from slidewire.domain.task import Task, TaskKind
from slidewire.settings import load
from slidewire.store.database import Database, open_database
from slidewire.store.ends import end
from slidewire.store.hot import Ask, Claimed, NewMessage, claim, insert_messages
from slidewire.store.messages import list_messages
from slidewire.store.receipts import find_owners

#: Claims and look-ups, and what each is of.
_TIMES, _EACH = 400, 16
#: A route that no gateway has: nobody else claims from its queue.
_ROUTE = "looked-at"
_NODE = "bench"


@dataclass
class Watch:
    """Milliseconds of what was run by its name."""

    seen: dict[str, list[float]] = field(default_factory=dict)

    def timed(self, name: str, connection: Connection, work: Callable[[Connection], Any]) -> Any:
        began = time.perf_counter()
        result = work(connection)
        self.seen.setdefault(name, []).append(1000 * (time.perf_counter() - began))
        return result

    def told(self) -> dict[str, float]:
        """The middle and the slowest hundredth of each."""
        found: dict[str, float] = {}
        for name, times in self.seen.items():
            times.sort()
            found |= {f"{name}_p50_ms": statistics.median(times), f"{name}_p99_ms": times[int(len(times) * 0.99)]}
        return found


def looks(config: Path, times: int = _TIMES) -> dict[str, float]:
    """What claims and look-ups take in the store of a gateway."""
    return asyncio.run(_looks(open_database(load(str(config)).database), times))


async def _looks(database: Database, times: int) -> dict[str, float]:
    watch, new_id = Watch(), IdMaker(_now)
    try:
        [model] = await database.read(lambda connection: list_messages(connection, limit=1))
        refs: list[str] = []
        for _ in range(times):
            new = [_waiting(replace(model, id=new_id()), new_id()) for _ in range(_EACH)]
            await database.write(lambda c, new=new: insert_messages(c, new) and None)  # type: ignore[misc]
            taken = await database.write(lambda c: watch.timed("claim", c, _claimed))
            endings = [_ending(each) for each in taken]
            await database.write(lambda c, endings=endings: end(c, endings) and None)  # type: ignore[misc]
            refs += [ending.carrier_ref for ending in endings]
        for _ in range(times):
            pairs = [(_ROUTE, ref) for ref in random.sample(refs, _EACH)]
            look = partial(find_owners, pairs=pairs)
            found = await database.write(lambda c, look=look: watch.timed("receipt", c, look))  # type: ignore[misc]
            if len(found.owners) != _EACH:
                raise RuntimeError(f"{len(found.owners)} of {_EACH} receipts found their message")
    finally:
        await database.close()
    return watch.told()


def _now() -> int:
    return time.time_ns() // 1_000_000


def _waiting(message: Any, task_id: str) -> NewMessage:
    queue = TaskKind.DELIVER.queue(_ROUTE)
    task = Task(
        id=task_id,
        kind=TaskKind.DELIVER,
        queue=queue,
        account_id=message.account_id,
        message_id=message.id,
        due_at=_now(),
    )
    return NewMessage(message, task)


def _claimed(connection: Connection) -> list[Claimed]:
    ask = Ask(TaskKind.DELIVER.queue(_ROUTE), _EACH, _NODE, _now() + 1_000, 60_000)
    [taken] = claim(connection, [ask])
    return taken


def _ending(claimed: Claimed) -> Ending:
    task = claimed.task
    return Ending(task, _NODE, route=_ROUTE, carrier_ref=f"ref-{task.message_id}", at=_now())
