"""Campaigns through the API: what each call did is seen by the next message, postback or list."""

import json
import re
from typing import Any

import pytest
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, request, until
from tests.story.test_fallback import texts

from slidewire.domain.audit import AuditAction
from slidewire.domain.batches import Batch
from slidewire.domain.batches import Source as BatchSource
from slidewire.domain.campaigns import Consent, Source
from slidewire.store.audit import list_audit
from slidewire.store.batches import next_portion
from slidewire.store.consent import (
    Block,
    Import,
    Subscription,
    add_blocks,
    change_subscription,
    import_subscriptions,
)
from slidewire.store.messages import list_messages

PHONE, OTHER = "15557650020", "15557650021"


@pytest.fixture
def plan(plan: Plan) -> Plan:
    plan.account = {"enforce_campaign": "on", "sender_countries": f"{SHORT_CODE}=US, 20777=GB"}
    plan.senders = ("20777",)
    plan.sms = {}
    return plan


async def call(home: House, action: str, **fields: str) -> dict[str, str]:
    """What a call is answered, element by element; blocks are left out."""
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    answer = await home.post(f"<REQUEST><ACTION>{action}</ACTION><API_KEY>{KEY}</API_KEY>{inside}</REQUEST>")
    return dict(re.findall(r"<(\w+)>([^<]*)</\1>", answer))


async def code(home: House, **fields: str) -> str:
    answer = await home.post(request(**fields))
    found = re.search("<ERRORCODE>(.*?)</ERRORCODE>", answer)
    return found[1] if found else "Success"


async def winter(home: House) -> str:
    """A campaign of the account; its id."""
    made = await call(home, "createMMSCampaign", CAMPAIGNNAME="Winter Sale", BRANDNAME="Gap")
    return made["CAMPAIGNID"]


async def news(home: House, count: int) -> list[dict[str, str]]:
    """The postbacks about subscriptions, when there are so many; their times left out."""

    def about() -> list[dict[str, str]]:
        return [each.fields for each in home.customer.posts if each.fields.get("ORIGIN") == "SUB"]

    async def there() -> bool:
        return len(about()) >= count

    await until(there, 20, f"{count} news")
    return [{name: text for name, text in each.items() if name != "TIMESTAMP"} for each in about()]


async def phone_writes(home: House, text: str, phone: str = PHONE) -> None:
    data = {"from": phone, "to": SHORT_CODE, "text": text}
    async with home.http.post(f"{home.simulator.http_url}/api/sms", json=data) as answer:
        assert answer.status < 300, await answer.text()


