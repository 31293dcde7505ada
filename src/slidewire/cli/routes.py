"""``slidewire route ...``: how fast routes send, and which processes send on them now."""

from typing import Annotated

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="How fast routes send, and which processes send on them.", no_args_is_help=True)
    add_command(app, "list", list_routes, "List the routes with their rates, and who holds their lanes.")
    add_command(app, "rate", set_rate, "Set how fast a route sends, on all nodes.")
    return app


def list_routes(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the routes of the settings: rate, the rate that an admin has set, lanes, and who holds them.

    Example:
      slidewire route list

    """
    from slidewire.runtime.configure import routes_of
    from slidewire.store.lanes import read_holders, read_rates

    settings = settings_of(config)
    rates, holders = read_store(settings, lambda c: (read_rates(c), read_holders(c)))
    found = [
        {
            "route": route.name,
            "kind": route.kind,
            "rate": route.rate,
            "set_rate": rates.get(route.name),
            "lanes": route.lanes,
            "holders": holders.get(route.name, []),
        }
        for route in routes_of(settings)
    ]
    if as_json:
        say_json(found)
        return
    cells = [
        (
            each["route"],
            each["kind"],
            _rate(each["rate"]),
            _rate(each["set_rate"]),
            each["lanes"],
            _who(each["holders"]),
        )
        for each in found
    ]
    say_table(("route", "kind", "rate", "set", "lanes", "held by"), cells)


def set_rate(
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="Its name.")],
    rate: Annotated[str, typer.Argument(metavar="RATE", help="Such as 20/s; default: as the settings say.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Set how fast a route sends, over what the settings say; every node follows within two seconds.

    Example:
      slidewire route rate mmsc-a 20/s

    """
    from slidewire.provisioning.routes import change_rate

    settings = settings_of(config)
    names = [each.name for each in settings.routes]
    if route not in names:
        raise CommandError(f"there is no route {route}", f"There are: {', '.join(names) or 'none'}.", WRONG_USE)
    by = by_us()
    try:
        wanted = write_store(settings, lambda c: change_rate(c, route, rate, by))
    except ValueError as error:
        raise CommandError(str(error), "Or `default`, as the settings say.", WRONG_USE) from None
    if as_json:
        say_json({"route": route, "set_rate": wanted or None})
    else:
        say(f"{route} sends at {f'{wanted:g}/s' if wanted else 'the rate of the settings'}")


def _rate(rate: object) -> str:
    return "" if rate is None else f"{rate:g}/s"


def _who(holders: object) -> str:
    assert isinstance(holders, list)  # noqa: S101  # as it was made
    return " ".join(str(each)[:8] for each in holders)
