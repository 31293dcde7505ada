"""One move of a phone in or out of a campaign, and the word of it to its account, in one transaction."""

from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.domain.account import Account
from slidewire.domain.campaigns import Campaign, Consent
from slidewire.domain.faults import FaultError
from slidewire.domain.phone import read_number
from slidewire.domain.postback import PostbackCode
from slidewire.domain.senders import sender_among
from slidewire.domain.telling import Turn, campaign_news, telling_news
from slidewire.store.consent import Subscription, change_subscription, subscriptions_of
from slidewire.store.messages import insert_task


@dataclass(frozen=True, slots=True)
class Move:
    """A change that somebody asks for."""

    campaign: Campaign
    new: Subscription
    owner: Account
    about: str  #: what the postback is about; an id
    task_id: str  #: of the postback


def standing(connection: Connection, move: Move) -> Consent | None:
    """How the phone stood to the campaign; None: it never did."""
    new = move.new
    rows = subscriptions_of(connection, new.receiver, new.account_id)
    return next((row.state for row in rows if row.campaign == new.campaign), None)


def move_subscription(connection: Connection, move: Move, before: Consent | None) -> bool:
    """Write it, with N301 or N302 where it changes who is subscribed; False when it may not be (api.md 3.5)."""
    if not change_subscription(connection, move.new):
        return False
    if Consent.SUBSCRIBED in {move.new.state, before} and move.new.state != before:
        tell_of(connection, move)
    return True


def tell_of(connection: Connection, move: Move) -> None:
    """Queue N301 or N302."""
    turn = Turn(move.new.receiver, _sender(move), move.new.source, move.about, move.new.changed_at)
    code = PostbackCode.SUBSCRIBED if move.new.state is Consent.SUBSCRIBED else PostbackCode.UNSUBSCRIBED
    task = telling_news(move.owner, campaign_news(code, move.campaign, turn), move.task_id)
    if task is not None:
        insert_task(connection, task)


def _sender(move: Move) -> str:
    """The number that the campaign writes to this phone from; empty: none of its numbers may (adr 0300)."""
    country = read_number(move.new.receiver).country
    try:
        return sender_among(move.owner, move.campaign.senders or move.owner.senders, country)
    except FaultError:
        return ""
