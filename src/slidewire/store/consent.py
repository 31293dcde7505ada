"""Who has joined what, and who must not be written to. What a message is asked about is one look for many of them.

A block for the empty account holds for all of them, one for the empty sender for every number of its account.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, tuple_

from slidewire.domain.campaigns import Block, Campaign, Clearance, Consent, OptIn, Question, Source, may_become
from slidewire.store import schema
from slidewire.store.campaigns import read_campaigns
from slidewire.store.sql import Place, Rows, insert_into, listed, run, write_rows

_BLOCKS = "SELECT receiver, account_id, sender, 'block' FROM blocks WHERE receiver IN {list}"
#: Blocks and subscriptions in one look: on PostgreSQL every statement is a round trip.
_BOTH = f"""{_BLOCKS} UNION ALL SELECT receiver, account_id, campaign_ref, 'joined' FROM subscriptions
    WHERE receiver IN {{list}} AND account_id IN {{list}} AND state = 'subscribed'"""  # noqa: S608  # our own words
#: The same for one, as every request asks: half the time.
_BLOCKS_OF_ONE = _BLOCKS.replace("IN {list}", "= ?")
_BOTH_OF_ONE = _BOTH.replace("IN {list}", "= ?")
_BLOCK_COLUMNS = tuple(column.name for column in schema.blocks.columns)
_INSERT_BLOCK = insert_into("blocks", _BLOCK_COLUMNS)
_UPSERT = "ON CONFLICT (receiver, account_id, campaign_ref) DO UPDATE SET "
_SET = """state = excluded.state, source = excluded.source, changed_at = excluded.changed_at, subscriber_ref =
    CASE excluded.subscriber_ref WHEN '' THEN subscriptions.subscriber_ref ELSE excluded.subscriber_ref END"""
_SUBSCRIPTION_COLUMNS = tuple(column.name for column in schema.subscriptions.columns)
#: Writes a subscription over the one that is there.
_PUT = replace(insert_into("subscriptions", _SUBSCRIPTION_COLUMNS), tail=_UPSERT + _SET)
#: The same, but who opted out himself stays so, and so does who said a keyword and has not confirmed (api.md 3.5).
_MILD = """ WHERE subscriptions.state <> 'opted out'
    AND NOT (subscriptions.state = 'pending' AND subscriptions.source = 'MO')"""
_PUT_MILDLY = replace(_PUT, tail=_PUT.tail + _MILD)
#: Rows in one statement of an import.
_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """How one receiver stands to one campaign, and since when."""

    receiver: str
    account_id: str
    campaign: str
    state: Consent
    source: Source
    changed_at: int  #: Unix milliseconds
    subscriber_ref: str = ""  #: the account's word for who it is; to be written: empty leaves the one that is there


@dataclass(frozen=True, slots=True)
class Import:
    """Many receivers of one campaign at once."""

    account_id: str
    campaign: str
    numbers: Mapping[str, Consent]  #: by receiver
    at: int  #: Unix milliseconds


def clearances(place: Place, questions: Sequence[Question]) -> list[Clearance]:
    """Whether each receiver may be sent to now; a block goes before a subscription (settled 1 j)."""
    if not questions:
        return []
    found = (_found_of_one(place, questions[0]) if len(questions) == 1 else _found(place, questions)).fetchall()
    if not found:  # nearly always
        return [Clearance.NOT_SUBSCRIBED if question.campaign else Clearance.CLEAR for question in questions]
    blocks: set[tuple[str, ...]] = set()
    joined: set[tuple[str, ...]] = set()
    for receiver, account, scope, kind in found:
        (blocks if kind == "block" else joined).add((receiver, account, scope))
    return [_clearance(question, blocks, joined) for question in questions]


def _found(place: Place, questions: Sequence[Question]) -> Rows:
    """What is known of the receivers: receiver, account, sender or campaign, and which of the two."""
    receivers = listed(place, [question.receiver for question in questions])
    if not any(question.campaign for question in questions):
        return run(place, _BLOCKS, receivers)
    accounts = listed(place, [question.account_id for question in questions])
    return run(place, _BOTH, receivers, receivers, accounts)


def _found_of_one(place: Place, question: Question) -> Rows:
    receiver = question.receiver
    if not question.campaign:
        return run(place, _BLOCKS_OF_ONE, receiver)
    return run(place, _BOTH_OF_ONE, receiver, receiver, question.account_id)


def _clearance(question: Question, blocks: set[tuple[str, ...]], joined: set[tuple[str, ...]]) -> Clearance:
    receiver, account = question.receiver, question.account_id
    scopes = (("", ""), (account, ""), (account, question.sender))
    if blocks and any((receiver, *scope) in blocks for scope in scopes):
        return Clearance.BLOCKED
    if question.campaign and (receiver, account, question.campaign) not in joined:
        return Clearance.NOT_SUBSCRIBED
    return Clearance.CLEAR


def change_subscription(connection: Connection, new: Subscription) -> bool:
    """Write how a receiver stands to a campaign; False when whoever asks may not change it so (api.md 3.5)."""
    table = schema.subscriptions
    query = select(table.c.state, table.c.source).where(
        table.c.receiver == new.receiver,
        table.c.account_id == new.account_id,
        table.c.campaign_ref == new.campaign,
    )
    row = connection.execute(query.with_for_update()).first()
    here = Consent(row.state) if row else None
    asked_himself = row is not None and here is Consent.PENDING and Source(row.source).is_receiver
    if not may_become(here, new.state, new.source, asked_himself=asked_himself):
        return False
    write_rows(connection, _PUT, [_subscription_row(new)])
    return True


def opt_out(connection: Connection, leaver: Block) -> list[str]:
    """Who wrote STOP to ``leaver``'s sender is blocked there and leaves its campaigns; the refs of those he was in.

    A block that was there by another hand stays that hand's.
    """
    add_blocks(connection, [leaver])
    return _move_all(connection, leaver, Consent.OPTED_OUT)


def opt_in(connection: Connection, comer: Block, since: int = 0) -> list[str]:
    """Who wrote START takes back his own STOP, and confirms; the refs of the campaigns he is in from now on.

    ``since``: what he was asked before that is not confirmed any more.
    """
    _lift_own_block(connection, comer)
    return _move_all(connection, comer, Consent.SUBSCRIBED, since)


def confirm(connection: Connection, comer: Block, since: int) -> list[str]:
    """Who wrote YES joins what he was asked for since then, and nothing else; the refs, none: nobody had asked him."""
    asked = [each for each in _of_sender(connection, comer) if each.state is Consent.PENDING]
    live = [each for each in asked if each.changed_at >= since]
    if live:
        _lift_own_block(connection, comer)
    return [each.campaign for each in live if _moved(connection, each, comer, Consent.SUBSCRIBED)]


def join(connection: Connection, comer: Block, campaign: Campaign) -> Consent | None:
    """Who wrote a campaign's keyword joins it, or is asked first; None: he had joined before."""
    is_single = campaign.joining.opt_in is OptIn.SINGLE
    there = Consent.SUBSCRIBED if is_single else Consent.PENDING
    rows = subscriptions_of(connection, comer.receiver, comer.account_id)
    here = next((each for each in rows if each.campaign == campaign.ref), None)
    if is_single:
        _lift_own_block(connection, comer)
    if here is not None and here.state is Consent.SUBSCRIBED:
        return None
    new = here or Subscription(comer.receiver, comer.account_id, campaign.ref, there, comer.source, comer.created_at)
    return there if _moved(connection, new, comer, there) else None


