"""``slidewire campaign ...``, ``subscribe``, ``unsubscribe``: what receivers join, and who has."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.number_files import progress, read_numbers
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_json_rows, say_table

if TYPE_CHECKING:
    from slidewire.provisioning.campaigns import ChangedSubscription, SubscriptionFacts
    from slidewire.store.database import Connection

Ref = Annotated[str, typer.Argument(metavar="REF", help="What requests name it by (CAMPAIGNREF).")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The phone, in international form.")]
Whose = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Whose it is; needed where several could be.")]

#: What a file of subscriptions may say; the first is what it means when it says nothing.
_STATES = {
    "": "subscribed",
    "subscribed": "subscribed",
    "pending": "pending",
    "removed": "removed",
    "opted out": "opted out",
    "unsubscribed": "opted out",
}


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Campaigns: what receivers join, and who has.", no_args_is_help=True)
    add_command(app, "add", add, "Make a campaign.")
    add_command(app, "set", set_joining, "Say how phones join a campaign by themselves.")
    add_command(app, "list", list_campaigns, "List campaigns.")
    add_command(app, "close", close, "End a campaign: its messages are refused.")
    add_command(app, "import", import_, "Subscribe the numbers of a CSV file.")
    add_command(app, "export", export, "Print a campaign's subscriptions as CSV.")
    return app


def add(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    ref: Ref,
    account: Whose = "",
    name: Annotated[str, typer.Option(help="What people call it; else its ref.")] = "",
    brand: Annotated[str, typer.Option(help="Whose name it carries.")] = "",
    sender: Annotated[
        list[str], typer.Option("--sender", metavar="NUMBER", help="One of its numbers; repeatable.")
    ] = [],  # noqa: B006  # typer copies it
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Make a campaign of an account. Messages are held to it where the account says enforce_campaign=on.

    Example:
      slidewire campaign add spring-list --account acme --name "Spring" --brand Acme

    """
    from slidewire.provisioning import campaigns

    wish, by = campaigns.CampaignWish(ref, account, name, brand, sender), by_us()
    campaign = write_store(settings_of(config), lambda connection: campaigns.add_campaign(connection, wish, by))
    if as_json:
        say_json(campaign)
    else:
        say(f"campaign {campaign['ref']} made, id {campaign['id']}")


def set_joining(  # noqa: PLR0913, PLR0917  # typer: each option is an argument
    ref: Ref,
    account: Whose = "",
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", metavar="WORD", help="A phone that writes it joins; repeatable.")
    ] = None,
    no_keyword: Annotated[bool, typer.Option("--no-keyword", help="Nobody joins by a word any more.")] = False,
    opt_in: Annotated[str | None, typer.Option(metavar="double|single", help="Whether YES must follow.")] = None,
    ask_text: Annotated[str | None, typer.Option(metavar="TEXT", help="Asks for YES.")] = None,
    welcome_text: Annotated[str | None, typer.Option(metavar="TEXT", help="Says that it has joined.")] = None,
    help_text: Annotated[str | None, typer.Option(metavar="TEXT", help="Answers HELP.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Say by which words phones join a campaign, and what they are answered. What is not given stays as it is.

    Example:
      slidewire campaign set spring-list --keyword JOIN --keyword SPRING --opt-in double

    """
    from slidewire.provisioning import campaigns

    if keyword and no_keyword:
        raise CommandError("name keywords or none", "slidewire campaign set --help", WRONG_USE)
    words = [] if no_keyword else keyword or None
    wish, by = campaigns.JoiningWish(words, opt_in, ask_text, welcome_text, help_text), by_us()
    name = (ref, account)
    changed = write_store(settings_of(config), lambda c: campaigns.change_joining(c, name, wish, by))
    if as_json:
        say_json(changed)
    else:
        joins = ", ".join(changed["keywords"]) or "no word"
        say(f"phones join {changed['ref']} by {joins} ({changed['opt_in']} opt-in)")


def list_campaigns(account: Whose = "", as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List every campaign, or one account's.

    Example:
      slidewire campaign list --account acme --json

    """
    from slidewire.provisioning import campaigns

    found = read_store(settings_of(config), lambda connection: campaigns.list_campaigns(connection, account))
    rows: list[dict[str, Any]] = [{**row} for row in found]
    if as_json:
        say_json(rows)
    elif rows:
        say_table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows])
    else:
        say("no campaigns yet: slidewire campaign add REF")


