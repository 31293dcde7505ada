"""``slidewire block``, ``unblock``, ``blocked``: numbers that nothing is sent to."""

from pathlib import Path
from typing import Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.number_files import read_numbers
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table, visible

Whose = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="For this account only; else for all.")]
Sender = Annotated[str, typer.Option("--sender", metavar="NUMBER", help="From this sender of the account only.")]
Numbers = Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]...", help="Phones, in international form.")]


def block(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    numbers: Numbers = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="CSV of numbers, with notes.")] = None,
    account: Whose = "",
    sender: Sender = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever looks later.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Block phones: requests to them are E114, and what waits for them is not sent.

    Example:
      slidewire block +12025550143 --note "asked by letter"

    """
    from slidewire.provisioning import blocks
    from slidewire.provisioning.words import check_printable, read_receiver

    check_printable(note, "the note")
    given = {read_receiver(number): note for number in numbers or ()}
    if file is not None:
        given |= read_numbers(file, lambda words: _note(words) or note)
    if not given:
        raise CommandError("name a number, or a file of them", "slidewire block --help", WRONG_USE)
    by, scope = by_us(), blocks.Scope(account, sender)
    told = write_store(settings_of(config), lambda connection: blocks.block(connection, given, scope, by))
    if as_json:
        say_json(told)
    else:
        say("1 number is blocked" if len(given) == 1 else f"{len(given)} numbers are blocked")


def unblock(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The phone, in international form.")],
    account: Whose = "",
    sender: Sender = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Take a block away, that of just this scope: see `slidewire blocked NUMBER`.

    Example:
      slidewire unblock +12025550143

    """
    from slidewire.provisioning import blocks

    by, scope = by_us(), blocks.Scope(account, sender)
    told = write_store(settings_of(config), lambda connection: blocks.unblock(connection, number, scope, by))
    if as_json:
        say_json(told)
    else:
        say(f"{number} is not blocked any more")


def blocked(
    number: Annotated[str, typer.Argument(metavar="[NUMBER]", help="Of this phone only.")] = "",
    after: Annotated[str, typer.Option(metavar="NUMBER", help="Those behind this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List blocks in the order of their numbers.

    Example:
      slidewire blocked +12025550143

    """
    from slidewire.provisioning import blocks

    found = read_store(settings_of(config), lambda c: blocks.list_blocks(c, number=number, after=after, limit=limit))
    rows: list[dict[str, Any]] = [{**row} for row in found]
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in rows[0]], [[visible(v) or "-" for v in r.values()] for r in rows])
    else:
        say("no number is blocked" if not number else f"{number} is not blocked")


def _note(words: str) -> str:
    if not words.isprintable():
        raise ValueError("its note has control characters")
    return words
