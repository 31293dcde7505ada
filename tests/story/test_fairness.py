"""A route on which a batch waits: what is asked for by itself meanwhile leaves before it, and the batch goes on."""

import asyncio

import pytest
from sqlalchemy import Connection, func, select
from tests.story.house import House, Plan, house, until
from tests.story.test_batches import sent

from slidewire.store import schema

MANY = 40


def left_of(connection: Connection, before: str) -> int:
    """Messages that were accepted before this one and still wait."""
    messages = schema.messages
    query = select(func.count()).where(messages.c.id < before, messages.c.status == "accepted")
    return connection.execute(query).scalar() or 0


async def submitted(home: House) -> int:
    await asyncio.sleep(0.1)
    query = select(func.count()).where(schema.events.c.event == "submitted")
    return int(await home.database.read(lambda c: c.execute(query).scalar()) or 0)


@pytest.mark.parametrize("kind", [pytest.param("mms", id="MMS"), pytest.param("sms", id="SMS")])
async def test_one_message_does_not_wait_for_a_batch(plan: Plan, kind: str) -> None:
    plan.route = {"rate": "10/s"}
    fields = {}
    if kind == "sms":
        plan.sms = {"rate": "10/s", "window": 2}
        fields = {"FORCE_SEND_AS_SMS": "true", "FALLBACKSMSTEXT": "Your code is 1234"}
    async with house(plan) as home:
        await sent(home, [f"1555765{n:02}20" for n in range(MANY)], **fields)

        async def crowded() -> bool:
            return await submitted(home) > 12

        await until(crowded, 30, "the batch to be under way")
        coupon = await home.send(**fields)
        await home.until_status(coupon, "delivered")
        assert await home.database.read(lambda c: left_of(c, coupon)) >= 5

        async def all_gone() -> bool:
            return await submitted(home) == MANY + 1

        await until(all_gone, 30, "the rest of the batch")
