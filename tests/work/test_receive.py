"""What phones send, many at once: one transaction, each in its own order."""

import asyncio
from dataclasses import replace

from tests.builders import now_ms
from tests.work.kit import Kit, a_kit

from slidewire.domain.account import Account, read_settings
from slidewire.domain.campaigns import Campaign, Consent, Source
from slidewire.domain.inbound import Inbound, Word
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.campaigns import add_campaign, close_campaign
from slidewire.store.consent import Subscription, change_subscription, read_blocks, subscriptions_of
from slidewire.store.database import Database
from slidewire.store.inbound import Forgotten, forget_inbound, list_inbound
from slidewire.store.links import LinkKey
from slidewire.store.messages import message_tasks
from slidewire.work.receive import InboundDesk, InboundTerms

ANN, BOB = "12025550143", "12025550144"
KEY = LinkKey.of(b"a server key for the tests of what phones send")


def a_text(text: str = "Hello", phone: str = ANN, number: str = "24680") -> Inbound:
    return Inbound("sms-a", phone, number, text, now_ms())


async def a_desk(database: Database, *, postbacks: bool = True) -> tuple[Kit, InboundDesk]:
    """Two accounts send from 24680; one of them from 24681 too."""
    for account_id, senders in (("acct-1", ["24680", "24681"]), ("acct-2", ["24680"])):
        new = NewAccount(account_id, account_id, {}, senders, f"digest-{account_id}", weak_key=False, now=0)
        await database.write(lambda c, new=new: add_account(c, new))
    kit = a_kit(database, postbacks=postbacks)
    return kit, InboundDesk(kit.means, InboundTerms(lambda: KEY))


async def test_each_account_that_owns_the_number_has_the_message(database: Database) -> None:
    kit, desk = await a_desk(database)
    await desk.take(a_text("STOP"))
    kept = await database.read(list_inbound)
    assert sorted((each.account_id, each.word) for each in kept) == [("acct-1", Word.STOP), ("acct-2", Word.STOP)]
    blocks = await database.read(lambda c: read_blocks(c, receiver=ANN))
    assert [(each.account_id, each.sender, each.source) for each in blocks] == [
        ("acct-1", "24680", Source.MO),
        ("acct-2", "24680", Source.MO),
    ]
    assert kit.woken == ["notify:acct-1"]  # the other one has no address


async def test_one_phones_messages_are_heeded_in_their_order(database: Database) -> None:
    _kit, desk = await a_desk(database)
    words = [*["STOP", "START"] * 10, "STOP"]
    texts = [a_text(word, phone) for word in words for phone in (BOB, ANN)]
    await asyncio.gather(*map(desk.take, texts), desk.take(a_text("START", BOB)))
    blocks = await database.read(read_blocks)
    assert {each.receiver for each in blocks} == {ANN}
    assert len(await database.read(lambda c: list_inbound(c, limit=1000))) == 2 * (len(texts) + 1)


async def test_stop_leaves_the_open_campaigns_of_that_number_only(database: Database) -> None:
    kit, desk = await a_desk(database)
    campaigns = {"all": (), "here": ("24680",), "there": ("24681",), "closed": ()}
    for ref, senders in campaigns.items():
        await database.write(lambda c, r=ref, s=senders: add_campaign(c, Campaign(0, "acct-1", r, r, senders=s)))
        row = Subscription(ANN, "acct-1", ref, Consent.SUBSCRIBED, Source.API, 1)
        await database.write(lambda c, row=row: change_subscription(c, row))
    await database.write(lambda c: close_campaign(c, "acct-1", "closed", 2))
    await desk.take(a_text("quit"))

    async def states() -> dict[str, Consent]:
        found = await database.read(lambda c: subscriptions_of(c, ANN, "acct-1"))
        return {each.campaign: each.state for each in found}

    out = Consent.OPTED_OUT
    assert await states() == {"all": out, "here": out, "there": Consent.SUBSCRIBED, "closed": Consent.SUBSCRIBED}
    assert {each.source for each in await database.read(lambda c: subscriptions_of(c, ANN, "acct-1"))} == {
        Source.MO,
        Source.API,
    }
    await desk.take(a_text("unstop"))
    assert set((await states()).values()) == {Consent.SUBSCRIBED}
    codes = []
    for kept in await database.read(lambda c: list_inbound(c, account="acct-1")):
        rows = await database.read(lambda c, kept=kept: message_tasks(c, kept.id))
        codes += [row["body"].split('"')[3] for row in rows]
    assert sorted(codes) == ["INBOUND_SMS"] * 2 + ["SUBSCRIBED"] * 2 + ["UNSUBSCRIBED"] * 2
    assert kit.woken == ["notify:acct-1"] * 2


async def test_nothing_is_posted_for_an_account_without_an_address(database: Database) -> None:
    kit, desk = await a_desk(database, postbacks=False)
    await desk.take(a_text())
    assert kit.woken == []
    assert len(await database.read(list_inbound)) == 2


async def test_a_phone_is_forgotten_with_what_was_to_be_posted(database: Database) -> None:
    _kit, desk = await a_desk(database)
    await desk.take(a_text())
    await desk.take(a_text(phone=BOB))
    ids = [each.id for each in await database.read(lambda c: list_inbound(c, phone=ANN))]
    assert await database.write(lambda c: forget_inbound(c, ANN, now_ms())) == Forgotten(2, 0)
    assert {each.message.phone for each in await database.read(list_inbound)} == {BOB}
    assert [await database.read(lambda c, key=key: message_tasks(c, key)) for key in ids] == [[], []]


async def test_of_what_is_said_at_the_simulator_only_test_accounts_hear(database: Database) -> None:
    """Whoever reaches its page could opt anybody in or out."""
    kit, _ = await a_desk(database)
    trial = Account("acct-2", "A trial", read_settings({"test": "on"}), frozenset({"24680"}))
    real = kit.means.account
    means = replace(kit.means, account=lambda each: trial if each == trial.id else real(each))
    desk = InboundDesk(means, InboundTerms(lambda: KEY, frozenset({"try-sms"})))
    for number in ("24680", "24681"):  # the second is a real account's alone
        await desk.take(replace(a_text("STOP", number=number), route="try-sms"))
    kept = await database.read(list_inbound)
    assert sorted((each.account_id, each.message.number) for each in kept) == [("", "24681"), ("acct-2", "24680")]
    blocks = await database.read(lambda c: read_blocks(c, receiver=ANN))
    assert [each.account_id for each in blocks] == ["acct-2"]
    await desk.take(a_text("STOP"))  # by a carrier: everybody who owns the number
    blocks = await database.read(lambda c: read_blocks(c, receiver=ANN))
    assert [each.account_id for each in blocks] == ["acct-1", "acct-2"]
