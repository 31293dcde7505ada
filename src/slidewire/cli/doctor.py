"""``slidewire doctor``: whether something became of every message that was accepted, minute by minute."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import FAILED, WRONG_USE, CommandError
from slidewire.cli.given import read_moment
from slidewire.cli.options import AsJson, ConfigFile, run, settings_of
from slidewire.cli.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.settings import Settings
    from slidewire.store.message_ledger import Minute

#: Messages that one call looks at: some seconds of the database's time.
_MOST = 1_000_000
#: Messages that are named of those that were lost.
_NAMED = 20


def doctor(
    since: Annotated[str, typer.Option(metavar="TIME", help="From when on: 1h, 3d, or a time.")] = "1h",
    until: Annotated[str, typer.Option(metavar="TIME", help="Before when, likewise; else up to now.")] = "",
    most: Annotated[int, typer.Option(min=1, help="Look at so many messages at most, the newest.")] = _MOST,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Hold the messages that were accepted against what became of them, by minute and route.

    accepted = delivered + failed + waiting + submitted + uncertain. Messages beyond that are unaccounted for: nothing
    will ever go on with them. They are named, and the command ends with 1. Nothing is changed.

    Example:
      slidewire doctor --since 3d

    """
    from slidewire.domain.moments import written
    from slidewire.runtime.clock import now

    begin, end = max(read_moment(since, "--since"), 0), read_moment(until, "--until") if until else now() + 1
    if not begin < end:
        raise CommandError("--since is not before --until", code=WRONG_USE)
    minutes, reached = run(_looked_back(settings_of(config), begin, end, most))
    rows = [row for minute in minutes for row in _rows(minute)]
    lost = sum(minute.ledger.unaccounted for minute in minutes)
    named = [message for minute in minutes for message in minute.lost][:_NAMED]
    if as_json:
        facts = {"since": written(reached), "until": written(end), "balances": not lost, "lost": lost}
        say_json(facts | {"unaccounted": named, "minutes": rows})
    else:
        _say(rows, lost, named)
        if reached > begin:
            say(f"Looked back to {written(reached)} only: go on with --until {written(reached)}.")
    if lost:
        raise typer.Exit(FAILED)


def _rows(minute: "Minute") -> Iterator[dict[str, Any]]:
    """A row for each route."""
    from slidewire.domain.moments import written

    for route, lots in sorted(minute.ledger.lots.items()):
        counts = {lot.value: count for lot, count in lots.items()}
        yield {"minute": written(minute.at), "route": route, "accepted": sum(counts.values())} | counts


def _say(rows: list[dict[str, Any]], lost: int, named: list[str]) -> None:
    if not rows:
        say("nothing was accepted in this time")
        return
    say_table(tuple(rows[0]), [tuple(row.values()) for row in rows])
    accepted = sum(row["accepted"] for row in rows)
    if not lost:
        say(f"balances: accepted = delivered + failed + waiting + submitted + uncertain = {accepted}")
        return
    say(f"does not balance: {lost} of {accepted} messages are unaccounted for, nothing will ever go on with them:")
    for message in named:
        say(f"  slidewire message show {message}")
    if lost > len(named):
        say(f"  and {lost - len(named)} more")


async def _looked_back(settings: "Settings", since: int, until: int, most: int) -> "tuple[list[Minute], int]":
    """The minutes in which messages were accepted, in their order, and from when on they are told.

    Each is a snapshot of its own: a long one would keep the database from clearing up behind its writers.
    """
    from slidewire.runtime.offline import open_store
    from slidewire.store.message_ledger import newest_minute

    minutes: list[Minute] = []
    async with open_store(settings) as database:
        while most > 0:
            look = partial(newest_minute, since=since, until=until, most=most, named=_NAMED)
            minute = await database.read(look)
            if minute is None:
                return minutes[::-1], since
            minutes.append(minute)
            until = minute.at
            most -= minute.ledger.accepted
    return minutes[::-1], minutes[-1].ledger.since
