"""A request that is only looked at: every step's fault at once, what would be sent, and nothing kept or sent."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.content import clips, makers
from tests.fakes.origin import Page
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, request

from slidewire.domain.campaigns import Campaign, Source
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import Block, add_blocks

PHONE = "15557650020"
OPERATORS: list[dict[str, Any]] = [
    {"id": "31002", "name": "Able", "country": "US", "mms_bytes": 600_000},
    {"id": "31003", "name": "Small", "country": "US", "mms_bytes": 12_000},
    {"id": "31005", "name": "Plain", "country": "US", "mms": False},
]
TABLES = ("messages", "tasks", "sent_mms", "events", "segments", "page_links", "repeats", "content")


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """A house with operators of its own."""
    plan.settings = {"operators": OPERATORS}
    return plan


def codes(answer: str) -> list[str]:
    return re.findall("<FAULT><ERRORCODE>(.*?)</ERRORCODE>", answer)


def rows(connection: Connection) -> dict[str, int]:
    found = {table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in TABLES}
    return {table: count for table, count in found.items() if count}


async def validated(home: House, slides: str, **fields: str) -> str:
    return await home.post(request(slides, ACTION="validateMMS", **fields))


async def test_one_fault_of_every_step_is_told_in_their_order(plan: Plan) -> None:
    plan.account = {"enforce_campaign": "on"}
    plan.route = {"operators": ["31002"]}
    async with house(plan) as home:
        await home.database.write(lambda c: add_campaign(c, Campaign(0, home.account_id, "spring", "Spring")))
        block = Block(PHONE, home.account_id, SHORT_CODE, Source.MANAGER, "", 1)
        await home.database.write(lambda c: add_blocks(c, [block]))
        page = home.origin.page("/page.html", Page(body=b"<!doctype html><p>Hi", content_type="text/html"))
        slides = (
            f"<SLIDE><IMAGE><URL>{home.origin.url('/missing')}</URL></IMAGE><TEXT>{'x' * 5001}</TEXT></SLIDE>"
            f"<SLIDE><AUDIO><URL>{page}</URL></AUDIO><DURATION>-1</DURATION></SLIDE><SLIDE></SLIDE>"
        )
        wrong = {"NAME": " ", "CAMPAIGNREF": "spring", "OPERATORID": "31003", "EXPIRES": "2020-01-01"}
        answer = await validated(home, slides, **wrong)
        # the fields (h), the slides (i), consent (j), routes (k), files (l)
        assert codes(answer) == [
            *("E311", "E100"),
            *("E334", "E230", "E313"),
            *("E114", "E715"),
            "E619",
            *("E351", "E629"),
        ]
        assert answer.startswith("<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E311</ERRORCODE><TO>15557650020</TO>")
        assert await home.database.read(rows) == {}
        assert len(home.origin.requests) == 2


async def test_the_steps_before_the_fields_end_it(plan: Plan) -> None:
    async with house(plan) as home:
        for fields, code in (({"API_KEY": "wrong"}, "E104"), ({"ACTION": ""}, "E101")):
            answer = await home.post(request("", **{"ACTION": "validateMMS"} | fields))
            assert (re.findall("<ERRORCODE>(.*?)<", answer), codes(answer)) == ([code], [])


async def test_what_would_be_sent_is_measured_and_nothing_is_kept(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        photo = makers.saved(makers.photo(800, 600), quality=90)
        address = home.origin.page("/a.jpg", Page(photo, content_type="image/jpeg"))
        slides = f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE><TEXT>Hello</TEXT></SLIDE>"
        answer = await validated(home, slides, FALLBACKSMSTEXT="y" * 200, OPERATORID="31002")
        found = re.findall("<NETWORK><OPERATORID>(.*?)</OPERATORID><NAME>(.*?)</NAME>(.*?)</NETWORK>", answer)
        assert [each[:2] for each in found[:3]] == [("31002", "Able"), ("31003", "Small"), ("31005", "Plain")]
        sizes = [int(size[1]) if (size := re.search("<SIZE>([0-9]+)<", each[2])) else 0 for each in found[:3]]
        assert sizes[0] > 12_000 >= sizes[1] > 1_000
        assert found[2][2] == "<PROBLEM>the operator takes no MMS</PROBLEM>"
        assert "<SEGMENTS>2</SEGMENTS><STATUSDETAILS>The message can be sent</STATUSDETAILS>" in answer
        assert await home.database.read(rows) == {}

        tracking = await home.send(slides, OPERATORID="31002")
        await home.until_told(tracking, "N101", "N102")
        assert len(home.origin.requests) >= 1


async def test_it_counts_against_its_own_rate(plan: Plan) -> None:
    plan.account = {"throughput": "validateMMS=1/h"}
    async with house(plan) as home:
        text = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"
        first, second = await validated(home, text), await validated(home, text)
        assert ("<STATUS>Success</STATUS>" in first, "<ERRORCODE>E113</ERRORCODE>" in second) == (True, True)
        assert KEY not in second
        assert await home.send()


async def test_a_film_that_cannot_be_played_is_told(plan: Plan, tmp_path: Path) -> None:
    async with house(plan) as home:
        film = clips.film(tmp_path / "film.mp4")
        good = home.origin.page("/good.mp4", Page(film.read_bytes(), content_type="video/mp4"))
        bad = home.origin.page("/bad.mp4", Page(film.read_bytes()[:400] + b"\0" * 600, content_type="video/mp4"))
        slides = "".join(f"<SLIDE><VIDEO><URL>{address}</URL></VIDEO></SLIDE>" for address in (good, bad))
        assert codes(await validated(home, slides)) == ["E343"]
        assert "<STATUS>Success</STATUS>" in await validated(home, f"<SLIDE><VIDEO><URL>{good}</URL></VIDEO></SLIDE>")
