"""``slidewire postback ...``: what was posted to customers, posted again, and addresses that were turned off."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import read_moment
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import moment, say, say_json, say_table, visible

if TYPE_CHECKING:
    from slidewire.store.database import Connection
    from slidewire.store.postbacks import PastPostback, PostbackState, Wanted

#: Postbacks that one command posts again.
_MOST = 100_000

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
    from slidewire.store.postbacks import Wanted, past_postbacks

    wanted_state, from_then = _state(state), read_moment(since, "--since") if since else 0

    def read(connection: "Connection") -> list[dict[str, Any]]:
        account_id = find_account(connection, account).id if account else ""
        wanted = Wanted(account_id, message.strip(), from_then, wanted_state)
        return [_facts(each) for each in past_postbacks(connection, wanted, limit)]

    rows = read_store(settings_of(config), read)
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
    config: ConfigFile = None,
) -> None:
    """Post a message's postbacks again, under their old ids.

    Example:
      slidewire postback resend 0190a1b2c3d47e8f9a0b1c2d3e4f5061 --code N102

    """
    from slidewire.store.postbacks import Wanted

    def wanted(_connection: "Connection") -> "Wanted":
        return Wanted(message_id=tracking_id.strip())

    _post_again(config, wanted, code.strip().upper())


def replay(
    account: Which,
    since: Since,
    everything: Annotated[bool, typer.Option("--all", help="What was received too.")] = False,
    config: ConfigFile = None,
) -> None:
    """Post again what an account did not receive since a time.

    Example:
      slidewire postback replay acme --since 2031-01-07T12:00:00Z

    """
    from slidewire.store.postbacks import PostbackState, Wanted

    from_then = read_moment(since, "--since")

    def wanted(connection: "Connection") -> "Wanted":
        found = find_account(connection, account)
        return Wanted(found.id, since=from_then, state=None if everything else PostbackState.GIVEN_UP)

    _post_again(config, wanted, "")


def resume(account: Which, config: ConfigFile = None) -> None:
    """Turn an account's postbacks on again after its address had been turned off.

    Example:
      slidewire postback resume acme

    """
    from slidewire.store.endpoints import forget_endpoint

    def write(connection: "Connection") -> tuple[str, bool]:
        found = find_account(connection, account)
        return found.name, forget_endpoint(connection, found.id)

    name, was_known = write_store(settings_of(config), write)
    say(f"{visible(name)}: postbacks go out again" if was_known else f"{visible(name)}: they were not turned off")


def _post_again(config: str | None, wanted: Any, code: str) -> None:  # Connection -> Wanted
    from slidewire.domain.ids import IdMaker
    from slidewire.runtime.clock import now
    from slidewire.store.accounts import read_book
    from slidewire.store.endpoints import failing_endpoints
    from slidewire.store.postbacks import past_postbacks, post_again

    def write(connection: "Connection") -> int:
        found = past_postbacks(connection, wanted(connection), _MOST)
        chosen = [each for each in found if not code or _code(each) == code]
        accounts, failing = read_book(connection).by_id, failing_endpoints(connection)
        for account_id in {each.account_id for each in chosen}:
            account = accounts.get(account_id)
            if account is None or not account.settings.postback_url:
                raise CommandError(f"account {account_id} has no address for postbacks", "Set its postback_url.")
            endpoint = failing.get(account_id)
            if endpoint and endpoint.off_at is not None and endpoint.url == account.settings.postback_url:
                raise CommandError("its postbacks are turned off", f"First: slidewire postback resume {account_id}")
        return post_again(connection, chosen, now(), IdMaker(now))

    count = write_store(settings_of(config), write)
    if not count:
        raise CommandError("there is no such postback", "`slidewire postback list` shows those there are.")
    say("1 postback will be posted" if count == 1 else f"{count} postbacks will be posted")


def _facts(postback: "PastPostback") -> dict[str, Any]:
    from slidewire.domain.task import NEVER

    return {
        "id": postback.id,
        "tracking_id": postback.message_id,
        "account": postback.account_id,
        "at": moment(postback.at),
        "code": _code(postback),
        "state": postback.state.value,
        "attempts": postback.attempt,
        "next_attempt_at": moment(postback.due_at) if 0 < postback.due_at < NEVER else "",
    }


def _code(postback: "PastPostback") -> str:
    """The published one (api.md 4.2)."""
    from slidewire.domain.postback import PostbackCode

    name = str(postback.body.get("code", ""))
    return PostbackCode[name].code if name in PostbackCode.__members__ else name


def _state(word: str) -> "PostbackState | None":
    from slidewire.store.postbacks import PostbackState

    if not word:
        return None
    try:
        return PostbackState(word.replace("-", " "))
    except ValueError:
        raise CommandError(f"--state {word}: waiting, received or given-up", code=WRONG_USE) from None
