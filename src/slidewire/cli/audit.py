"""``slidewire audit ...``: who changed what and when."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import json_text, moment, say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.store.database import Connection


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Who changed what and when.", no_args_is_help=True)
    app.callback()(lambda: None)  # one command alone would lose its name
    add_command(app, "list", list_changes, "List the changes of accounts.")
    return app


def list_changes(
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Of this account only: its id, or its name.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List who changed which account, when, and what; secrets are never in it.

    Example:
      slidewire audit list --account acme

    """
    from slidewire.store.audit import list_audit

    def read(connection: "Connection") -> list[dict[str, Any]]:
        only = find_account(connection, account).id if account is not None else None
        return [
            {
                "at": moment(row.at),
                "who": row.who,
                "action": row.action,
                "account": row.account_id,
                "facts": row.facts,
            }
            for row in list_audit(connection, only, limit)
        ]

    rows = read_store(settings_of(config), read)
    if as_json:
        say_json(rows)
    elif rows:
        cells = [(r["at"], r["who"], r["action"], r["account"], _short(r["facts"])) for r in rows]
        say_table(("at", "who", "action", "account", "what"), cells)
    else:
        say("nothing was changed yet")


def _short(facts: dict[str, Any]) -> str:
    """The facts in one line."""
    return " ".join(json_text(facts).split()) if facts else ""
