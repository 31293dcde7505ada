"""Campaigns and who joined them. Whoever left by a message of his own comes back only by one (api.md 3.5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from slidewire.domain.account import Account, read_answer
from slidewire.domain.audit import AuditAction, By
from slidewire.domain.campaigns import Campaign, Consent, Joining, OptIn, Source
from slidewire.domain.inbound import LONGEST_WORD, Word, meaning_of, spoken
from slidewire.domain.joining import LONGEST_REF
from slidewire.domain.moments import written
from slidewire.domain.retention import masked
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import RefusedError, missing, wrong
from slidewire.provisioning.words import check_printable, read_receiver, read_senders
from slidewire.store import campaigns as table
from slidewire.store.accounts import read_book
from slidewire.store.audit import write_audit
from slidewire.store.consent import Subscription, read_subscriptions
from slidewire.store.database import Connection
from slidewire.store.joining import Move, move_subscription, standing


class CampaignFacts(TypedDict):
    """One campaign; ``closed_at`` is empty while it is open."""

    id: int
    ref: str
    name: str
    brand: str
    account: str
    senders: list[str]
    created_at: str
    closed_at: str
    keywords: list[str]
    opt_in: str
    ask_text: str
    welcome_text: str
    help_text: str


class SubscriptionFacts(TypedDict):
    """How a phone stands to a campaign."""

    number: str
    state: str
    source: str
    changed_at: str


class ChangedSubscription(TypedDict):
    """What is now so."""

    campaign: str
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class JoiningWish:
    """How phones are to join a campaign by themselves; None: as it is."""

    keywords: Sequence[str] | None = None
    opt_in: str | None = None
    ask_text: str | None = None
    welcome_text: str | None = None
    help_text: str | None = None


@dataclass(frozen=True, slots=True)
class CampaignWish:
    """A campaign that somebody wants to have; ``account``: empty where there is only one."""

    ref: str
    account: str = ""
    name: str = ""
    brand: str = ""
    senders: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionWish:
    """How a phone is to stand to a campaign: subscribed or removed."""

    ref: str
    number: str
    state: Consent
    account: str = ""


def campaign_facts(campaign: Campaign) -> CampaignFacts:
    """A campaign as it is shown."""
    return {
        "id": campaign.id,
        "ref": campaign.ref,
        "name": campaign.name,
        "brand": campaign.brand,
        "account": campaign.account_id,
        "senders": list(campaign.senders),
        "created_at": written(campaign.created_at),
        "closed_at": written(campaign.closed_at),
        "keywords": list(campaign.joining.keywords),
        "opt_in": campaign.joining.opt_in.value,
        "ask_text": campaign.joining.ask_text,
        "welcome_text": campaign.joining.welcome_text,
        "help_text": campaign.joining.help_text,
    }


def add_campaign(connection: Connection, wish: CampaignWish, by: By) -> CampaignFacts:
    """Make a campaign of an account. Raises RefusedError."""
    for word, what in ((wish.ref, "the ref"), (wish.name, "the name"), (wish.brand, "the brand")):
        check_printable(word, what)
    ref = wish.ref.strip()
    if not ref or len(ref) > LONGEST_REF:
        raise wrong(f"a ref has 1 to {LONGEST_REF} characters", "As in: spring-list")
    senders, owner = read_senders(wish.senders), _owner(connection, wish.account)
    if strange := set(senders) - owner.senders:
        raise wrong(f"{min(strange)} is not a sender of the account")
    made = Campaign(0, owner.id, ref, wish.name.strip() or ref, wish.brand.strip(), senders, by.at)
    write_audit(connection, by, AuditAction.CAMPAIGN_ADDED, owner.id, ref=made.ref)
    try:
        return campaign_facts(table.add_campaign(connection, made))
    except table.CampaignExistsError:
        raise RefusedError(f"there is a campaign {ref} already", "`slidewire campaign list` shows it.") from None


def change_joining(connection: Connection, name: tuple[str, str], wish: JoiningWish, by: By) -> CampaignFacts:
    """Change how phones join a campaign (its ref, its account) by themselves. Raises RefusedError."""
    campaign = open_campaign(connection, *name)
    joining = _joining(campaign.joining, wish)
    others = [c for c in table.read_campaigns(connection, campaign.account_id) if c.closed_at is None]
    for other in others:
        if other.ref != campaign.ref and (twice := set(other.joining.keywords) & set(joining.keywords)):
            raise RefusedError(f"{min(twice)} is a keyword of {other.ref} already", "A keyword leads to one campaign.")
    changed = replace(campaign, joining=joining)
    table.set_joining(connection, changed)
    write_audit(connection, by, AuditAction.CAMPAIGN_CHANGED, campaign.account_id, ref=campaign.ref)
    return campaign_facts(changed)


def _joining(here: Joining, wish: JoiningWish) -> Joining:
    if wish.keywords is not None:
        here = replace(here, keywords=tuple(dict.fromkeys(map(_keyword, wish.keywords))))
    if wish.opt_in is not None:
        if wish.opt_in not in {each.value for each in OptIn}:
            raise wrong(f"{wish.opt_in!r} is neither double nor single")
        here = replace(here, opt_in=OptIn(wish.opt_in))
    return replace(
        here,
        ask_text=_words(wish.ask_text, here.ask_text),
        welcome_text=_words(wish.welcome_text, here.welcome_text),
        help_text=_words(wish.help_text, here.help_text),
    )


def _words(text: str | None, here: str) -> str:
    """What a phone is answered; None: as it is."""
    if text is None:
        return here
    try:
        return read_answer(text)
    except ValueError as error:
        raise wrong(f"the text {error}") from None


def _keyword(word: str) -> str:
    """As words of phones are compared."""
    said = spoken(word)
    if not said:
        raise wrong(f"{word!r} is no keyword: letters and digits, at most {LONGEST_WORD}", "As in: JOIN")
    if meaning_of(word) is not Word.NONE:
        raise wrong(f"{said} means {meaning_of(word).value} already", "docs/how-to/inbound.md lists such words.")
    return said


def list_campaigns(connection: Connection, account: str = "") -> list[CampaignFacts]:
    """Every campaign, or one account's, in the order in which they were made."""
    owner = find_account(connection, account).id if account else ""
    return [campaign_facts(campaign) for campaign in table.read_campaigns(connection, owner)]


