"""``slidewire inbound ...``: what phones sent to our numbers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import say, say_json, say_table, visible
from slidewire.domain.moments import written

if TYPE_CHECKING:
    from slidewire.domain.inbound import KeptInbound
    from slidewire.store.database import Connection


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="What phones sent to our numbers.", no_args_is_help=True)
    add_command(app, "list", list_messages, "List the newest messages of phones.")
    add_command(app, "show", show, "Show one message of a phone.")
    return app


def list_messages(
    account: Annotated[str, typer.Option(metavar="ACCOUNT", help="To this account's numbers only.")] = "",
    phone: Annotated[str, typer.Option(metavar="NUMBER", help="Of this phone only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 50,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List what phones sent, the newest first; a message to a number that is nobody's has no account.

    Example:
      slidewire inbound list --phone +12025550143

    """
    from slidewire.provisioning.accounts import find_account
    from slidewire.provisioning.words import read_receiver
    from slidewire.store.inbound import list_inbound

    number = read_receiver(phone) if phone else ""

    def read(connection: "Connection") -> "list[KeptInbound]":
        whose = find_account(connection, account).id if account else ""
        return list_inbound(connection, account=whose, phone=number, limit=limit)

    rows = [_facts(each) for each in read_store(settings_of(config), read)]
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in rows[0]], [[_cell(v) for v in r.values()] for r in rows])
    else:
        say("no phone has sent anything")


def show(
    inbound_id: Annotated[str, typer.Argument(metavar="ID", help="As the list and N211 tell it.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show one message of a phone with its whole text.

    Example:
      slidewire inbound show 01998a3c5d2e7c41a3f0b9c2d4e6f801

    """
    from slidewire.store.inbound import find_inbound

    kept = read_store(settings_of(config), lambda connection: find_inbound(connection, inbound_id.strip()))
    if kept is None:
        raise CommandError(f"there is no inbound message {inbound_id}", "`slidewire inbound list` shows the newest.")
    facts = _facts(kept)
    if as_json:
        say_json(facts)
        return
    for name, value in facts.items():
        say(f"{name.replace('_', ' ')}: {visible(value, lines=True) or '-'}")


def _facts(kept: "KeptInbound") -> dict[str, Any]:
    it = kept.message
    return {
        "id": kept.id,
        "received_at": written(it.received_at),
        "account": kept.account_id,
        "route": it.route,
        "from": it.phone,
        "to": it.number,
        "word": kept.word.value,
        "text": it.text,
    }


def _cell(value: str) -> str:
    """One line of a table."""
    return (value if len(value) <= _WIDTH else value[: _WIDTH - 1] + "…") or "-"


_WIDTH = 60
