"""``slidewire postback ...``: what was posted to customers, posted again, and addresses that were turned off."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import read_moment
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.provisioning.postbacks import Search
    from slidewire.store.postbacks import PostbackState

Since = Annotated[str, typer.Option(metavar="TIME", help="From then on: 2h (back from now), or an ISO 8601 time.")]
Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, or its name when only one has it.")]


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="What was posted to customers.", no_args_is_help=True)
    add_command(app, "list", list_postbacks, "List postbacks, the newest first.")
    add_command(app, "resend", resend, "Post a message's postbacks again.")
    add_command(app, "replay", replay, "Post again what an account missed.")
    add_command(app, "resume", resume, "Turn an account's postbacks on again.")
    return app


def list_postbacks(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    account: Annotated[str, typer.Option(metavar="ACCOUNT", help="Of one account.")] = "",
    message: Annotated[str, typer.Option(metavar="TRACKINGID", help="Of one message.")] = "",
    since: Since = "",
    state: Annotated[str, typer.Option(help="waiting, received or given-up.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List postbacks of messages, the newest first.

    Example:
      slidewire postback list --account acme --since 2h --state given-up

    """
    from slidewire.provisioning import postbacks

    search = postbacks.Search(account, message, read_moment(since, "--since") if since else 0, _state(state))
    found = read_store(settings_of(config), lambda connection: postbacks.list_postbacks(connection, search, limit))
    rows: list[dict[str, Any]] = [{**row} for row in found]
    if as_json:
        say_json(rows)
    elif rows:
        names = ("at", "code", "state", "tracking_id", "next_attempt_at")
        say_table([name.replace("_", " ") for name in names], [[visible(row[name]) for name in names] for row in rows])
    else:
        say("no such postback")


def resend(
    tracking_id: Annotated[str, typer.Argument(metavar="TRACKINGID", help="As the API answered it.")],
    code: Annotated[str, typer.Option(metavar="CODE", help="Only those of this code, such as N102.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Post a message's postbacks again, under their old ids.

    Example:
      slidewire postback resend 0190a1b2c3d47e8f9a0b1c2d3e4f5061 --code N102

    """
    from slidewire.provisioning.postbacks import Search

    _post_again(config, Search(message=tracking_id), code.strip().upper(), as_json=as_json)


def replay(
    account: Which,
    since: Since,
    everything: Annotated[bool, typer.Option("--all", help="What was received too.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Post again what an account did not receive since a time.

    Example:
      slidewire postback replay acme --since 2031-01-07T12:00:00Z

    """
    from slidewire.provisioning.postbacks import Search
    from slidewire.store.postbacks import PostbackState

    state = None if everything else PostbackState.GIVEN_UP
    _post_again(config, Search(account, since=read_moment(since, "--since"), state=state), as_json=as_json)


def resume(account: Which, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Turn an account's postbacks on again after its address had been turned off.

    Example:
      slidewire postback resume acme

    """
    from slidewire.provisioning import postbacks

    by = by_us()
    told = write_store(settings_of(config), lambda connection: postbacks.resume(connection, account, by))
    if as_json:
        say_json(told)
        return
    name = visible(told["name"])
    say(f"{name}: postbacks go out again" if told["were_off"] else f"{name}: they were not turned off")


def _post_again(config: str | None, search: "Search", code: str = "", *, as_json: bool) -> None:
    from slidewire.domain.ids import IdMaker
    from slidewire.provisioning import postbacks
    from slidewire.runtime.clock import now

    by, new_id = by_us(), IdMaker(now)
    told = write_store(settings_of(config), lambda c: postbacks.resend(c, search, code, by, new_id))
    count = told["postbacks"]
    if as_json:
        say_json(told)
    else:
        say("1 postback will be posted" if count == 1 else f"{count} postbacks will be posted")


def _state(word: str) -> "PostbackState | None":
    from slidewire.store.postbacks import PostbackState

    if not word:
        return None
    try:
        return PostbackState(word.replace("-", " "))
    except ValueError:
        raise CommandError(f"--state {word}: waiting, received or given-up", code=WRONG_USE) from None