def open_campaign(connection: Connection, ref: str, account: str = "") -> Campaign:
    """The open campaign of this ref. Raises RefusedError when there is none, or several accounts have one."""
    owner = find_account(connection, account).id if account else ""
    found = [c for c in table.read_campaigns(connection, owner) if c.ref == ref.strip() and c.closed_at is None]
    if not found:
        raise missing(f"there is no open campaign {ref}", "`slidewire campaign list` shows them all.")
    if len(found) > 1:
        raise wrong(f"{len(found)} accounts have a campaign {ref}", "Name one with --account.")
    return found[0]


def close_campaign(connection: Connection, ref: str, account: str, by: By) -> Campaign:
    """End a campaign; its subscriptions are kept. Raises RefusedError."""
    campaign = open_campaign(connection, ref, account)
    table.close_campaign(connection, campaign.account_id, campaign.ref, by.at)
    write_audit(connection, by, AuditAction.CAMPAIGN_CLOSED, campaign.account_id, ref=campaign.ref)
    return campaign


def list_subscriptions(
    connection: Connection, campaign: Campaign, *, after: str = "", limit: int = 10_000
) -> list[SubscriptionFacts]:
    """A campaign's subscriptions in the order of their numbers, those behind ``after`` only."""
    found = read_subscriptions(connection, campaign.account_id, campaign.ref, after=after, limit=limit)
    return [
        {
            "number": row.receiver,
            "state": row.state.value,
            "source": row.source.value,
            "changed_at": written(row.changed_at),
        }
        for row in found
    ]


def change_consent(
    connection: Connection, wish: SubscriptionWish, by: By, new_id: Callable[[], str]
) -> ChangedSubscription:
    """Move a phone's subscription, and tell the account. Raises RefusedError."""
    receiver, campaign = read_receiver(wish.number), open_campaign(connection, wish.ref, wish.account)
    new = Subscription(receiver, campaign.account_id, campaign.ref, wish.state, Source.MANAGER, by.at)
    move = Move(campaign, new, find_account(connection, campaign.account_id), by.id, new_id())
    if not move_subscription(connection, move, standing(connection, move)):
        problem = f"{wish.number} left {wish.ref} by a message of his own"
        raise RefusedError(problem, "Only a message of his own brings him back.")
    facts = {"campaign": new.campaign, "number": masked(receiver), "state": new.state.value}
    write_audit(connection, by, AuditAction.SUBSCRIPTIONS_CHANGED, new.account_id, **facts)
    return {"campaign": campaign.ref, "number": receiver, "state": new.state.value}


def _owner(connection: Connection, word: str) -> Account:
    """The account that is named, or the only one."""
    if word:
        return find_account(connection, word)
    every = list(read_book(connection).by_id.values())
    if len(every) != 1:
        raise wrong(f"there are {len(every)} accounts", "Name one with --account.")
    return every[0]
