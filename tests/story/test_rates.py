"""Rates of one sender and of one campaign on a route, quiet hours: who waits says so, and holds up nobody else."""

import pytest
from tests.story.house import Plan, house, request, until

from slidewire.domain.audit import By
from slidewire.domain.turns import Waits
from slidewire.store.accounts import add_senders
from slidewire.store.turns import why_waiting


@pytest.mark.parametrize(
    ("route", "why"),
    [
        pytest.param({"sender_rate": "2/day"}, Waits.SENDER_RATE, id="of a sender"),
        pytest.param({"campaign_rate": "0.001/s, 2/day"}, Waits.CAMPAIGN_RATE, id="of a campaign"),
    ],
)
async def test_who_is_over_a_rate_waits_and_others_of_the_route_leave(
    plan: Plan, route: dict[str, str], why: Waits
) -> None:
    plan.route = route
    async with house(plan) as home:
        await home.database.write(lambda c: add_senders(c, home.account_id, ["13579"], By("a test", 1, "row-1")))

        async def known() -> bool:
            return "E111" not in await home.post(request(FROM="13579", NAME=""))

        await until(known, 5, "the second sender")
        sent = [await home.send(CAMPAIGNREF="spring") for _ in range(3)]
        other = await home.send(FROM="13579", CAMPAIGNREF="autumn")
        await home.until_status(other, "delivered")

        async def waits() -> bool:
            found = [await home.database.read(lambda c, key=key: why_waiting(c, key)) for key in sent]
            return found[-1] is not None and found[-1].why is why

        await until(waits, 20, "the last to be put off")
        assert await home.events(sent[-1]) == []


async def test_marketing_waits_for_the_end_of_quiet_hours_and_nothing_else_does(plan: Plan) -> None:
    plan.account = {"quiet_hours": "00:00-12:00, 12:00-00:00", "quiet_exempt": "codes"}
    async with house(plan) as home:
        waiting = await home.send(CAMPAIGNREF="spring")
        others = [await home.send(), await home.send(CAMPAIGNREF="codes")]
        for other in others:
            await home.until_status(other, "delivered")

        async def waits() -> bool:
            found = await home.database.read(lambda c: why_waiting(c, waiting))
            return found is not None and found.why is Waits.QUIET_HOURS

        await until(waits, 20, "quiet hours")
        assert (await home.message(waiting)).status.value == "accepted"
