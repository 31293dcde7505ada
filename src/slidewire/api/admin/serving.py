"""What each operation of /admin/v1 does: it calls provisioning, as the command line does, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypedDict, TypeVar

from slidewire.api.admin.desk import Asked
from slidewire.domain.campaigns import Consent
from slidewire.domain.moments import millis
from slidewire.provisioning import (
    accounts,
    blocks,
    campaigns,
    held,
    keys,
    ledgers,
    messages,
    postbacks,
    redaction,
    words,
)
from slidewire.store.database import Connection
from slidewire.store.postbacks import PostbackState

T = TypeVar("T")
Serve = Callable[[Asked], Awaitable[T]]
InStore = Callable[[Connection, Asked], T]


class Part(TypedDict):
    """What a list answers; ``next``: where it goes on."""

    items: Sequence[Any]
    next: str | None


def _reads(fn: InStore[T]) -> Serve[T]:
    @wraps(fn)
    async def serve(asked: Asked) -> T:
        return await asked.desk.database.read(lambda connection: fn(connection, asked))

    return serve


def _writes(fn: InStore[T]) -> Serve[T]:
    @wraps(fn)
    async def serve(asked: Asked) -> T:
        return await asked.desk.database.write(lambda connection: fn(connection, asked))

    return serve


def _all(items: Sequence[Any]) -> Part:
    return {"items": items, "next": None}


def _part(items: Sequence[Mapping[str, Any]], limit: int, name: str) -> Part:
    """A list that goes on behind the last item's ``name`` when it is full."""
    return {"items": items, "next": items[-1][name] if len(items) == limit else None}


@_reads
def list_accounts(connection: Connection, asked: Asked) -> Part:
    q = asked.query
    return _part(accounts.list_accounts(connection, after=q.after, limit=q.limit), q.limit, "id")


@_writes
def add_account(connection: Connection, asked: Asked) -> accounts.MadeAccount:
    wish = asked.body
    wanted = accounts.AccountWish(asked.desk.new_id(), wish.name, wish.key, wish.weak_key, wish.senders, wish.settings)
    return accounts.add_account(connection, wanted, asked.desk.box, asked.by)


@_reads
def show_account(connection: Connection, asked: Asked) -> accounts.AccountFacts:
    return accounts.account_facts(connection, asked.path["account"])


@_writes
def change_account(connection: Connection, asked: Asked) -> accounts.AccountFacts:
    change = accounts.AccountChange(asked.body.settings, asked.body.senders)
    return accounts.change_account(connection, asked.path["account"], change, asked.desk.box, asked.by)


@_writes
def disable_account(connection: Connection, asked: Asked) -> accounts.Switched:
    return accounts.switch_account(connection, asked.path["account"], asked.by, disabled=True)


@_writes
def enable_account(connection: Connection, asked: Asked) -> accounts.Switched:
    return accounts.switch_account(connection, asked.path["account"], asked.by, disabled=False)


@_reads
def list_keys(connection: Connection, asked: Asked) -> Part:
    return _all(keys.key_facts(connection, accounts.find_account(connection, asked.path["account"]).id))


@_writes
def rotate_key(connection: Connection, asked: Asked) -> keys.MadeKey:
    account, wish = accounts.find_account(connection, asked.path["account"]), asked.body
    wanted = keys.KeyWish(wish.overlap, wish.name, wish.key, wish.weak_key, wish.test)
    return keys.rotate_key(connection, account, wanted, asked.desk.box, asked.by)


@_reads
def list_campaigns(connection: Connection, asked: Asked) -> Part:
    return _all(campaigns.list_campaigns(connection, asked.path.get("account", "")))


@_writes
def add_campaign(connection: Connection, asked: Asked) -> campaigns.CampaignFacts:
    wish = asked.body
    wanted = campaigns.CampaignWish(wish.ref, asked.path["account"], wish.name, wish.brand, wish.senders)
    return campaigns.add_campaign(connection, wanted, asked.by)


@_writes
def close_campaign(connection: Connection, asked: Asked) -> campaigns.CampaignFacts:
    closed = campaigns.close_campaign(connection, asked.path["ref"], asked.path["account"], asked.by)
    return campaigns.campaign_facts(closed)


@_reads
def list_subscriptions(connection: Connection, asked: Asked) -> Part:
    q, campaign = asked.query, campaigns.open_campaign(connection, asked.path["ref"], asked.path["account"])
    found = campaigns.list_subscriptions(connection, campaign, after=q.after, limit=q.limit)
    return _part(found, q.limit, "number")


