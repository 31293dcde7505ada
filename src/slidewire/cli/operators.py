"""``slidewire operator ...``: the networks that are known, what their phones take, and whose a number is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, run, settings_of
from slidewire.cli.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.provisioning.phones import LookupAnswer
    from slidewire.settings import Settings

#: Networks of one operator in a table; JSON has them all.
_FEW = 3
_COLUMNS = ("id", "aliases", "name", "country", "mms", "networks")
#: What is shown of a budget.
_LIMITS = ("bytes", "width", "height", "formats", "vcard", "said_by")


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Mobile networks, and which one a number is with.", no_args_is_help=True)
    add_command(app, "list", list_operators, "List the operators that are known.")
    add_command(app, "show", show, "What an operator's phones are sent at most, and in which image formats.")
    add_command(app, "lookup", lookup, "Ask every link of the operator lookup about a number.")
    return app


def list_operators(
    country: Annotated[str, typer.Option(help="Only those of this country, two letters.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the operators that are known: those of the settings, and those that come with Slidewire.

    Example:
      slidewire operator list --country US

    """
    from slidewire.provisioning import phones
    from slidewire.runtime.configure import operators_of

    found = phones.list_operators(operators_of(settings_of(config)), country)
    if as_json:
        say_json(found)
        return
    rows = [
        (each["id"], " ".join(each["aliases"]), each["name"], each["country"], "yes" if each["mms"] else "no", nets)
        for each in found
        for nets in [_few(each["networks"])]
    ]
    say_table(_COLUMNS, rows)


def show(
    operator: Annotated[str, typer.Argument(metavar="ID", help="Its id, or an alias.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show an operator, and by sender kind what its phones are sent at most where a route does not say so.

    Example:
      slidewire operator show 31003

    """
    from slidewire.runtime.budgets import budgets_for
    from slidewire.runtime.configure import operators_of

    settings = settings_of(config)
    known = operators_of(settings).resolve(operator)
    if known is None:
        raise CommandError(f"no operator is called {operator}", "slidewire operator list names all that are known.")
    facts = {name: getattr(known, name) for name in _COLUMNS}
    rows = [
        {"sender": kind.value.replace(" ", "-")} | {name: getattr(budget, name) for name in _LIMITS}
        for kind, budget in budgets_for(settings, operator).items()
    ]
    if as_json:
        say_json(facts | {"budgets": rows})
        return
    facts["networks"] = _few(known.networks)
    say_table(("fact", "value"), [(name, _cell(value)) for name, value in facts.items()])
    say()
    say_table([name.replace("_", " ") for name in rows[0]], [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _few(networks: Sequence[str]) -> str:
    left = len(networks) - _FEW
    return " ".join(networks[:_FEW]) + (f" and {left} more" if left > 0 else "")


def lookup(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="In international form: 12025550123.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Ask every link of the operator lookup about a number: each says what it would say by itself.

    The first that names a network counts. The provider is really asked, which may cost money. Nothing is kept.

    Example:
      slidewire operator lookup 12025550123

    """
    rows = run(_asked(settings_of(config), number))
    if as_json:
        say_json(rows)
    else:
        say_table([name.replace("_", " ") for name in rows[0]], [list(row.values()) for row in rows])


async def _asked(settings: "Settings", number: str) -> "list[LookupAnswer]":
    from slidewire.provisioning.phones import look_up
    from slidewire.runtime.lookup import lookup_beside
    from slidewire.runtime.offline import open_store

    async with open_store(settings) as database, lookup_beside(settings, database) as chain:
        return await look_up(chain, number)
