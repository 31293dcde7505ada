"""``slidewire inbound ...``: what phones sent to our numbers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of
from slidewire.cli.terminal import say, say_json, say_table, visible
from slidewire.domain.moments import written

if TYPE_CHECKING:
    from slidewire.domain.inbound import KeptInbound
    from slidewire.settings import Settings
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

    settings = settings_of(config)
    number = read_receiver(phone) if phone else ""

    def read(connection: "Connection") -> "list[KeptInbound]":
        whose = find_account(connection, account).id if account else ""
        return list_inbound(connection, account=whose, phone=number, limit=limit)

    if as_json:
        say_json(
            read_store(settings, lambda connection: [_facts(connection, each, settings) for each in read(connection)])
        )
        return
    found = read_store(settings, read)
    if found:
        say_table(_COLUMNS, [_cells(each) for each in found])
    else:
        say("no phone has sent anything")


def show(
    inbound_id: Annotated[str, typer.Argument(metavar="ID", help="As the list, N211 and N401 tell it.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show one message of a phone with its whole text.

    Example:
      slidewire inbound show 01998a3c5d2e7c41a3f0b9c2d4e6f801

    """
    from slidewire.store.inbound import find_inbound

    settings = settings_of(config)

    def read(connection: "Connection") -> "dict[str, Any] | None":
        kept = find_inbound(connection, inbound_id.strip())
        return _facts(connection, kept, settings) if kept else None

    facts = read_store(settings, read)
    if facts is None:
        raise CommandError(f"there is no inbound message {inbound_id}", "`slidewire inbound list` shows the newest.")
    if as_json:
        say_json(facts)
        return
    files = facts.pop("files")
    for name, value in facts.items():
        words = ", ".join(value) if isinstance(value, list) else value
        say(f"{name.replace('_', ' ')}: {visible(words, lines=True) or '-'}")
    for file in files:
        called = f" ({visible(file['given'])})" if file["given"] else ""
        say(f"file: {file['address']} {file['type']}, {file['size']} bytes{called}")


def _facts(connection: "Connection", kept: "KeptInbound", settings: "Settings") -> dict[str, Any]:
    """Everything that is kept of it; of its files where they are fetched."""
    from slidewire.store.links import links_of

    it = kept.message
    key_id = next((link.key_id for link in links_of(connection, kept.id)), "") if it.parts else ""
    files = [
        {
            "name": part.name,
            "type": part.content.type,
            "size": part.content.size,
            "given": part.given,
            "address": _address(settings, kept.id, part.name, key_id),
        }
        for part in it.parts
    ]
    return {
        "id": kept.id,
        "received_at": written(it.received_at),
        "account": kept.account_id,
        "route": it.route,
        "channel": it.channel.value,
        "from": it.phone,
        "to": it.number,
        "copy_to": list(it.copies),
        "operator": it.network,
        "word": kept.word.value,
        "subject": it.subject,
        "text": it.text,
        "files": files,
    }


def _address(settings: "Settings", inbound_id: str, name: str, key_id: str) -> str:
    """Where a file is fetched; empty where it has no link: its message is nobody's."""
    from slidewire.domain.inbound import MediaFile
    from slidewire.runtime.configure import links_base
    from slidewire.runtime.inbound import media_address
    from slidewire.runtime.offline import link_key

    file = MediaFile(inbound_id, name, key_id)
    return media_address(links_base(settings), lambda: link_key(settings), file) if key_id else ""


#: The columns of the list; an MMS without a text shows its subject.
_COLUMNS = ["id", "received at", "account", "route", "channel", "from", "to", "word", "text", "files"]


def _cells(kept: "KeptInbound") -> list[str]:
    it = kept.message
    where = [kept.id, written(it.received_at), kept.account_id, it.route, it.channel.value, it.phone, it.number]
    return [_cell(each) for each in (*where, kept.word.value, it.text or it.subject, str(len(it.parts) or ""))]


def _cell(value: str) -> str:
    """One line of a table."""
    return (value if len(value) <= _WIDTH else value[: _WIDTH - 1] + "…") or "-"


_WIDTH = 60
