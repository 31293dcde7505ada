"""Blocks and subscriptions: what one look answers for many, and what an import leaves alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.builders import a_message
from tests.store.kit import claimed, stored

from slidewire.domain.campaigns import Block, Campaign, Clearance, Consent, Question, Source
from slidewire.store.accounts import read_version
from slidewire.store.campaigns import (
    CampaignExistsError,
    NoSuchCampaignError,
    add_campaign,
    close_campaign,
    is_there,
    read_campaigns,
)
from slidewire.store.consent import (
    Import,
    Subscription,
    add_blocks,
    change_subscription,
    clearances,
    import_subscriptions,
    read_blocks,
    read_subscriptions,
    remove_block,
    subscriptions_of,
)
from slidewire.store.database import Connection, Database
from slidewire.store.questions import Questions

ANN, BOB = "12025550143", "12025550144"


def a_block(receiver: str = ANN, account: str = "", sender: str = "") -> Block:
    return Block(receiver, account, sender, Source.MANAGER, "a letter", 5)


def a_subscription(state: Consent = Consent.SUBSCRIBED, source: Source = Source.API) -> Subscription:
    return Subscription(ANN, "acct-1", "spring", state, source, 7)


def asked(receiver: str = ANN, account: str = "acct-1", sender: str = "24680", campaign: str = "") -> Question:
    return Question(receiver, account, sender, campaign)


@pytest.mark.parametrize(
    ("block", "blocked"),
    [
        pytest.param(a_block(), [True, True, True, False], id="for everybody"),
        pytest.param(a_block(account="acct-1"), [True, True, False, False], id="for one account"),
        pytest.param(a_block(account="acct-1", sender="24680"), [True, False, False, False], id="for one sender"),
    ],
)
async def test_a_block_holds_in_its_scope(database: Database, block: Block, blocked: list[bool]) -> None:
    await database.write(lambda c: add_blocks(c, [block]))
    questions = [asked(), asked(sender="24681"), asked(account="acct-2"), asked(receiver=BOB)]
    found = await database.read(lambda c: clearances(c, questions))
    assert [each is Clearance.BLOCKED for each in found] == blocked


async def test_a_block_goes_before_a_missing_subscription(database: Database) -> None:
    await database.write(lambda c: add_blocks(c, [a_block()]))
    await database.write(lambda c: change_subscription(c, a_subscription()))
    questions = [asked(campaign="autumn"), asked(BOB, campaign="spring"), asked(BOB), asked(campaign="spring")]
    found = await database.read(lambda c: clearances(c, questions))
    assert found == [Clearance.BLOCKED, Clearance.NOT_SUBSCRIBED, Clearance.CLEAR, Clearance.BLOCKED]


@pytest.mark.parametrize("state", [Consent.PENDING, Consent.REMOVED])
async def test_only_a_full_subscription_counts(database: Database, state: Consent) -> None:
    question = asked(campaign="spring")
    await database.write(lambda c: change_subscription(c, a_subscription()))
    assert await database.read(lambda c: clearances(c, [question])) == [Clearance.CLEAR]
    await database.write(lambda c: change_subscription(c, a_subscription(state)))
    assert await database.read(lambda c: clearances(c, [question])) == [Clearance.NOT_SUBSCRIBED]


async def test_who_opted_out_himself_is_not_subscribed_again_by_others(database: Database) -> None:
    out = a_subscription(Consent.OPTED_OUT, Source.MO)
    assert await database.write(lambda c: change_subscription(c, out))
    assert not await database.write(lambda c: change_subscription(c, a_subscription()))
    assert await database.read(lambda c: subscriptions_of(c, ANN, "acct-1")) == [out]
    back = a_subscription(Consent.SUBSCRIBED, Source.MO)
    assert await database.write(lambda c: change_subscription(c, back))
    assert await database.read(lambda c: subscriptions_of(c, ANN, "acct-1")) == [back]


async def test_an_import_writes_over_everything_but_opt_outs(database: Database) -> None:
    await database.write(lambda c: change_subscription(c, a_subscription(Consent.OPTED_OUT, Source.MO)))
    told: list[int] = []
    numbers = dict.fromkeys((ANN, BOB), Consent.SUBSCRIBED)
    await database.write(lambda c: import_subscriptions(c, Import("acct-1", "spring", numbers, 9), told.append))
    await database.write(
        lambda c: import_subscriptions(c, Import("acct-1", "spring", {BOB: Consent.REMOVED}, 10), told.append)
    )
    kept = await database.read(lambda c: read_subscriptions(c, "acct-1", "spring"))
    assert [(each.receiver, each.state, each.changed_at) for each in kept] == [
        (ANN, Consent.OPTED_OUT, 7),
        (BOB, Consent.REMOVED, 10),
    ]
    assert told == [2, 1]


async def test_a_block_is_removed_in_its_own_scope_only(database: Database) -> None:
    await database.write(lambda c: add_blocks(c, [a_block(), a_block(account="acct-1")]))
    assert not await database.write(lambda c: remove_block(c, ANN, "acct-2", ""))
    assert await database.write(lambda c: remove_block(c, ANN, "", ""))
    assert await database.read(lambda c: read_blocks(c, receiver=ANN)) == [a_block(account="acct-1")]


async def test_a_campaign_is_made_once_and_closed_once(database: Database) -> None:
    new = Campaign(0, "acct-1", "spring", "Spring", senders=("24680",), created_at=3)
    made = await database.write(lambda c: add_campaign(c, new))
    assert await database.read(lambda c: is_there(c, made))
    assert not await database.read(lambda c: is_there(c, replace(made, id=made.id + 1)))
    before = await database.read(read_version)
    with pytest.raises(CampaignExistsError):
        await database.write(lambda c: add_campaign(c, new))
    other = await database.write(lambda c: add_campaign(c, Campaign(0, "acct-2", "spring", "Other")))
    assert other.id == made.id + 1
    await database.write(lambda c: close_campaign(c, "acct-1", "spring", 8))
    with pytest.raises(NoSuchCampaignError):
        await database.write(lambda c: close_campaign(c, "acct-1", "spring", 9))
    kept = await database.read(lambda c: read_campaigns(c, "acct-1"))
    assert [(each.ref, each.senders, each.closed_at) for each in kept] == [("spring", ("24680",), 8)]
    assert await database.read(read_version) > before


async def test_a_claim_tells_who_must_not_be_written_to_any_more(database: Database) -> None:
    await database.write(lambda c: add_blocks(c, [a_block(ANN)]))
    blocked, clear = a_message(receiver=ANN), a_message(receiver=BOB)
    joined_not = a_message(receiver=BOB, campaign_ref="spring")
    for message in (blocked, clear, joined_not):
        await stored(database, message)
    taken = {each.task.message_id: each.clearance for each in await claimed(database)}
    assert taken == {
        blocked.id: Clearance.BLOCKED,
        clear.id: Clearance.CLEAR,
        joined_not.id: Clearance.NOT_SUBSCRIBED,
    }


async def test_what_is_asked_at_the_same_time_is_one_look(database: Database) -> None:
    looks: list[int] = []

    def read(_connection: Connection, items: Sequence[int]) -> list[int]:
        looks.append(len(items))
        return [item * 2 for item in items]

    questions = Questions(database, read)
    assert await asyncio.gather(*(questions.ask(n) for n in range(50))) == [n * 2 for n in range(50)]
    assert looks == [50]


async def test_a_look_that_fails_is_told_to_everybody_who_asked(database: Database) -> None:
    def read(_connection: Connection, items: Sequence[int]) -> list[int]:
        raise LookupError(len(items))

    questions = Questions(database, read)
    answers = await asyncio.gather(*(questions.ask(n) for n in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError] * 3
