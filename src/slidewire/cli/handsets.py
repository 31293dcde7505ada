"""``slidewire handset ...``: what is known of the phone behind a number."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import moment, say_json, say_table

if TYPE_CHECKING:
    from slidewire.domain.handset import Handset
    from slidewire.settings import Settings


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
    from slidewire.domain.phone import NumberError, read_number
    from slidewire.store.handsets import find_handsets

    try:
        digits = read_number(number).digits
    except NumberError as error:
        raise CommandError(
            f"{number!r}: {error}", "Write it with its country's code: 12025550123.", WRONG_USE
        ) from None
    settings = settings_of(config)
    found = read_store(settings, lambda connection: find_handsets(connection, [digits]))
    if digits not in found:
        raise CommandError(
            f"nothing is known of the phone behind {digits}",
            "Its network tells of it in receipts, or does not; what it told is kept for [handsets] keep.",
        )
    facts = _facts(digits, found[digits], settings)
    if as_json:
        say_json(facts)
    else:
        say_table(["", digits], [[name.replace("_", " "), value] for name, value in facts.items() if name != "number"])


def _facts(digits: str, handset: "Handset", settings: "Settings") -> dict[str, object]:
    from slidewire.runtime.budgets import handsets_of

    known = handsets_of(settings).find(handset)
    shows = None if known is None or known.shows is None else sorted(kind.value for kind in known.shows)
    return {
        "number": digits,
        "profile": handset.profile,
        "user_agent": handset.agent,
        "seen_at": moment(handset.seen_at),
        "days_ago": max(time.time_ns() // 1_000_000 - handset.seen_at, 0) // 86_400_000,
        "known_as": known.name if known else None,
        "bytes": known.bytes or None if known else None,
        "width": known.width or None if known else None,
        "height": known.height or None if known else None,
        "shows": shows,
    }