async def test_a_campaign_lets_its_phones_be_written_to(plan: Plan) -> None:
    """Made, joined, sent to, left, joined again: an account may bring back whom it took out itself."""
    async with house(plan) as home:
        campaign = await winter(home)
        met = [await code(home, CAMPAIGNREF=campaign)]
        assert await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=f"+{PHONE}") == {
            "STATUS": "Success",
            "CAMPAIGNID": campaign,
            "MOBILE": PHONE,
        }
        met.append(await code(home, CAMPAIGNREF=campaign))
        met.append((await call(home, "unsubscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["STATUS"])
        met.append(await code(home, CAMPAIGNREF=campaign))
        met.append((await call(home, "unsubscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["ERRORCODE"])
        met.append((await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["STATUS"])
        met.append(await code(home, CAMPAIGNREF=campaign))
        met.append((await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["STATUS"])
        assert met == ["E715", "Success", "Success", "E715", "E905", "Success", "Success", "Success"]
        common = {"ORIGIN": "SUB", "MOBILE": PHONE, "CAMPAIGNID": campaign, "SHORTCODE": SHORT_CODE}
        common |= {"CAMPAIGNTITLE": "Winter Sale", "BRANDNAME": "Gap", "SOURCE": "API"}
        told = await news(home, 4)
        # whoever subscribes again is told again (api.md 4.3's page)
        assert told == [common | {"CODE": each} for each in ("N301", "N302", "N301", "N301")]
        assert await texts(home) == []


async def test_who_wrote_stop_is_not_brought_back(plan: Plan) -> None:
    async with house(plan) as home:
        campaign = await winter(home)
        await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE)
        await phone_writes(home, "STOP")
        [_, left] = await news(home, 2)
        assert (left["CODE"], left["SOURCE"]) == ("N302", "MO")
        for more in ({}, {"CTA": "yes"}, {"NOTIFY": "yes"}):
            refused = await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE, **more)
            assert refused["ERRORCODE"] == "E904"
        # nor can it be taken for one whom the account removed, to be brought back then
        assert (await call(home, "unsubscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["ERRORCODE"] == "E905"
        assert (await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE))["ERRORCODE"] == "E904"
        await phone_writes(home, "START")
        back = (await news(home, 3))[2]
        assert (back["CODE"], back["SOURCE"]) == ("N301", "MO")
        assert await code(home, CAMPAIGNREF=campaign) == "Success"
        # what was sent are the answers to STOP and START, and nothing that was asked for above
        assert [each["text"] for each in await texts(home) if "Winter Sale" in each["text"]] == []


async def test_the_operator_of_a_subscription_is_that_of_its_text(plan: Plan) -> None:
    plan.settings = {"operators": [{"id": "31003", "aliases": ["0001890"], "name": "Verizon", "country": "US"}]}
    async with house(plan) as home:
        joins = {"CAMPAIGNID": await winter(home), "MOBILE": PHONE, "NOTIFY": "yes"}
        await call(home, "subscribe", **joins, SPID="0001890")
        await call(home, "unsubscribe", **joins, OPERATORID="31003", SPID="none")
        await call(home, "subscribe", **joins, SPID="none")
        sent = await home.database.read(list_messages)
        assert [(each.spid, each.operator) for each in reversed(sent)] == [
            ("0001890", "31003"),
            ("31003", "31003"),
            ("", ""),
        ]


async def test_double_opt_in(plan: Plan) -> None:
    """Asked by a text, not written to before YES; nobody is asked twice."""
    async with house(plan) as home:
        campaign = await winter(home)
        asked = await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE, CTA="yes")
        assert asked == {"STATUS": "Success", "CAMPAIGNID": campaign, "MOBILE": PHONE}

        async def arrived() -> bool:
            return len(await texts(home)) == 1

        await until(arrived, 20, "the question")
        [question] = await texts(home)
        assert (question["receiver"], question["sender"]) == (PHONE, SHORT_CODE)
        assert question["text"] == "Gap: reply YES to get messages of Winter Sale. Reply STOP to end."
        assert await code(home, CAMPAIGNREF=campaign) == "E715"
        await phone_writes(home, "Yes!")
        [told] = await news(home, 1)
        assert (told["CODE"], told["SOURCE"]) == ("N301", "MO")
        assert await code(home, CAMPAIGNREF=campaign) == "Success"
        again = await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE, CTA="yes")
        assert again["STATUS"] == "Success"
        assert await code(home, CAMPAIGNREF=campaign) == "Success"
        assert [each["text"] for each in await texts(home) if "reply YES" in each["text"]] == [question["text"]]


async def test_a_phone_is_told_when_that_is_wanted(plan: Plan) -> None:
    async with house(plan) as home:
        campaign = await winter(home)
        for action in ("subscribe", "unsubscribe"):
            done = await call(home, action, CAMPAIGNID=campaign, MOBILE=PHONE, NOTIFY="yes")
            assert done["STATUS"] == "Success"

        async def arrived() -> bool:
            return len(await texts(home)) == 2

        await until(arrived, 20, "both texts")
        assert {each["text"] for each in await texts(home)} == {
            "Gap: you get messages of Winter Sale from now on. Reply STOP to end.",
            "Gap: you get no more messages of Winter Sale.",
        }


async def test_without_a_way_to_tell_nobody_joins(plan: Plan) -> None:
    """The text and the subscription are one: neither without the other."""
    plan.sms = None
    async with house(plan) as home:
        campaign = await winter(home)
        asked = await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE, CTA="yes")
        assert asked["ERRORCODE"] == "E619"
        told = await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=PHONE, NOTIFY="yes")
        assert told["ERRORCODE"] == "E619"
        assert await code(home, CAMPAIGNREF=campaign) == "E715"


async def test_campaigns_are_listed_until_they_close(plan: Plan) -> None:
    async with house(plan) as home:
        assert (await call(home, "getMmsCampaigns"))["ERRORCODE"] == "E405"
        first = await winter(home)
        named = await call(home, "createMMSCampaign", CAMPAIGNNAME="Spring", BRANDNAME="Gap", CAMPAIGNREF="s")
        assert named["CAMPAIGNREF"] == "s"
        twice = await call(home, "createMMSCampaign", CAMPAIGNNAME="Spring", BRANDNAME="Gap", CAMPAIGNREF="s")
        assert twice["ERRORCODE"] == "E172"
        answer = await home.post(f"<REQUEST><ACTION>getMmsCampaigns</ACTION><API_KEY>{KEY}</API_KEY></REQUEST>")
        assert re.findall("<ID>(.*?)</ID><NAME>(.*?)</NAME>", answer) == [
            (first, "Winter Sale"),
            (named["CAMPAIGNID"], "Spring"),
        ]
        joined = await call(home, "subscribe", CAMPAIGNREF="s", MOBILE=PHONE, SUBSCRIBERREF="ann")
        assert joined == {"STATUS": "Success", "CAMPAIGNREF": "s", "SUBSCRIBERREF": "ann", "MOBILE": PHONE}
        assert (await call(home, "subscribe", CAMPAIGNID="s", MOBILE=OTHER))["CAMPAIGNID"] == named["CAMPAIGNID"]
        assert [await code(home, CAMPAIGNREF="s", TO=phone) for phone in (PHONE, OTHER)] == ["Success", "Success"]
        rows = await home.database.read(lambda c: list_audit(c, home.account_id, 10))
        made = [row for row in rows if row.action == AuditAction.CAMPAIGN_ADDED.value]
        assert {(row.who, row.facts["ref"]) for row in made} == {("account acct-1", first), ("account acct-1", "s")}


async def test_json_has_the_same_campaigns(plan: Plan) -> None:
    async with house(plan) as home:

        async def asked(**members: Any) -> dict[str, Any]:
            given = json.dumps({name.replace("_", "-"): value for name, value in members.items()})
            async with home.http.post(f"{home.api}/ep/v2/", data=given, headers={"x-api-key": KEY}) as answer:
                return dict(await answer.json())

        made = await asked(action="createmmscampaign", campaign_name="Winter", brand_name="Gap")
        number = made["campaign-id"]
        assert await asked(action="subscribe", campaign_id=number, mobile=PHONE) == {
            "status": "Success",
            "campaign-id": number,
            "mobile": PHONE,
        }
        assert (await asked(action="getMmsCampaigns"))["mms-campaigns"] == {
            "campaign": [{"id": number, "name": "Winter"}]
        }
        assert await code(home, CAMPAIGNREF=number) == "Success"


async def test_whoever_has_a_name_is_sent_to_by_it(plan: Plan) -> None:
    """A group of two, one of whom has left; then a text, then somebody else's name, then nobody's."""
    async with house(plan) as home:
        campaign = await winter(home)
        for phone in (PHONE, OTHER, "15557650022"):
            ref = "family" if phone != "15557650022" else "neighbour"
            await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=phone, SUBSCRIBERREF=ref)
        saved = await call(home, "saveMMS", NAME="n", SUBJECT="s", SLIDE="<TEXT>Hello</TEXT>")
        group = {"SUBSCRIBERREF": "family", "CAMPAIGNREF": campaign}

        async def sent(**fields: str) -> list[tuple[str, str]]:
            inside = "".join(f"<{name}>{text}</{name}>" for name, text in (group | fields).items())
            action = f"<ACTION>sendMessageBySubscriberRef</ACTION><API_KEY>{KEY}</API_KEY>"
            answer = await home.post(f"<REQUEST>{action}{inside}</REQUEST>")
            return re.findall("<TRACKINGID>(.*?)</TRACKINGID><TO>(.*?)</TO><FROM>24680</FROM>", answer)

        first = await sent(MMSID=saved["MMSID"])
        assert [to for _, to in first] == [PHONE, OTHER]
        for tracking_id, _ in first:
            _, last = await home.until_told(tracking_id, "N101", "N102")
            assert last["MMSID"] == saved["MMSID"]
        await call(home, "unsubscribe", CAMPAIGNID=campaign, MOBILE=OTHER)
        [(text, to)] = await sent(TEXT="Only you")
        assert to == PHONE
        await home.until_told(text, "N201", "N202")
        assert [each["text"] for each in await texts(home)] == ["Only you"]
        refused = await call(home, "sendMessageBySubscriberRef", **group | {"SUBSCRIBERREF": "x"}, TEXT="x")
        assert refused["ERRORCODE"] == "E715"
        refused = await call(home, "sendMessageBySubscriberRef", **group | {"CAMPAIGNREF": "x"}, TEXT="x")
        assert refused["ERRORCODE"] == "E721"
        refused = await call(home, "sendMessageBySubscriberRef", **group, MMSID="7")
        assert refused["ERRORCODE"] == "E241"


async def test_a_template_goes_to_everybody_in_a_campaign(plan: Plan) -> None:
    """Once to each who is in it; not to who left by himself, was taken out, is asked still, or is blocked."""
    phones = [f"155576500{number}" for number in range(20, 29)]
    left, removed, pending, blocked, *stay = phones
    async with house(plan) as home:
        campaign = await winter(home)
        for phone in phones:
            more = {"CTA": "yes"} if phone == pending else {}
            await call(home, "subscribe", CAMPAIGNID=campaign, MOBILE=phone, **more)
        await phone_writes(home, "STOP", left)
        await call(home, "unsubscribe", CAMPAIGNID=campaign, MOBILE=removed)
        await news(home, 10)  # eight joined, one left, one was taken out
        await home.database.write(lambda c: add_blocks(c, [Block(blocked, "", "", Source.MANAGER, "", 1)]))
        saved = await call(home, "saveMMS", NAME="n", SUBJECT="s", SLIDE="<TEXT>Hello</TEXT>")
        to = {"MMSID": saved["MMSID"], "TOCAMPAIGN": campaign}
        sent = await call(home, "sendSavedMMSCampaign", **to, CLIENT_REFERENCE="all")
        assert sent == {"STATUS": "Success", "MMSID": saved["MMSID"], "SCHEDULEDID": sent["SCHEDULEDID"]}

        def told(code: str) -> list[str]:
            posts = (each.fields for each in home.customer.posts)
            return sorted(p["TO"] for p in posts if p.get("CLIENT_REFERENCE") == "all" and p["CODE"] == code)

        async def delivered() -> bool:
            return len(told("N102")) >= len(stay)

        await until(delivered, 30, "all that stay")
        assert told("N101") == told("N102") == sorted(stay)
        batch = await call(home, "getBatch", BATCHID=sent["SCHEDULEDID"])
        assert {name: batch[name] for name in ("STATUS", "BATCHSTATUS", "TOTAL", "REFUSED", "DELIVERED")} == {
            "STATUS": "Success",
            "BATCHSTATUS": "expanded",
            "TOTAL": str(len(stay) + 1),
            "REFUSED": "1",
            "DELIVERED": str(len(stay)),
        }
        refused = await call(home, "sendSavedMMSCampaign", **to | {"TOCAMPAIGN": "7"})
        assert refused["ERRORCODE"] == "E714"
        refused = await call(home, "sendSavedMMSCampaign", **to | {"MMSID": "7"})
        assert refused["ERRORCODE"] == "E241"


async def test_a_campaign_is_read_part_by_part(plan: Plan) -> None:
    """In parts of its own transaction each; who joins behind the cursor meanwhile is met, who left is not."""
    async with house(plan) as home:
        campaign = int(await winter(home))
        numbers = {f"1555765{number:04}": Consent.SUBSCRIBED for number in range(7)}
        ref = str(campaign)
        new = Import(home.account_id, ref, numbers, 1)
        await home.database.write(lambda c: import_subscriptions(c, new, lambda _: None))
        batch = Batch("b", home.account_id, 1, 7, None, BatchSource.CAMPAIGN, receivers=ref)
        first = await home.database.read(lambda c: next_portion(c, batch, 3))
        gone = Subscription("15557650003", home.account_id, ref, Consent.REMOVED, Source.API, 2)
        await home.database.write(lambda c: change_subscription(c, gone))
        second = await home.database.read(lambda c: next_portion(c, first.after, 3))
        last = await home.database.read(lambda c: next_portion(c, second.after, 3))
        assert [portion.receivers for portion in (first, second, last)] == [
            ("15557650000", "15557650001", "15557650002"),
            ("15557650004", "15557650005", "15557650006"),
            (),
        ]
        ends = [(each.after.seen, each.after.total, each.after.state.value) for each in (first, second, last)]
        assert ends == [(3, 7, "expanding"), (6, 7, "expanding"), (6, 6, "expanded")]
