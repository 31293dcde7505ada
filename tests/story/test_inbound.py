"""A phone writes to our number: kept, told, heeded; what waits for it is not sent any more."""

import asyncio
import re
from pathlib import Path

from tests.cli.command import slidewire
from tests.fakes.catcher import Catcher
from tests.story.house import SHORT_CODE, House, Plan, house, request, until

from slidewire.domain.campaigns import Block, Campaign, Consent, Source
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import Subscription, add_blocks, change_subscription, read_blocks
from slidewire.store.inbound import list_inbound

PHONE = "15557650020"
#: The simulator asks to come back later.
BUSY = "15557650004"


async def say(home: House, text: str, phone: str = PHONE, number: str = SHORT_CODE) -> None:
    """As a phone does: through the handset's API, once the gateway is bound."""

    async def taken() -> bool:
        words = {"from": phone, "to": number, "text": text}
        async with home.http.post(f"{home.simulator.http_url}/api/sms", json=words) as answer:
            return answer.status == 204

    await until(taken, 10, "the SMSC to be answered")


async def told(catcher: Catcher, count: int) -> list[dict[str, str]]:
    """The fields of all postbacks about phones, without what differs from run to run."""

    def about_phones() -> list[dict[str, str]]:
        return [each.fields for each in catcher.received() if each.fields["ORIGIN"] in {"SMS_MO", "SUB"}]

    async def there() -> bool:
        return len(about_phones()) >= count

    await until(there, 10, f"{count} postbacks")
    varying = {"RECEIVED", "TIMESTAMP", "TRANSACTIONID"}
    found = [{name: text for name, text in fields.items() if name not in varying} for fields in about_phones()]
    return sorted(found, key=lambda fields: fields["CODE"])


async def code(home: House, **fields: str) -> str:
    answer = await home.post(request(**fields))
    found = re.search("<ERRORCODE>(.*?)</ERRORCODE>", answer)
    return found[1] if found else "Success"


async def joined(home: House) -> None:
    def write(connection):  # type: ignore[no-untyped-def]  # a connection
        add_campaign(connection, Campaign(0, home.account_id, "spring", "Spring", "Bloom"))
        row = Subscription(PHONE, home.account_id, "spring", Consent.SUBSCRIBED, Source.API, 1)
        return change_subscription(connection, row)

    assert await home.database.write(write)


async def test_a_text_is_kept_and_told_to_the_owner_of_the_number(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        await say(home, "Où êtes-vous ? <3")
        fields = {
            "ORIGIN": "SMS_MO",
            "CODE": "N211",
            "FROM": PHONE,
            "TO": SHORT_CODE,
            "TEXT": "Où êtes-vous ? &lt;3",
        }
        assert await told(home.customer, 1) == [fields]
        [kept] = await home.database.read(list_inbound)
        assert (kept.account_id, kept.message.text) == (home.account_id, "Où êtes-vous ? <3")
        assert home.customer.received()[0].fields["TRANSACTIONID"] == kept.id


async def test_stop_and_start_change_what_may_be_sent(plan: Plan) -> None:
    plan.sms = {}
    plan.account = {"enforce_campaign": "on"}
    async with house(plan) as home:
        await joined(home)
        met = [await code(home, CAMPAIGNREF="spring", TO=PHONE)]
        await say(home, " stop! ")
        met.append(await code(home, CAMPAIGNREF="spring", TO=PHONE))
        about = {
            "ORIGIN": "SUB",
            "MOBILE": PHONE,
            "CAMPAIGNID": "1001",
            "SHORTCODE": SHORT_CODE,
            "CAMPAIGNTITLE": "Spring",
            "BRANDNAME": "Bloom",
            "SOURCE": "MO",
        }
        told_of_stop = await told(home.customer, 2)
        assert told_of_stop[0]["TEXT"] == " stop! "
        assert told_of_stop[1] == {**about, "CODE": "N302"}
        await say(home, "Start")
        met.append(await code(home, CAMPAIGNREF="spring", TO=PHONE))
        assert met == ["Success", "E114", "Success"]
        assert [each["CODE"] for each in await told(home.customer, 4)] == ["N211", "N211", "N301", "N302"]
        home.customer.posts.clear()
        await say(home, "START")  # again: there is nothing left to change
        assert [each["CODE"] for each in await told(home.customer, 1)] == ["N211"]


async def test_a_block_by_hand_stays_when_the_phone_writes_start(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        by_hand = Block(PHONE, home.account_id, SHORT_CODE, Source.MANAGER, "by letter", 1)
        await home.database.write(lambda c: add_blocks(c, [by_hand]))
        await say(home, "STOP")
        await say(home, "START")
        assert await home.database.read(lambda c: read_blocks(c, receiver=PHONE)) == [by_hand]


async def test_stop_is_heeded_by_what_waits(plan: Plan) -> None:
    plan.sms = {}
    plan.settings = {"delivery": {"retry": [0.5]}}
    async with house(plan) as home:
        tracking_id = await home.send(TO=BUSY)

        async def tried() -> bool:
            return await home.events(tracking_id) != []

        await until(tried, 10, "the first try")
        await say(home, "STOP", phone=BUSY)
        [failed] = await home.until_told(tracking_id, "E101")
        assert failed["STATUSDETAILS"] == "the receiver was blocked before it could be sent"


async def test_news_go_to_their_own_address_where_there_is_one(plan: Plan) -> None:
    plan.sms = {}
    async with Catcher() as inbox:
        plan.account = {"inbound_postback_url": inbox.url}
        async with house(plan) as home:
            await say(home, "Hello")
            assert [each["CODE"] for each in await told(inbox, 1)] == ["N211"]
            assert home.customer.posts == []


async def test_a_message_to_a_number_that_is_nobodys_is_kept_and_answered(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        await say(home, "STOP", number="99999")
        [kept] = await home.database.read(list_inbound)
        assert (kept.account_id, kept.message.number) == ("", "99999")
        assert await home.database.read(read_blocks) == []


async def test_the_handset_takes_no_texts_from_a_page_of_others(plan: Plan) -> None:
    async with house(plan) as home:
        url = f"{home.simulator.http_url}/api/sms"
        met = []
        for how in ({"data": b"{}"}, {"json": []}, {"json": {"from": "x", "to": "1", "text": ""}}):
            async with home.http.post(url, **how) as answer:  # type: ignore[arg-type]  # one of several
                met.append(answer.status)
        words = {"from": PHONE, "to": SHORT_CODE, "text": "Hi"}
        async with home.http.post(url, json=words) as answer:  # nobody is bound
            met.append(answer.status)
        assert met == [415, 400, 400, 502]


async def test_the_command_line_tells_of_what_it_changes(plan: Plan, tmp_path: Path) -> None:
    async with house(plan) as home:
        await home.database.write(lambda c: add_campaign(c, Campaign(0, home.account_id, "spring", "Spring")))
        (tmp_path / "slidewire.toml").write_text(f'database = "{plan.database}"\n')
        for word in ("subscribe", "subscribe", "unsubscribe", "unsubscribe"):  # the second time nothing changes
            ran = await asyncio.to_thread(slidewire, tmp_path, word, "spring", PHONE)
            assert ran.code == 0, ran.err
        about = {
            "ORIGIN": "SUB",
            "MOBILE": PHONE,
            "CAMPAIGNID": "1001",
            "SHORTCODE": SHORT_CODE,
            "CAMPAIGNTITLE": "Spring",
            "SOURCE": "MANAGER",
        }
        assert await told(home.customer, 2) == [{**about, "CODE": "N301"}, {**about, "CODE": "N302"}]