def _lift_own_block(connection: Connection, comer: Block) -> None:
    table = schema.blocks
    connection.execute(
        delete(table).where(
            table.c.receiver == comer.receiver,
            table.c.account_id == comer.account_id,
            table.c.sender == comer.sender,
            table.c.source == Source.MO.value,
        )
    )


#: What the receiver's own word changes, and what of it the account is told.
_MOVES = {
    Consent.OPTED_OUT: ({Consent.SUBSCRIBED, Consent.PENDING, Consent.REMOVED}, {Consent.SUBSCRIBED, Consent.PENDING}),
    Consent.SUBSCRIBED: ({Consent.OPTED_OUT, Consent.PENDING}, {Consent.OPTED_OUT, Consent.PENDING}),
}


def _move_all(connection: Connection, who: Block, there: Consent, since: int = 0) -> list[str]:
    moved, told = _MOVES[there]
    found = []
    for each in _of_sender(connection, who):
        is_stale = there is Consent.SUBSCRIBED and each.state is Consent.PENDING and each.changed_at < since
        if each.state in moved and not is_stale and _moved(connection, each, who, there) and each.state in told:
            found.append(each.campaign)
    return found


def _of_sender(connection: Connection, who: Block) -> list[Subscription]:
    """How a receiver stands to the open campaigns that go out from a sender."""
    open_here = {c.ref for c in read_campaigns(connection, who.account_id) if c.has_sender(who.sender)}
    rows = subscriptions_of(connection, who.receiver, who.account_id)
    return [each for each in rows if each.campaign in open_here]


def _moved(connection: Connection, row: Subscription, who: Block, there: Consent) -> bool:
    return change_subscription(connection, replace(row, state=there, source=who.source, changed_at=who.created_at))


