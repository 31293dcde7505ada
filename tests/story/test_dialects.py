"""A customer of each dialect, from the request to the postbacks: asked, answered and told in its own spelling."""

import json
import os
from xml.etree import ElementTree

import pytest
from standardwebhooks.webhooks import Webhook
from tests.story.house import KEY, House, Plan, house, until

from slidewire.domain.account import secret_place
from slidewire.domain.audit import By
from slidewire.domain.secret import write_signing_secret
from slidewire.runtime.offline import sealer
from slidewire.store.accounts import change_settings
from slidewire.store.sealed import Sealer
from slidewire.store.server_keys import ServerKeys

M1 = """<request><action>sendMMS</action><api-key>{key}</api-key><to>15557650020</to><from>24680</from>
<name>Tom & Jerry</name><fallback-sms-text>See:</fallback-sms-text><client-reference>r-1</client-reference>
<slide><message-text>a < b</message-text></slide></request>"""
J2 = {
    "action": "sendmms",
    "to": 15557650020,
    "from": "24680",
    "name": "story",
    "message-subject": "Hello",
    "client-reference": "r-1",
    "slide": [{"message-text": "Hello"}],
}


async def asked(home: House, path: str, body: str, key: str = "") -> str:
    headers = {"x-api-key": key} if key else {}
    async with home.http.post(home.api + path, data=body.encode(), headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def told(home: House, count: int = 2) -> list[tuple[str, bytes]]:
    """The content types and bodies of the first postbacks."""

    async def there() -> bool:
        return len(home.customer.posts) >= count

    await until(there, 20, f"{count} postbacks")
    return [(each.headers["content-type"], each.body) for each in home.customer.posts]


def tree(body: bytes) -> tuple[str, dict[str, str]]:
    root = ElementTree.fromstring(body)
    return root.tag, {child.tag: child.text or "" for child in root}


async def test_lower_case_xml(plan: Plan) -> None:
    async with house(plan) as home:
        root, answer = tree((await asked(home, "/ep/v1/", M1.format(key=KEY))).encode())
        assert (root, answer["status"], answer["to"]) == ("response", "Success", "15557650020")
        message = await home.message(answer["tracking-id"])
        assert (message.name, message.slides[0].text, str(message.mms_id)) == (
            "Tom & Jerry",
            "a < b",
            answer["mms-id"],
        )
        assert message.warnings == ("ill-formed XML was read with its stray signs as text",)
        (kind, sent), (_, delivered) = await told(home)
        assert kind == "text/xml; charset=utf-8"
        root, fields = tree(sent)
        assert (root, list(fields)) == (
            "postback",
            [
                *("origin", "code", "sent-as", "status", "mms-id", "from", "to"),
                *("tracking-id", "client-reference", "timestamp"),
            ],
        )
        assert (fields["tracking-id"], fields["status"]) == (answer["tracking-id"], "Message Sent")
        assert tree(delivered)[1]["code"] == "N102"


async def test_json(plan: Plan) -> None:
    async with house(plan) as home:
        answer = json.loads(await asked(home, "/ep/v2/", json.dumps(J2), KEY))
        assert list(answer) == ["status", "to", "mms-id", "tracking-id", "status-details"]
        assert json.loads(await asked(home, "/ep/v2/", json.dumps(J2 | {"api-key": KEY})))["error-code"] == "E104"
        (kind, sent), (_, delivered) = await told(home)
        assert kind == "application/json"
        fields = json.loads(sent)
        assert fields.pop("timestamp").endswith("Z")
        assert fields == {
            "origin": "MMS_MT",
            "code": "N101",
            "sent-as": "MMS",
            "status": "Sent",
            "mms-id": answer["mms-id"],
            "from": "24680",
            "to": "15557650020",
            "tracking-id": answer["tracking-id"],
            "client-reference": "r-1",
        }
        assert (json.loads(delivered)["code"], json.loads(delivered)["status"]) == ("N102", "Delivered")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_name_that_no_text_may_hold_breaks_nothing(plan: Plan) -> None:
    async with house(plan) as home:
        body = json.dumps(J2 | {"\ud800": 1, "slide": [{"message-text": "Hello", "x\udfff\0": 1}]})
        answer = json.loads(await asked(home, "/ep/v2/", body, KEY))
        assert answer["status"] == "Success", answer
        message = await home.message(answer["tracking-id"])
        names = ("x\ufffd\ufffd", "\ufffd")
        assert message.warnings == tuple(f"ignored, for it is not known: {name}" for name in names)


async def test_an_account_may_want_another_format_than_it_speaks(plan: Plan) -> None:
    plan.account = {"postback_format": "json"}
    plan.simulator = {"report_after": 0.05}
    async with house(plan) as home:
        await home.send(TO="15557650001")
        (kind, _), (_, expired) = await told(home)
        assert kind == "application/json"
        assert (json.loads(expired)["code"], json.loads(expired)["status"]) == ("N103", "Expired")


async def test_postbacks_are_signed_as_standard_webhooks_libraries_verify(plan: Plan) -> None:
    secret = os.urandom(32)
    async with house(plan) as home:
        sealed = sealer(home.settings).seal(secret, secret_place(home.account_id))
        await home.database.write(
            lambda c: change_settings(c, home.account_id, {"postback_secret": sealed}, By("nobody", 1, "audit-1"))
        )

        async def known() -> bool:
            await home.send()
            await told(home, len(home.customer.posts) + 1)
            return "webhook-signature" in home.customer.posts[-1].headers

        await until(known, 20, "a signed postback")
        verifier = Webhook(write_signing_secret(secret))
        for caught in home.customer.posts:
            if "webhook-signature" in caught.headers:
                verifier.verify(caught.body, caught.headers, json_parse=False)
        row = await home.database.read(lambda c: c.exec_driver_sql("SELECT settings FROM accounts").scalar())
        assert write_signing_secret(secret) not in str(row)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_goes_unsigned_when_the_secret_does_not_open(plan: Plan) -> None:
    sealed = sealer_of_another_house()
    plan.account = {"postback_secret": sealed}
    async with house(plan) as home:
        tracking = await home.send()

        async def tried() -> bool:
            return any(each["peer"] == "postback" for each in await home.exchanges(tracking))

        await until(tried, 20, "an attempt")
        (exchange,) = [each for each in await home.exchanges(tracking) if each["peer"] == "postback"]
        assert (exchange["request"], exchange["response"], exchange["failed"]) == (
            "sign SENT",
            "the secret was sealed under another server key: set it anew",
            True,
        )
        assert home.customer.posts == []


def sealer_of_another_house() -> str:
    return Sealer(ServerKeys.of(b"another server key"), os.urandom).seal(b"s" * 32, secret_place("acct-1"))


@pytest.mark.parametrize(("exchanges", "kept"), [("failures", False), ("all", True)])
async def test_what_went_well_is_kept_whole_where_all_exchanges_are_wanted(
    plan: Plan, exchanges: str, kept: bool
) -> None:
    plan.settings = {"exchanges": exchanges}
    async with house(plan) as home:
        tracking = await home.send()
        await home.until_told(tracking, "N101", "N102")

        async def written() -> bool:
            return len(await home.exchanges(tracking)) == 3

        await until(written, 20, "all exchanges")
        found = {(each["peer"], each["failed"], "SubmitRsp" in each["body"]) for each in await home.exchanges(tracking)}
        assert found == {("mmsc-a", False, kept), ("postback", False, False)}
