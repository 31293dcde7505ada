"""The database server is restarted while the gateway works: callers wait, or are told when to come again."""

import asyncio
from pathlib import Path

import pytest
from tests.fixtures.postgres import Server
from tests.story.house import Plan, house, request, until
from tests.story.test_metrics import scraped

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]


async def test_a_restart_of_the_server_loses_nothing(restarted_servers: list[Server], tmp_path: Path) -> None:
    plan = Plan(restarted_servers[0].create("story"), tmp_path, settings={"database_wait": "2s"})
    async with house(plan) as here:
        before = [await here.send() for _ in range(5)]
        await asyncio.to_thread(restarted_servers[0].halt)
        url = f"{here.api}/API/wxml/1.3/"
        async with here.http.post(url, data=request()) as refused:
            assert "<ERRORCODE>E503</ERRORCODE>" in await refused.text()
            assert refused.headers["Retry-After"] == "5"
        away = await scraped(here)
        assert "slidewire_database_up 0" in away
        assert 'slidewire_requests_total{action="sendmms",dialect="w13",code="E503"} 1' in away
        assert "slidewire_tasks{" not in away
        waiting = asyncio.create_task(here.send())
        restarted_servers.append(restarted_servers[0].go_on())

        async def answered() -> bool:
            return waiting.done()

        await until(answered, 60, "whoever called while the server was away")
        later = [await here.send() for _ in range(5)]
        accepted = [*before, *([] if waiting.exception() else [waiting.result()]), *later]
        for each in accepted:
            await here.until_status(each, "delivered", limit=60)
            assert (await here.events(each)).count("submitted") == 1
        assert "slidewire_database_up 1" in await scraped(here)
