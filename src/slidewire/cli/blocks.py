"""``slidewire block``, ``unblock``, ``blocked``: numbers that nothing is sent to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import check_printable, read_receiver, read_senders
from slidewire.cli.number_files import read_numbers
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of, write_store
from slidewire.cli.terminal import moment, say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.store.database import Connection

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
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.campaigns import Source
    from slidewire.store.audit import write_audit
    from slidewire.store.consent import Block, add_blocks

    check_printable(note, "the note")
    given = {read_receiver(number): note for number in numbers or ()}
    if file is not None:
        given |= read_numbers(file, lambda words: _note(words) or note)
    if not given:
        raise CommandError("name a number, or a file of them", "slidewire block --help", WRONG_USE)
    by = by_us()

    def write(connection: "Connection") -> None:
        owner, number = _scope(connection, account, sender)
        rows = [Block(r, owner, number, Source.MANAGER, why, by.at) for r, why in sorted(given.items())]
        add_blocks(connection, rows)
        write_audit(connection, by, AuditAction.BLOCKS_ADDED, owner, numbers=len(rows), sender=number)

    write_store(settings_of(config), write)
    if as_json:
        say_json({"blocked": sorted(given)})
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
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.retention import masked
    from slidewire.store.audit import write_audit
    from slidewire.store.consent import remove_block

    receiver, by = read_receiver(number), by_us()

    def write(connection: "Connection") -> bool:
        owner, whose = _scope(connection, account, sender)
        gone = remove_block(connection, receiver, owner, whose)
        if gone:
            facts = {"number": masked(receiver), "sender": whose}
            write_audit(connection, by, AuditAction.BLOCK_REMOVED, owner, **facts)
        return gone

    if not write_store(settings_of(config), write):
        raise CommandError(
            f"{number} has no such block", f"`slidewire blocked {number}` shows every block that it has."
        )
    if as_json:
        say_json({"unblocked": receiver})
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
    from slidewire.store.consent import read_blocks

    receiver = read_receiver(number) if number else ""
    behind = after.strip().removeprefix("+")
    found = read_store(settings_of(config), lambda c: read_blocks(c, receiver=receiver, after=behind, limit=limit))
    rows: list[dict[str, Any]] = [
        {
            "number": it.receiver,
            "account": it.account_id,
            "sender": it.sender,
            "source": it.source.value,
            "note": it.note,
            "created_at": moment(it.created_at),
        }
        for it in found
    ]
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in rows[0]], [[visible(v) or "-" for v in r.values()] for r in rows])
    else:
        say("no number is blocked" if not number else f"{number} is not blocked")


def _scope(connection: "Connection", account: str, sender: str) -> tuple[str, str]:
    """The account and the sender that a block is for; empty: any."""
    if sender and not account:
        raise CommandError("--sender needs --account", "A number belongs to an account.", WRONG_USE)
    if not account:
        return "", ""
    found = find_account(connection, account)
    number = read_senders([sender])[0] if sender else ""
    if number and number not in found.senders:
        raise CommandError(f"{sender} is not a sender of {account}", "`slidewire account show` lists them.", WRONG_USE)
    return found.id, number


def _note(words: str) -> str:
    if not words.isprintable():
        raise ValueError("its note has control characters")
    return words