@_writes
def subscribe(connection: Connection, asked: Asked) -> campaigns.ChangedSubscription:
    return _change_consent(connection, asked, Consent.SUBSCRIBED)


@_writes
def unsubscribe(connection: Connection, asked: Asked) -> campaigns.ChangedSubscription:
    return _change_consent(connection, asked, Consent.REMOVED)


def _change_consent(connection: Connection, asked: Asked, state: Consent) -> campaigns.ChangedSubscription:
    path = asked.path
    wish = campaigns.SubscriptionWish(path["ref"], path["number"], state, path["account"])
    return campaigns.change_consent(connection, wish, asked.by, asked.desk.new_id)


@_reads
def list_blocks(connection: Connection, asked: Asked) -> Part:
    q = asked.query
    found = blocks.list_blocks(connection, number=q.number, after=q.after, limit=q.limit)
    return {"items": found, "next": blocks.place_of(found[-1]) if len(found) == q.limit else None}


@_writes
def block(connection: Connection, asked: Asked) -> blocks.Blocked:
    wish = asked.body
    notes = {words.read_receiver(number): wish.note for number in wish.numbers}
    return blocks.block(connection, notes, blocks.Scope(wish.account, wish.sender), asked.by)


@_writes
def unblock(connection: Connection, asked: Asked) -> blocks.Unblocked:
    scope = blocks.Scope(asked.query.account, asked.query.sender)
    return blocks.unblock(connection, asked.path["number"], scope, asked.by)


async def list_operators(asked: Asked) -> Part:
    return _all(asked.desk.operators(asked.query.country or ""))


async def look_up(asked: Asked) -> Part:
    return _all(await asked.desk.look_up(asked.body.number))


@_reads
def show_handset(connection: Connection, asked: Asked) -> Any:
    return asked.desk.handset(connection, asked.path["number"])


@_reads
def list_messages(connection: Connection, asked: Asked) -> Part:
    q = asked.query
    found = messages.list_messages(connection, account=q.account, before=q.before, limit=q.limit)
    return _part(found, q.limit, "tracking_id")


@_reads
def show_message(connection: Connection, asked: Asked) -> messages.MessageFacts:
    return messages.show_message(connection, asked.path["tracking_id"])


@_writes
def release(connection: Connection, asked: Asked) -> held.Decided:
    return held.release(connection, asked.path["tracking_id"], asked.by, asked.desk.new_id)


@_writes
def drop(connection: Connection, asked: Asked) -> held.Decided:
    return held.drop(connection, asked.path["tracking_id"], asked.by, asked.desk.new_id)


async def redact_message(asked: Asked) -> redaction.RedactionReceipt:
    return await _redact(asked, redaction.Redaction(message=asked.path["tracking_id"]))


async def redact_number(asked: Asked) -> redaction.RedactionReceipt:
    return await _redact(asked, redaction.Redaction(number=asked.body.number, account=asked.body.account))


async def _redact(asked: Asked, what: redaction.Redaction) -> redaction.RedactionReceipt:
    """As the command does it: no copy of what was overwritten is left in files of ours."""
    receipt = await asked.desk.database.write(lambda connection: redaction.redact(connection, what, asked.by))
    await asked.desk.database.forget()
    return receipt


@_writes
def resend(connection: Connection, asked: Asked) -> postbacks.PostedAgain:
    search = postbacks.Search(message=asked.path["tracking_id"])
    return postbacks.resend(connection, search, (asked.body.code or "").upper(), asked.by, asked.desk.new_id)


@_writes
def replay(connection: Connection, asked: Asked) -> postbacks.PostedAgain:
    state = None if asked.body.everything else PostbackState.GIVEN_UP
    search = postbacks.Search(asked.path["account"], since=millis(asked.body.since), state=state)
    return postbacks.resend(connection, search, "", asked.by, asked.desk.new_id)


@_writes
def resume(connection: Connection, asked: Asked) -> postbacks.Resumed:
    return postbacks.resume(connection, asked.path["account"], asked.by)


@_reads
def list_postbacks(connection: Connection, asked: Asked) -> Part:
    q = asked.query
    since, state = millis(q.since) if q.since else 0, PostbackState(q.state) if q.state else None
    return _all(postbacks.list_postbacks(connection, postbacks.Search(q.account, q.message, since, state), q.limit))


@_reads
def list_usage(connection: Connection, asked: Asked) -> Part:
    return _all(ledgers.list_usage(connection, asked.query.month or "", asked.query.account, asked.desk.now()))


@_reads
def list_audit(connection: Connection, asked: Asked) -> Part:
    q = asked.query
    return _part(ledgers.list_changes(connection, q.account, limit=q.limit, before=q.before), q.limit, "id")
