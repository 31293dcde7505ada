"""``slidewire receipt ...``: what carriers told that belongs to no submission we know."""

from typing import Annotated

import typer

from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import say, say_json, say_table
from slidewire.domain.moments import written


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Receipts that found no submission.", no_args_is_help=True)
    app.callback()(lambda: None)  # one command alone would lose its name
    add_command(app, "list", list_receipts, "List receipts that wait for their submission.")
    return app


def list_receipts(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List receipts that wait for their submission, or never found one.

    Example:
      slidewire receipt list --limit 20

    """
    import msgspec

    from slidewire.store.receipts import list_parked

    parked = read_store(settings_of(config), lambda connection: list_parked(connection, limit))
    rows = [
        {
            "received_at": written(each.received_at),
            "route": each.route,
            "carrier_ref": each.ref,
            "receipt": msgspec.json.decode(each.body),
        }
        for each in parked
    ]
    if as_json:
        say_json(rows)
    elif rows:
        cells = [(written(each.received_at), each.route, each.ref, each.body) for each in parked]
        say_table(("received at", "route", "carrier ref", "receipt"), cells)
    else:
        say("every receipt found its submission")
