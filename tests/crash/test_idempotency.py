"""Two nodes are asked the same at the same instant, and one is killed: one message, one answer (durability 15)."""

import asyncio
import re
import subprocess
from pathlib import Path

import aiohttp
import pytest
from bench.peers import Plan, add_account, start_gateway, wait_ready, write_config
from sqlalchemy import select
from tests.fakes.origin import Origin, Page
from tests.story.house import until

from slidewire.demo.loopback import free_port
from slidewire.store import schema
from slidewire.store.campaigns import read_campaigns
from slidewire.store.database import Database, open_database

ROUNDS = 10
CAMPAIGNS = 30
GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>15557650001</TO><FROM>24680</FROM>"
    "<SUBJECT>Crash</SUBJECT><NAME>{name}</NAME><SLIDE>{slide}</SLIDE></REQUEST>"
)

CAMPAIGN = (
    "<REQUEST><ACTION>createMMSCampaign</ACTION><API_KEY>{key}</API_KEY><CAMPAIGNNAME>{name}</CAMPAIGNNAME>"
    "<BRANDNAME>Brand</BRANDNAME></REQUEST>"
)


class Node:
    """One process of two that share a database."""

    def __init__(self, plan: Plan, name: str) -> None:
        self.port = free_port()
        self.config = write_config(plan, self.port).rename(plan.folder / f"{name}.toml")
        self.log = plan.folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self.process = start_gateway(self.config, self.log, "api")
        await asyncio.to_thread(wait_ready, self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def ask(self, http: aiohttp.ClientSession, body: str, key: str) -> bytes:
        url = f"http://127.0.0.1:{self.port}/API/wxml/1.3/"
        async with http.post(url, data=body, headers={"Idempotency-Key": key}) as answer:
            return await answer.read()


async def tracking_ids(database: Database, name: str) -> list[str]:
    query = select(schema.messages.c.id).where(schema.messages.c.name == name)
    return [row[0] for row in await database.read(lambda c: c.execute(query).all())]


@pytest.mark.timeout(120)
async def test_two_nodes_make_one_message_whatever_is_killed(empty_url: str, tmp_path: Path) -> None:
    plan = Plan(tmp_path, 9, empty_url)
    first, second = Node(plan, "first"), Node(plan, "second")
    key = await asyncio.to_thread(add_account, first.config)
    database = open_database(empty_url)
    try:
        async with Origin() as origin, aiohttp.ClientSession() as http:
            await first.start()
            await second.start()

            async def both(name: str) -> None:
                body = BODY.format(key=key, name=name, slide="<TEXT>Hi</TEXT>")
                answers = await asyncio.gather(first.ask(http, body, name), second.ask(http, body, name))
                assert answers[0] == answers[1]
                assert re.findall(b"<TRACKINGID>([^<]+)<", answers[0]) == [
                    each.encode() for each in await tracking_ids(database, name)
                ]

            for number in range(ROUNDS):
                await both(f"round-{number}")

            # killed while it fetches: the other waits, finds it dead, and goes on in its place
            page = origin.page("/slow.gif", Page(GIF, content_type="image/gif", delay=2))
            body = BODY.format(key=key, name="killed", slide=f"<IMAGE><URL>{page}</URL></IMAGE>")
            asked = asyncio.create_task(first.ask(http, body, "killed"))
            await until(lambda: _asked_for(origin), 20, "the first to fetch")
            waiting = asyncio.create_task(second.ask(http, body, "killed"))
            await asyncio.sleep(0)
            first.kill()
            with pytest.raises(aiohttp.ClientError):
                await asked
            answer = await waiting
            assert re.findall(b"<TRACKINGID>([^<]+)<", answer) == [
                each.encode() for each in await tracking_ids(database, "killed")
            ]

            # killed as soon as its message is there: the other gives the first one's answer
            await first.start()
            assert await first.ask(http, body, "killed") == answer
            body = BODY.format(key=key, name="answered", slide="<TEXT>Hi</TEXT>")
            asked = asyncio.create_task(first.ask(http, body, "answered"))
            await until(lambda: _is_there(database), 20, "its message")
            first.kill()
            answer = await second.ask(http, body, "answered")
            [only] = await tracking_ids(database, "answered")
            assert f"<TRACKINGID>{only}</TRACKINGID>".encode() in answer
            await asyncio.gather(asked, return_exceptions=True)

            # killed while it makes campaigns: whichever were made are not made again
            await first.start()
            bodies = [CAMPAIGN.format(key=key, name=f"c-{number}") for number in range(CAMPAIGNS)]
            asking = [asyncio.create_task(first.ask(http, body, body)) for body in bodies]
            await until(lambda: _has_campaigns(database), 20, "its first campaign")
            first.kill()
            before = await asyncio.gather(*asking, return_exceptions=True)
            answers = [await second.ask(http, body, body) for body in bodies]
            assert [early for early in before if isinstance(early, bytes)] == [
                late for early, late in zip(before, answers, strict=True) if isinstance(early, bytes)
            ]
            made = await database.read(lambda c: [(each.name, str(each.id)) for each in read_campaigns(c)])
            assert sorted(made) == sorted(
                (f"c-{number}", re.findall("<CAMPAIGNID>([0-9]+)<", answer.decode())[0])
                for number, answer in enumerate(answers)
            )
    finally:
        first.kill()
        second.kill()
        await database.close()


async def _asked_for(origin: Origin) -> bool:
    return origin.hits("/slow.gif") > 0


async def _has_campaigns(database: Database) -> bool:
    return bool(await database.read(read_campaigns))


async def _is_there(database: Database) -> bool:
    return bool(await tracking_ids(database, "answered"))
