"""``slidewire audit ...``: who changed what and when."""

from typing import Annotated, Any

import typer

from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import json_text, say, say_json, say_table


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
    from slidewire.provisioning import ledgers

    rows = read_store(settings_of(config), lambda c: ledgers.list_changes(c, account, limit=limit))
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
