"""What phones are answered: STOP once, past the block that it made; HELP and START where there are words for them."""

import pytest
from tests.story.house import House, Plan, house, until
from tests.story.test_fallback import texts
from tests.story.test_inbound import PHONE, code, say, told

from slidewire.domain.usage import Channel, Usage, month_of
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.inbound import list_inbound
from slidewire.store.messages import list_messages
from slidewire.store.usage import read_usage

CONFIRMED = "You get no more messages from this number. Reply START to come back."


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """A house with an SMS route besides the one for MMS."""
    plan.sms = {}
    return plan


async def answered(home: House, count: int) -> list[str]:
    """What the phone was sent, once it has as many."""

    async def there() -> bool:
        return len(await texts(home)) >= count

    await until(there, 15, f"{count} answers")
    return sorted(each["text"] for each in await texts(home))


async def ended(home: House, count: int) -> None:
    """Every message of the house is over."""

    async def over() -> bool:
        found = await home.database.read(list_messages)
        return [each.status.value for each in found] == ["delivered"] * count

    await until(over, 15, "the answers to be receipted")


async def test_stop_is_confirmed_once_past_its_own_block(plan: Plan) -> None:
    async with house(plan) as home:
        await say(home, "STOP")
        assert await answered(home, 1) == [CONFIRMED]
        await say(home, "Stop!")
        await say(home, "UNSUBSCRIBE")
        assert await code(home, TO=PHONE) == "E114"
        await told(home.customer, 3)
        await ended(home, 1)
        assert await answered(home, 1) == [CONFIRMED]
        assert {each.code for each in home.customer.posts} == {"N211"}  # nobody asked for the answer
        [answer] = await home.database.read(list_messages)
        month = month_of(answer.accepted_at)
        rows = await home.database.read(lambda c: read_usage(c, month))
        sms = [usage for _, usage in rows if usage.channel is Channel.SMS]
        assert sms == [Usage(month, Channel.SMS, "", messages=1, segments=1)]


async def test_help_and_start_are_answered_where_there_are_words(plan: Plan) -> None:
    help_text = "Acme alerts. Help: 555 0100. Reply STOP to end."
    plan.account = {"help_text": help_text, "start_text": "Welcome back.", "stop_text": ""}
    async with house(plan) as home:
        for words in ("STOP", "start", "INFO", "Aide?", "Please help me"):
            await say(home, words)
        assert await answered(home, 2) == [help_text, "Welcome back."]
        await ended(home, 2)
        assert len(await home.database.read(list_inbound)) == 5


async def test_how_many_answers_a_phone_gets_is_bounded(plan: Plan) -> None:
    """Two machines that answer each other end by themselves."""
    plan.settings = {"inbound": {"answer_pause": "0s", "answers_a_day": 3}}
    plan.account = {"help_text": "INFO"}
    async with house(plan) as home:
        for _ in range(6):
            await say(home, "INFO")
        assert await answered(home, 3) == ["INFO"] * 3
        await ended(home, 3)


async def test_one_owner_of_a_shared_number_answers(plan: Plan) -> None:
    async with house(plan) as home:
        new = NewAccount("acct-0", "b", {"stop_text": ""}, ["24680"], "d", False, 0)
        again = NewAccount("acct-2", "c", {"stop_text": "By the third."}, ["24680", "12025550199"], "e", False, 0)
        for each in (new, again):
            await home.database.write(lambda c, each=each: add_account(c, each))  # type: ignore[misc]
        await say(home, "STOP")
        await say(home, "STOP", phone="12025550199")  # one of our own numbers: it would be answered for ever
        assert await answered(home, 1) == [CONFIRMED]
        await ended(home, 1)
