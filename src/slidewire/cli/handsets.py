"""``slidewire handset ...``: what is known of the phone behind a number."""

from typing import Annotated

import typer

from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import say_json, say_table


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Phones behind numbers.", no_args_is_help=True)
    add_command(app, "show", show, "Show what is known of the phone behind a number.")
    return app


def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="With its country's code.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what receipts told of the phone behind a number, how long ago, and what a table knows of such phones.

    Example:
      slidewire handset show 12025550123

    """
    from slidewire.provisioning.phones import show_handset
    from slidewire.runtime.budgets import handsets_of
    from slidewire.runtime.clock import now

    settings = settings_of(config)
    table = handsets_of(settings)
    facts = read_store(settings, lambda connection: show_handset(connection, number, table, now()))
    if as_json:
        say_json(facts)
    else:
        rows = [[name.replace("_", " "), value] for name, value in facts.items() if name != "number"]
        say_table(["", facts["number"]], rows)