def close(ref: Ref, account: Whose = "", as_json: AsJson = False, config: ConfigFile = None) -> None:
    """End a campaign. Its subscriptions are kept; messages that name it are E721 where campaigns are enforced.

    Example:
      slidewire campaign close spring-list

    """
    from slidewire.provisioning.campaigns import close_campaign

    by = by_us()
    campaign = write_store(settings_of(config), lambda connection: close_campaign(connection, ref, account, by))
    if as_json:
        say_json({"closed": campaign.ref, "account": campaign.account_id})
    else:
        say(f"campaign {ref} closed")


def subscribe(
    ref: Ref, number: Number, account: Whose = "", as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Let a phone join a campaign. Whoever left it by a message of his own can only come back by one.

    Example:
      slidewire subscribe spring-list +12025550143

    """
    changed = _change(ref, number, account, config, "subscribed")
    if as_json:
        say_json(changed)
    else:
        say(f"{number} is subscribed to {ref}")


def unsubscribe(
    ref: Ref, number: Number, account: Whose = "", as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Take a phone out of a campaign; it may be subscribed again.

    Example:
      slidewire unsubscribe spring-list +12025550143

    """
    changed = _change(ref, number, account, config, "removed")
    if as_json:
        say_json(changed)
    else:
        say(f"{number} is not subscribed to {ref}")


def import_(
    ref: Ref,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8: number, and state if it is another.")],
    account: Whose = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Subscribe the numbers of a CSV file, all of them or, when a line is bad, none.

    The second column may say subscribed (as if it were empty), pending, removed, or opted out (also:
    unsubscribed). Who opted out himself stays so, whatever the file says.

    Example:
      slidewire campaign import spring-list numbers.csv

    """
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.campaigns import Consent
    from slidewire.provisioning.campaigns import open_campaign
    from slidewire.store.audit import write_audit
    from slidewire.store.consent import Import, import_subscriptions

    settings, by = settings_of(config), by_us()
    campaign = read_store(settings, lambda connection: open_campaign(connection, ref, account))
    numbers = {number: Consent(state) for number, state in read_numbers(file, _state).items()}
    new = Import(campaign.account_id, campaign.ref, numbers, by.at)

    def write(connection: "Connection") -> None:
        import_subscriptions(connection, new, tell)
        facts = {"campaign": new.campaign, "file": file.name, "numbers": len(numbers)}
        write_audit(connection, by, AuditAction.SUBSCRIPTIONS_CHANGED, new.account_id, **facts)

    with progress("importing", len(numbers)) as tell:
        write_store(settings, write)
    if as_json:
        say_json({"campaign": campaign.ref, "numbers": len(numbers)})
    else:
        say(f"{len(numbers)} numbers imported into {campaign.ref}")


def export(ref: Ref, account: Whose = "", as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Print a campaign's subscriptions as CSV, as `campaign import` reads them.

    Example:
      slidewire campaign export spring-list > numbers.csv

    """
    from slidewire.provisioning.campaigns import list_subscriptions, open_campaign

    settings = settings_of(config)
    campaign = read_store(settings, lambda connection: open_campaign(connection, ref, account))

    def rows() -> Iterator["SubscriptionFacts"]:
        after = ""
        while page := read_store(settings, lambda c: list_subscriptions(c, campaign, after=after)):  # noqa: B023  # called at once
            yield from page
            after = page[-1]["number"]

    if as_json:
        say_json_rows(rows())
        return
    out = csv.DictWriter(sys.stdout, ("number", "state", "source", "changed_at"), lineterminator="\n")
    out.writeheader()
    out.writerows(rows())


def _change(ref: str, number: str, account: str, config: str | None, state: str) -> "ChangedSubscription":
    """Move a phone's subscription; the facts of what is now so."""
    from slidewire.domain.campaigns import Consent
    from slidewire.domain.ids import IdMaker
    from slidewire.provisioning.campaigns import SubscriptionWish, change_consent
    from slidewire.runtime.clock import now

    wish, by = SubscriptionWish(ref, number, Consent(state), account), by_us()
    return write_store(settings_of(config), lambda connection: change_consent(connection, wish, by, IdMaker(now)))


def _state(word: str) -> str:
    state = _STATES.get(word.lower())
    if state is None:
        raise ValueError(f"{word!r} is none of: {', '.join(filter(None, _STATES))}")
    return state


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value
