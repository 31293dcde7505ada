"""A fallback SMS of more than one segment is told when its message is accepted (settled 25)."""

from urllib.parse import unquote

import pytest
from tests.story.house import House, Plan, house, request


async def warnings(home: House, **fields: str) -> list[str]:
    """What an accepted request was told."""
    async with home.http.post(f"{home.api}/API/wxml/1.3/", data=request(**fields)) as answer:
        assert "<STATUS>Success</STATUS>" in await answer.text()
        told = unquote(answer.headers.get("X-Slidewire-Warning", ""))
    return [each for each in told.split("; ") if each]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_segments_are_told_where_an_sms_can_come_of_it(plan: Plan) -> None:
    plan.sms = {}
    no_link = {"DISABLEFALLBACKSMSLINK": "yes"}
    two, cut = "the fallback SMS takes 2 segments", "the fallback SMS would take 4 segments: its text is cut to 3"
    async with house(plan) as home:
        assert await warnings(home, FALLBACKSMSTEXT="x" * 160, **no_link) == []
        assert await warnings(home, FALLBACKSMSTEXT="x" * 161, **no_link) == [two]
        assert await warnings(home, FALLBACKSMSTEXT="x" * 150) == [two], "the link does not fit beside it"
        assert await warnings(home, FALLBACKSMSTEXT="\u0416" * 71, **no_link) == [two]
        assert await warnings(home, FALLBACKSMSTEXT="x" * 600, **no_link) == [cut]
        assert await warnings(home, FALLBACKSMSTEXT="x" * 161, FORCE_SEND_AS_SMS="true", **no_link) == [two]
        assert await warnings(home, FALLBACKSMSTEXT="x" * 600, DISABLEFALLBACKSMS="yes") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_told_of_an_sms_that_nobody_can_send(plan: Plan) -> None:
    async with house(plan) as home:
        assert await warnings(home, FALLBACKSMSTEXT="x" * 600) == []
