"""A phone joins a campaign by its word: asked first, or at once; each change is seen by the next request."""

import asyncio
from pathlib import Path

import pytest
from tests.cli.command import slidewire
from tests.story.house import House, Plan, house
from tests.story.test_answers import answered
from tests.story.test_inbound import PHONE, code, say, told

from slidewire.domain.campaigns import Campaign, Consent, Joining, OptIn, Source
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import Subscription, change_subscription

ASKED = "Bloom: reply YES to get messages of Spring. Reply STOP to end."
WELCOME = "Bloom: you get messages of Spring from now on. Reply STOP to end."


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """An account that enforces campaigns, with an SMS route."""
    plan.sms = {}
    plan.account = {"enforce_campaign": "on", "stop_text": "", "help_text": "By the account."}
    plan.settings = {"inbound": {"answer_pause": "0s"}}
    return plan


async def campaign(home: House, ref: str = "spring", **joining: object) -> None:
    ways = Joining(**({"keywords": ("JOIN", "TAKE PART")} | joining))  # type: ignore[arg-type]  # a test's own
    new = Campaign(0, home.account_id, ref, "Spring", "Bloom", joining=ways)
    await home.database.write(lambda c: add_campaign(c, new))


async def may(home: House, ref: str = "spring") -> str:
    return await code(home, TO=PHONE, CAMPAIGNREF=ref)


async def codes(home: House, count: int) -> list[str]:
    return [each["CODE"] for each in await told(home.customer, count)]


async def test_a_keyword_is_confirmed_by_yes(plan: Plan) -> None:
    async with house(plan) as home:
        await campaign(home)
        met = [await may(home)]
        await say(home, "Join!")
        met.append(await may(home))
        assert await answered(home, 1) == [ASKED]
        await say(home, "yes")
        met.append(await may(home))
        assert met == ["E715", "E715", "Success"]
        assert await codes(home, 3) == ["N211", "N211", "N301"]
        await say(home, "STOP")
        met = [await may(home)]
        await say(home, "take part")  # who left may come back by his own word, and is asked again
        met.append(await may(home))
        await say(home, "YES")
        met.append(await may(home))
        assert met == ["E114", "E114", "Success"]
        assert await codes(home, 8) == ["N211"] * 5 + ["N301"] * 2 + ["N302"]


async def test_a_keyword_is_enough_where_the_campaign_says_so(plan: Plan) -> None:
    async with house(plan) as home:
        await campaign(home, opt_in=OptIn.SINGLE, welcome_text="Hello there.")
        await say(home, "STOP")
        met = [await may(home)]
        await say(home, "JOIN me")  # a sentence is no keyword
        met.append(await may(home))
        await say(home, "jöin")
        met.append(await may(home))
        assert met == ["E114", "E114", "Success"]
        assert await answered(home, 1) == ["Hello there."]
        assert await codes(home, 4) == ["N211"] * 3 + ["N301"]


async def test_yes_confirms_what_was_asked_and_nothing_else(plan: Plan) -> None:
    async with house(plan) as home:
        await campaign(home)
        await campaign(home, "summer", keywords=("SUMMER",), opt_in=OptIn.SINGLE)
        for words in ("SUMMER", "STOP", "JOIN", "YES"):
            await say(home, words)
        assert [await may(home), await may(home, "summer")] == ["Success", "E715"]


async def test_a_yes_that_comes_too_late_joins_nobody(plan: Plan) -> None:
    plan.settings["inbound"]["confirm_within"] = "0s"
    async with house(plan) as home:
        await campaign(home)
        await say(home, "JOIN")
        await say(home, "YES")
        assert await may(home) == "E715"
        assert await codes(home, 2) == ["N211"] * 2


async def test_nobody_else_confirms_for_a_phone_that_was_asked(plan: Plan) -> None:
    """It may have opted out before: then only its own word brings it back (api.md 3.5)."""
    async with house(plan) as home:
        await campaign(home)
        for words in ("STOP", "JOIN"):
            await say(home, words)
        for state in (Consent.SUBSCRIBED, Consent.REMOVED):
            row = Subscription(PHONE, home.account_id, "spring", state, Source.API, 1)
            assert not await home.database.write(lambda c, row=row: change_subscription(c, row))
        assert await may(home) == "E114"


async def test_help_is_answered_by_the_campaign_that_the_phone_is_in(plan: Plan) -> None:
    async with house(plan) as home:
        await say(home, "HELP")
        assert await answered(home, 1) == ["By the account."]
        await campaign(home, opt_in=OptIn.SINGLE, help_text="Of spring.")
        await campaign(home, "summer", keywords=("SUMMER",), opt_in=OptIn.SINGLE, help_text="Of summer.")
        await say(home, "SUMMER")
        await say(home, "HELP")
        assert "Of summer." in await answered(home, 3)


async def test_the_command_line_says_how_phones_join(plan: Plan, tmp_path: Path) -> None:
    async with house(plan) as home:
        await campaign(home)
        await campaign(home, "summer", keywords=())
        (tmp_path / "slidewire.toml").write_text(f'database = "{plan.database}"\n')

        async def ran(*words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(slidewire, tmp_path, "campaign", "set", *words)
            return done.code, done.out + done.err

        met = [await ran("summer", "--keyword", "Sömmer", "--opt-in", "single", "--welcome-text", "Hi")]
        met += [await ran("summer", "--keyword", "join"), await ran("summer", "--keyword", "Stop!")]
        met += [await ran("summer", "--opt-in", "triple"), await ran("summer", "--help-text", "x" * 321)]
        assert [each for each, _ in met] == [0, 1, 2, 2, 2]
        words = ("by SOMMER (single opt-in)", "JOIN is a keyword of spring", "STOP means STOP", "triple", "321")
        assert [word in said for word, (_, said) in zip(words, met, strict=True)] == [True] * 5
        await say(home, "SOMMER")
        assert await answered(home, 1) == ["Hi"]
        assert (await ran("summer", "--no-keyword"))[0] == 0
        await say(home, "SOMMER")
        assert await answered(home, 1) == ["Hi"]
