"""``slidewire usage``: what accounts used in a month."""

import csv
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of
from slidewire.cli.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.domain.usage import Usage
    from slidewire.store.database import Connection

_COLUMNS = ("account", "month", "channel", "operator", "messages", "segments", "bytes", "failed", "refused")


def usage(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="A UTC month; else the present one.")] = "",
    account: Annotated[str, typer.Option(metavar="ACCOUNT", help="Of this account only: its id, or its name.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Tell what accounts used in a month, by channel and operator: messages and segments that carriers took, bytes
    of MMS as they were posted, accepted messages that could not be sent, and refused requests.

    Example:
      slidewire usage --month 2026-11 --csv > november.csv

    """
    from slidewire.domain.usage import month_of, read_month
    from slidewire.runtime.clock import now
    from slidewire.store.usage import read_usage

    if as_csv and as_json:
        raise CommandError("--csv and --json exclude each other", code=WRONG_USE)
    try:
        which = read_month(month) if month else month_of(now())
    except ValueError:
        raise CommandError(f"--month {month}: no month", "As in --month 2026-11", WRONG_USE) from None

    def read(connection: "Connection") -> list[dict[str, Any]]:
        whose = find_account(connection, account).id if account else ""
        return [_row(owner, used) for owner, used in read_usage(connection, which, whose)]

    rows = read_store(settings_of(config), read)
    if as_json:
        say_json(rows)
    elif as_csv:
        out = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    elif rows:
        say_table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])
    else:
        say(f"nothing was used in {which}")


def _row(account: str, used: "Usage") -> dict[str, Any]:
    facts = asdict(used) | {"account": account, "channel": used.channel.value}
    return {name: facts[name] for name in _COLUMNS}
