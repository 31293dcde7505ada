"""``slidewire campaign ...``, ``subscribe``, ``unsubscribe``: what receivers join, and who has."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.account_facts import find_account
from slidewire.cli.author import by_us
from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.given import check_printable, read_receiver, read_senders
from slidewire.cli.number_files import progress, read_numbers
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import moment, say, say_json, say_table

if TYPE_CHECKING:
    from slidewire.domain.campaigns import Campaign
    from slidewire.store.consent import Subscription
    from slidewire.store.database import Connection

Ref = Annotated[str, typer.Argument(metavar="REF", help="What requests name it by (CAMPAIGNREF).")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The phone, in international form.")]
Whose = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Whose it is; needed where several could be.")]

_LONGEST_REF = 64
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
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.campaigns import Campaign
    from slidewire.store.audit import write_audit
    from slidewire.store.campaigns import CampaignExistsError, add_campaign

    for word, what in ((ref, "the ref"), (name, "the name"), (brand, "the brand")):
        check_printable(word, what)
    if not ref.strip() or len(ref.strip()) > _LONGEST_REF:
        raise CommandError(f"a ref has 1 to {_LONGEST_REF} characters", "As in: spring-list", WRONG_USE)
    senders, by = read_senders(sender), by_us()

    def write(connection: "Connection") -> "Campaign":
        owner = _account(connection, account)
        if strange := set(senders) - owner[1]:
            raise CommandError(f"{min(strange)} is not a sender of the account", code=WRONG_USE)
        made = Campaign(0, owner[0], ref.strip(), name.strip() or ref.strip(), brand.strip(), senders, by.at)
        write_audit(connection, by, AuditAction.CAMPAIGN_ADDED, owner[0], ref=made.ref)
        return add_campaign(connection, made)

    try:
        campaign = write_store(settings_of(config), write)
    except CampaignExistsError:
        raise CommandError(
            f"there is a campaign {ref.strip()} already", "`slidewire campaign list` shows it."
        ) from None
    if as_json:
        say_json(_facts(campaign))
    else:
        say(f"campaign {campaign.ref} made, id {campaign.id}")


def list_campaigns(account: Whose = "", as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List every campaign, or one account's.

    Example:
      slidewire campaign list --account acme --json

    """
    from slidewire.store.campaigns import read_campaigns

    def read(connection: "Connection") -> "list[Campaign]":
        return read_campaigns(connection, find_account(connection, account).id if account else "")

    rows = [_facts(campaign) for campaign in read_store(settings_of(config), read)]
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
    from slidewire.domain.audit import AuditAction
    from slidewire.store.audit import write_audit
    from slidewire.store.campaigns import close_campaign

    by = by_us()

    def write(connection: "Connection") -> "Campaign":
        campaign = _campaign(connection, ref, account)
        close_campaign(connection, campaign.account_id, campaign.ref, by.at)
        write_audit(connection, by, AuditAction.CAMPAIGN_CLOSED, campaign.account_id, ref=campaign.ref)
        return campaign

    campaign = write_store(settings_of(config), write)
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
    from slidewire.store.audit import write_audit
    from slidewire.store.consent import Import, import_subscriptions

    settings, by = settings_of(config), by_us()
    campaign = read_store(settings, lambda connection: _campaign(connection, ref, account))
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


def export(ref: Ref, account: Whose = "", config: ConfigFile = None) -> None:
    """Print a campaign's subscriptions as CSV, as `campaign import` reads them.

    Example:
      slidewire campaign export spring-list > numbers.csv

    """
    from slidewire.store.consent import read_subscriptions

    settings = settings_of(config)
    campaign = read_store(settings, lambda connection: _campaign(connection, ref, account))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("number", "state", "source", "changed_at"))
    after = ""
    while page := read_store(
        settings,
        lambda connection: read_subscriptions(connection, campaign.account_id, campaign.ref, after=after),  # noqa: B023
    ):
        out.writerows((row.receiver, row.state.value, row.source.value, moment(row.changed_at)) for row in page)
        after = page[-1].receiver


