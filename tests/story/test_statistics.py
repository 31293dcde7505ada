"""getSendingStatistics: the report that its link leads to, compared with the ledger of usage and with what was sent."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from sqlalchemy import select
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, request, until
from tests.story.test_batches import sent as sent_batch
from tests.story.test_campaigns import call
from tests.story.test_texts import sent

from slidewire.domain.statistics import Period
from slidewire.domain.usage import Channel, month_of
from slidewire.store import schema
from slidewire.store.messages import list_messages
from slidewire.store.statistics import read_batch, read_batches, read_sendings
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
        [batches, subscriptions, rows] = await report(home, await link(home))
        assert [each.tag for each in (batches, subscriptions, rows)] == ["BATCHES", "SUBSCRIPTIONS", "SENDING_LIST"]
        assert len(batches) == len(subscriptions) == 0
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


async def test_batches_and_words_about_subscriptions_have_groups_of_their_own(plan: Plan) -> None:
    """Every message once, as the ledger counts them; what a group's messages have in common stands at the group."""
    plan.sms = {}
    async with house(plan) as home:
        made = await call(home, "createMMSCampaign", CAMPAIGNNAME="Winter", BRANDNAME="Gap")
        joins = {"CAMPAIGNID": made["CAMPAIGNID"]}
        for phone in ("15557650020", "15557650021"):
            assert "CAMPAIGNID" in await call(home, "subscribe", **joins, MOBILE=phone, NOTIFY="yes")
        await call(home, "subscribe", **joins, MOBILE="15557650022")  # nobody tells it
        await call(home, "unsubscribe", **joins, MOBILE="15557650021", NOTIFY="yes")
        saved = await home.post(request(ACTION="saveMMS", TO="", FROM="", NAME="flowers"))
        [mms_id] = re.findall("<MMSID>(.*)</MMSID>", saved)
        sent_all = {"MMSID": mms_id, "TOCAMPAIGN": made["CAMPAIGNID"]}
        campaign = (await call(home, "sendSavedMMSCampaign", **sent_all))["SCHEDULEDID"]
        batch = await sent_batch(home, ["15557650025", "15557650024", "12"])
        alone = await home.send()

        async def done() -> bool:
            return len(await home.database.read(list_messages)) == 8 and not await pending(home)

        await until(done, 30, "every message to arrive")
        [batches, subscriptions, rest] = await report(home, await link(home))
        names = {"campaignid": made["CAMPAIGNID"], "campaignname": "Winter", "contentid": mms_id}
        heads = [{k: v for k, v in each.attrib.items() if k != "scheduled_date"} for each in batches]
        assert heads == [
            {"id": campaign, "from": SHORT_CODE, **names, "contentname": "flowers"},
            {"id": batch, "from": SHORT_CODE, "contentname": "story"},
        ]
        assert [[(row.get("to"), "contentid" in row.attrib, row.get("from")) for row in each] for each in batches] == [
            [("15557650020", False, None), ("15557650022", False, None)],
            [("15557650024", True, None), ("15557650025", True, None)],
        ]
        told = [
            (each.attrib, [(row.tag, row.attrib.keys(), row.get("body")) for row in each]) for each in subscriptions
        ]
        joined, left = (
            "Gap: you get messages of Winter from now on. Reply STOP to end.",
            "Gap: you get no more messages of Winter.",
        )
        assert told == [
            ({"to": to, "carrier": "", "from": SHORT_CODE}, [("TEXT", {"id", "body"}, words) for words in texts])
            for to, texts in (("15557650020", [joined]), ("15557650021", [joined, left]))
        ]
        assert [row.get("id") for row in rest] == [alone]
        for row in (*batches.iter("CONTENT"), *subscriptions.iter("TEXT"), *rest):
            assert [mark.tag for mark in row.iter() if mark.get("time")] == ["INQUE", "ACK", "DLR"]
        month = month_of((await home.message(alone)).accepted_at)
        used = await home.database.read(lambda c: read_usage(c, month))
        ledger = Counter(dict.fromkeys((Channel.MMS, Channel.SMS), 0))
        for _account, usage in used:
            ledger[usage.channel] += usage.messages
        counted = {Channel.MMS: len([*batches.iter("CONTENT"), *rest]), Channel.SMS: len([*subscriptions.iter("TEXT")])}
        assert dict(ledger) == counted == {Channel.MMS: 5, Channel.SMS: 3}


async def pending(home: House) -> bool:
    """Whether anything is still to be done or told."""
    tasks = await home.database.read(lambda c: c.execute(select(schema.tasks.c.id)).all())
    running = schema.messages.c.status != "delivered"
    return bool(tasks) or bool(
        await home.database.read(lambda c: c.execute(select(schema.messages.c.id).where(running)).all())
    )


async def test_pages_of_a_batch_follow_each_other(plan: Plan) -> None:
    async with house(plan) as home:
        receivers = [f"1555765002{n}" for n in range(5)]
        batch = await sent_batch(home, receivers)
        every = Period(0, 1 << 46)

        async def expanded() -> bool:
            return len(await home.database.read(list_messages)) == 5

        await until(expanded, 30, "its messages")
        [head] = await home.database.read(lambda c: read_batches(c, home.account_id, every))
        assert (head.id, head.name, head.mms_id) == (batch, "story", None)
        pages, after = [], ""
        while page := await home.database.read(lambda c, after=after: read_batch(c, head, every, after=after, limit=2)):
            pages.append([each.message.receiver for each in page])
            after = page[-1].place
        assert pages == [receivers[:2], receivers[2:4], receivers[4:]]
        assert await home.database.read(lambda c: read_batches(c, home.account_id, Period(0, 1))) == []
        assert list(await home.database.read(lambda c: read_sendings(c, home.account_id, every))) == []


async def test_a_link_is_good_for_its_time_and_its_account(plan: Plan) -> None:
    plan.settings = {"limits": {"statistics_period": "2d"}}
    async with house(plan) as home:
        await home.until_told(await home.send(), "N101", "N102")
        url = await link(home)
        assert [len(group) for group in await report(home, url)] == [0, 0, 1]
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
