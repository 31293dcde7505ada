"""The task that tells a customer of an event, whoever notices the event: a step of work, or a page that is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slidewire.domain.account import Account
from slidewire.domain.campaigns import Campaign, Source
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode, about_text
from slidewire.domain.task import Task, TaskKind


def telling(account: Account | None, message: Message, postback: Postback, task_id: str) -> Task | None:
    """The task that posts ``postback``; None when its account has no address to tell."""
    if account is None or not account.settings.postback_url or message.is_answer:
        return None
    if message.is_text:
        postback = about_text(postback)
    body: dict[str, object] = {"code": postback.code.name, "at": postback.at}
    if account.settings.postback_order:
        body["ordered"] = True
    for name in ("sent_as", "details", "handset", "file"):
        if value := getattr(postback, name):
            body[name] = value
    return Task(
        id=task_id,
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue(message.account_id),
        account_id=message.account_id,
        message_id=message.id,
        due_at=postback.at,
        body=body,
    )


@dataclass(frozen=True, slots=True)
class News:
    """An event that is about none of our messages: what a phone sent, or how it stands to a campaign."""

    code: PostbackCode
    about: str  #: id of the inbound message, or any other that stays
    at: int  #: Unix milliseconds
    fields: Mapping[str, str]  #: our names of the postback's fields
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: those that hold several


@dataclass(frozen=True, slots=True)
class Turn:
    """A phone joined or left campaigns."""

    phone: str
    number: str  #: the sender that it is about; empty: not known
    source: Source
    about: str  #: as in News
    at: int


def campaign_news(code: PostbackCode, campaign: Campaign, turn: Turn) -> News:
    """N301 or N302 of one campaign (api.md 4.3)."""
    fields = {
        "mobile": turn.phone,
        "campaign_id": str(campaign.id),
        "short_code": turn.number,
        "campaign_title": campaign.name,
        "brand": campaign.brand,
        "source": turn.source.value,
    }
    return News(code, turn.about, turn.at, fields)


def inbound_address(account: Account) -> str:
    """Where an account's news are posted; empty: nowhere."""
    return account.settings.inbound_postback_url or account.settings.postback_url


def telling_news(account: Account | None, news: News, task_id: str) -> Task | None:
    """The task that posts ``news``; None when its account has no address to tell."""
    if account is None or not inbound_address(account):
        return None
    body: dict[str, object] = {"code": news.code.name, "at": news.at, "news": dict(news.fields)}
    if lists := {name: list(values) for name, values in news.lists.items() if values}:
        body["lists"] = lists
    return Task(
        id=task_id,
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue(account.id),
        account_id=account.id,
        message_id=news.about,
        due_at=news.at,
        body=body,
    )
