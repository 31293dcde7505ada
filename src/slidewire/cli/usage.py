"""``slidewire usage``: what accounts used in a month."""

import csv
import sys
from typing import Annotated, Any

import typer

from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, read_store, settings_of
from slidewire.cli.terminal import say, say_json, say_table

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
    from slidewire.domain.usage import month_of
    from slidewire.provisioning.ledgers import list_prepaid, list_usage
    from slidewire.runtime.clock import now

    if as_csv and as_json:
        raise CommandError("--csv and --json exclude each other", code=WRONG_USE)
    rows: list[dict[str, Any]] = [
        {**row} for row in read_store(settings_of(config), lambda c: list_usage(c, month, account, now()))
    ]
    if as_json:
        say_json(rows)
    elif as_csv:
        out = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    else:
        if rows:
            say_table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])
        else:
            say(f"nothing was used in {month.strip() or month_of(now())}")
        for each in read_store(settings_of(config), lambda c: list_prepaid(c, account)):
            say(f"{each['account']} has {each['left']} of {each['paid_for']} prepaid messages left")