def import_subscriptions(connection: Connection, new: "Import", tell: Callable[[int], None]) -> None:
    """Write many, all in this transaction; those who opted out themselves stay so. ``tell`` hears how many more."""
    numbers = sorted(new.numbers)
    for start in range(0, len(numbers), _PAGE):
        page = numbers[start : start + _PAGE]
        common = (new.account_id, new.campaign)
        rows = [(n, *common, new.numbers[n].value, Source.IMPORT.value, new.at, "") for n in page]
        write_rows(connection, _PUT_MILDLY, rows)
        tell(len(page))


def read_subscriptions(
    connection: Connection, account_id: str, campaign: str, *, after: str = "", limit: int = 10_000
) -> list[Subscription]:
    """A campaign's subscriptions in the order of their numbers, those behind ``after`` only."""
    table = schema.subscriptions
    query = (
        select(table)
        .where(table.c.account_id == account_id, table.c.campaign_ref == campaign, table.c.receiver > after)
        .order_by(table.c.receiver)
        .limit(limit)
    )
    return [_subscription(row) for row in connection.execute(query)]


def subscribed(connection: Connection, account_id: str, campaign: str, *, after: str, limit: int) -> list[str]:
    """The phones that are in a campaign, in the order of their numbers, those behind ``after`` only."""
    table = schema.subscriptions
    query = _in_campaign(account_id, campaign).where(table.c.receiver > after)
    return [row.receiver for row in connection.execute(query.order_by(table.c.receiver).limit(limit))]


def count_subscribed(connection: Connection, account_id: str, campaign: str) -> int:
    """How many phones are in a campaign."""
    every = _in_campaign(account_id, campaign).subquery()
    return int(connection.execute(select(func.count()).select_from(every)).scalar() or 0)


def _in_campaign(account_id: str, campaign: str) -> Select[tuple[str]]:
    table = schema.subscriptions
    return select(table.c.receiver).where(
        table.c.account_id == account_id,
        table.c.campaign_ref == campaign,
        table.c.state == Consent.SUBSCRIBED.value,
    )


def subscribers_of(connection: Connection, campaign: Campaign, subscriber_ref: str, limit: int) -> list[str]:
    """The phones that have joined a campaign and are called so by its account, in the order of their numbers."""
    table = schema.subscriptions
    query = _in_campaign(campaign.account_id, campaign.ref).where(table.c.subscriber_ref == subscriber_ref)
    return [row.receiver for row in connection.execute(query.order_by(table.c.receiver).limit(limit))]


def subscriptions_of(connection: Connection, receiver: str, account_id: str) -> list[Subscription]:
    """Everything that a receiver joined or left with one account."""
    table = schema.subscriptions
    query = select(table).where(table.c.receiver == receiver, table.c.account_id == account_id)
    return [_subscription(row) for row in connection.execute(query.order_by(table.c.campaign_ref))]


def add_blocks(connection: Connection, blocks: Sequence[Block]) -> None:
    """Block receivers; a block that is there already stays as it was."""
    for start in range(0, len(blocks), _PAGE):
        page = blocks[start : start + _PAGE]
        write_rows(connection, _INSERT_BLOCK, [_block_row(block) for block in page])


def remove_block(connection: Connection, receiver: str, account_id: str, sender: str) -> bool:
    """Unblock a receiver in just this scope; False when there was no such block."""
    table = schema.blocks
    gone = connection.execute(
        delete(table).where(table.c.receiver == receiver, table.c.account_id == account_id, table.c.sender == sender)
    )
    return bool(gone.rowcount)


def read_blocks(
    connection: Connection, *, receiver: str = "", after: Sequence[str] = ("",), limit: int = 10_000
) -> list[Block]:
    """Blocks in the order of their numbers, one phone's or all, those behind ``after`` only.

    ``after``: receiver, account and sender of a block; or a receiver alone: behind all of its blocks.
    """
    table = schema.blocks
    place = (table.c.receiver, table.c.account_id, table.c.sender)
    query = select(table).order_by(*place).limit(limit)
    query = query.where(tuple_(*place[: len(after)]) > tuple_(*after))
    if receiver:
        query = query.where(table.c.receiver == receiver)
    return [
        Block(r.receiver, r.account_id, r.sender, Source(r.source), r.note, r.created_at)
        for r in connection.execute(query)
    ]


def _subscription_row(it: Subscription) -> tuple[Any, ...]:
    return it.receiver, it.account_id, it.campaign, it.state.value, it.source.value, it.changed_at, it.subscriber_ref


def _subscription(row: Any) -> Subscription:
    state, source = Consent(row.state), Source(row.source)
    return Subscription(
        row.receiver, row.account_id, row.campaign_ref, state, source, row.changed_at, row.subscriber_ref
    )


def _block_row(it: Block) -> tuple[Any, ...]:
    return it.receiver, it.account_id, it.sender, it.source.value, it.note, it.created_at
