"""getSendingStatistics: the report that its link leads to, compared with the ledger of usage and with what was sent."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from tests.story.house import KEY, House, Plan, house, until
from tests.story.test_texts import sent

from slidewire.domain.statistics import Period
from slidewire.domain.usage import Channel, month_of
from slidewire.store.statistics import read_sendings
from slidewire.store.usage import read_usage


async def link(home: House) -> str:
    """Where the report of these two days is."""
    now = datetime.now(UTC)
    dates = [(now + timedelta(days=each)).strftime("%Y-%m-%d %H:%M:%S") for each in (-1, 1)]
    answer = await home.post(
        f"<REQUEST><ACTION>getSendingStatus</ACTION><API_KEY>{KEY}</API_KEY>"
        f"<START_DATE>{dates[0]}</START_DATE><END_DATE>{dates[1]}</END_DATE></REQUEST>"
    )
    found = re.fullmatch("<RESPONSE><STATUS>Success</STATUS><URL>([^<]+)</URL></RESPONSE>", answer)
    assert found, answer
    return found[1]


async def report(home: House, url: str) -> ElementTree.Element:
    async with home.http.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "application/xml")
        return ElementTree.fromstring(await answer.text())


async def test_the_report_counts_what_the_ledger_counts(plan: Plan) -> None:
    """MMS that arrive, expire and fail, a fallback, a text, one that nobody takes: every one, once, with its marks."""
    plan.sms = {}
    async with house(plan) as home:
        arrived = await home.send(NAME="a &amp; b &lt;c>")
        expired = await home.send(TO="15557650001")
        failed = await home.send(TO="15557650009", DISABLEFALLBACKSMS="yes")
        fallback = await home.send(TO="15557650019")
        text, lost = await sent(home, "Hi &lt; there"), await sent(home, TO="15557650061")
        for tracking_id, *codes in (
            (arrived, "N101", "N102"),
            (failed, "E101"),
            (fallback, "N101", "N202"),
            (text, "N201", "N202"),
            (lost, "E201"),
        ):
            await home.until_told(tracking_id, *codes)
        message = await home.until_status(expired, "expired")
        rows = (await report(home, await link(home)))[0]
        marks = {row.get("id"): (row.tag, [mark.tag for mark in row.iter() if mark.get("time")]) for row in rows}
        assert marks == {
            arrived: ("CONTENT", ["INQUE", "ACK", "DLR"]),
            expired: ("CONTENT", ["INQUE", "ACK", "EXPIRED"]),
            failed: ("CONTENT", ["INQUE", "ERROR"]),
            fallback: ("CONTENT", ["INQUE", "ACK", "DLR"]),
            text: ("TEXT", ["INQUE", "ACK", "DLR"]),
            lost: ("TEXT", ["INQUE", "ERROR"]),
        }
        assert [row.get("delivery") for row in rows] == ["binary", "binary", "binary", "xhtml", None, None]
        assert (rows[0].get("contentname"), rows[4].get("body")) == ("a & b <c>", "Hi < there")
        used = await home.database.read(lambda c: read_usage(c, month_of(message.accepted_at)))
        ledger: Counter[tuple[bool, str]] = Counter()
        for _account, usage in used:
            ledger[usage.channel is Channel.SMS, "taken"] += usage.messages
            ledger[usage.channel is Channel.SMS, "failed"] += usage.failed
        counted: Counter[tuple[bool, str]] = Counter()
        for row in rows:
            tags = [mark.tag for mark in row.iter()]
            by_sms = row.tag == "TEXT" or row.get("delivery") == "xhtml"
            counted[by_sms, "taken" if "ACK" in tags else "failed"] += 1
        assert counted == Counter({key: count for key, count in ledger.items() if count})


async def test_a_link_is_good_for_its_time_and_its_account(plan: Plan) -> None:
    plan.settings = {"limits": {"statistics_period": "2d"}}
    async with house(plan) as home:
        await home.until_told(await home.send(), "N101", "N102")
        url = await link(home)
        rows = (await report(home, url))[0]
        assert len(rows) == 1
        async with home.http.head(url) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        token = url.rpartition("/")[2]
        assert home.account_id not in url
        for wrong in ("x", token[:-8] + "AAAA.xml", "A" * 1000, "%00", token[4:]):
            async with home.http.get(f"{home.api}/reports/{wrong}") as answer:
                assert answer.status == 404
        async with home.http.post(url) as answer:
            assert answer.status == 404
        day = Period(0, 1)
        assert list(await home.database.read(lambda c: read_sendings(c, home.account_id, day))) == []
        every = Period(0, 1 << 46)
        assert list(await home.database.read(lambda c: read_sendings(c, "another", every))) == []
        [only] = await home.database.read(lambda c: read_sendings(c, home.account_id, every))
        behind = await home.database.read(lambda c: read_sendings(c, home.account_id, every, after=only.message.id))
        assert list(behind) == []


async def test_a_link_ends(plan: Plan) -> None:
    plan.settings = {"limits": {"statistics_link": "1s"}}
    async with house(plan) as home:
        url = await link(home)

        async def status() -> int:
            async with home.http.get(url) as answer:
                return answer.status

        async def over() -> bool:
            return await status() == 404

        await until(over, 10, "the link to end")