def _change(ref: str, number: str, account: str, config: str | None, state: str) -> dict[str, str]:
    """Move a phone's subscription; the facts of what is now so."""
    from slidewire.domain.audit import AuditAction
    from slidewire.domain.campaigns import Consent, Source
    from slidewire.domain.retention import masked
    from slidewire.store.audit import write_audit
    from slidewire.store.consent import Subscription, change_subscription, subscriptions_of

    receiver, by = read_receiver(number), by_us()

    def write(connection: "Connection") -> bool:
        campaign = _campaign(connection, ref, account)
        new = Subscription(receiver, campaign.account_id, campaign.ref, Consent(state), Source.MANAGER, by.at)
        before = {each.campaign: each.state for each in subscriptions_of(connection, receiver, campaign.account_id)}
        changed = change_subscription(connection, new)
        if changed:
            if Consent.SUBSCRIBED in {new.state, before.get(new.campaign)} and new.state != before.get(new.campaign):
                _tell(connection, campaign, new, by.id)
            facts = {"campaign": new.campaign, "number": masked(receiver), "state": state}
            write_audit(connection, by, AuditAction.SUBSCRIPTIONS_CHANGED, new.account_id, **facts)
        return changed

    if not write_store(settings_of(config), write):
        raise CommandError(f"{number} left {ref} by a message of his own", "Only a message of his own brings him back.")
    return {"campaign": ref, "number": receiver, "state": state}


def _tell(connection: "Connection", campaign: "Campaign", new: "Subscription", about: str) -> None:
    """Queue N301 or N302, posted by the gateway within a second."""
    from slidewire.domain.campaigns import Consent
    from slidewire.domain.ids import IdMaker
    from slidewire.domain.postback import PostbackCode
    from slidewire.domain.telling import Turn, campaign_news, telling_news
    from slidewire.runtime.clock import now
    from slidewire.store.messages import insert_task

    owner = find_account(connection, campaign.account_id)
    [number, *others] = campaign.senders or sorted(owner.senders) or [""]
    turn = Turn(new.receiver, "" if others else number, new.source, about, new.changed_at)
    code = PostbackCode.SUBSCRIBED if new.state is Consent.SUBSCRIBED else PostbackCode.UNSUBSCRIBED
    task = telling_news(owner, campaign_news(code, campaign, turn), IdMaker(now)())
    if task is not None:
        insert_task(connection, task)


def _state(word: str) -> str:
    state = _STATES.get(word.lower())
    if state is None:
        raise ValueError(f"{word!r} is none of: {', '.join(filter(None, _STATES))}")
    return state


def _account(connection: "Connection", word: str) -> tuple[str, frozenset[str]]:
    """The account that is named, or the only one: its id and senders."""
    from slidewire.store.accounts import read_book

    if word:
        account = find_account(connection, word)
        return account.id, account.senders
    every = list(read_book(connection).by_id.values())
    if len(every) != 1:
        raise CommandError(f"there are {len(every)} accounts", "Name one with --account.", WRONG_USE)
    return every[0].id, every[0].senders


def _campaign(connection: "Connection", ref: str, account: str) -> "Campaign":
    """The open campaign of this ref. Raises CommandError when there is none, or several accounts have one."""
    from slidewire.store.campaigns import read_campaigns

    owner = find_account(connection, account).id if account else ""
    found = [c for c in read_campaigns(connection, owner) if c.ref == ref.strip() and c.closed_at is None]
    if not found:
        raise CommandError(f"there is no open campaign {ref}", "`slidewire campaign list` shows them all.")
    if len(found) > 1:
        raise CommandError(f"{len(found)} accounts have a campaign {ref}", "Name one with --account.", WRONG_USE)
    return found[0]


def _facts(campaign: "Campaign") -> dict[str, Any]:
    return {
        "id": campaign.id,
        "ref": campaign.ref,
        "name": campaign.name,
        "brand": campaign.brand,
        "account": campaign.account_id,
        "senders": list(campaign.senders),
        "created_at": moment(campaign.created_at),
        "closed_at": moment(campaign.closed_at),
    }


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value
