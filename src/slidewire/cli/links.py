"""``slidewire link ...``: the addresses of fallback pages, how often they were opened, and their end."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table
from slidewire.domain.moments import written

if TYPE_CHECKING:
    from slidewire.store.database import Connection


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Links of fallback pages.", no_args_is_help=True)
    add_command(app, "list", list_links, "List the links of a message with their openings.")
    add_command(app, "revoke", revoke, "End a link, or every link of a message.")
    return app


def list_links(
    tracking_id: Annotated[str, typer.Argument(metavar="TRACKINGID", help="As the API answered it.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the links of a message. The addresses themselves are not known: only the SMS had them.

    Example:
      slidewire link list 0190a1b2c3d47e8f9a0b1c2d3e4f5061

    """
    from slidewire.store.links import links_of

    links = read_store(settings_of(config), lambda connection: links_of(connection, tracking_id.strip()))
    rows: list[dict[str, Any]] = [
        {
            "created_at": written(link.created_at),
            "expires_at": written(link.expires_at),
            "revoked_at": written(link.revoked_at),
            "openings": link.openings,
            "first_opened_at": written(link.first_opened_at),
            "bots": link.bots,
        }
        for link in links
    ]
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in rows[0]], [list(row.values()) for row in rows])
    else:
        say("the message has no link")


def revoke(
    link: Annotated[str, typer.Argument(metavar="[LINK]", help="The address in the SMS, or its last part.")] = "",
    message: Annotated[str, typer.Option(metavar="TRACKINGID", help="Every link of this message.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """End a link: from now on its page and every file of it answer 410. It cannot be undone.

    Example:
      slidewire link revoke https://m.example.net/m/hT7kWq2mZbD

    """
    from slidewire.runtime.offline import link_key
    from slidewire.store.links import revoke_link, revoke_links

    if bool(link) == bool(message):
        raise CommandError("name a link, or a message with --message", "slidewire link revoke --help", WRONG_USE)
    settings, now = settings_of(config), time.time_ns() // 1_000_000

    def end(connection: "Connection") -> int:
        if message:
            return revoke_links(connection, message.strip(), now)
        token = link.strip().rstrip("/").rpartition("/")[2]
        return int(revoke_link(connection, token, link_key(settings), now))

    ended = write_store(settings, end)
    if not ended:
        raise CommandError("there is no such link that is still open", "`slidewire link list TRACKINGID` shows them.")
    if as_json:
        say_json({"links": ended})
    else:
        say("1 link ended" if ended == 1 else f"{ended} links ended")
