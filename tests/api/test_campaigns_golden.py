"""Campaigns and their phones in each dialect: bytes in, bytes out, typed from api.md 2.2, 3.5 and adr 0161."""

from dataclasses import replace

import pytest
from tests.api.door import J2, KEY, M1, NOW, PATH, Door

from slidewire.domain.campaigns import Consent
from slidewire.domain.joining import CampaignName, CheckedCampaign, CheckedConsent
from slidewire.domain.message import Dialect
from slidewire.domain.phone import Number
from slidewire.domain.subscribers import CheckedSubscriberSend

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = Number("16502426055", "US")


def w13(inside: str) -> str:
    return f"<REQUEST><API_KEY>{KEY}</API_KEY>{inside}</REQUEST>"


def m1(inside: str) -> str:
    return f"<request><api-key>{KEY}</api-key>{inside}</request>"


async def answered(door: Door, path: str, body: str) -> str:
    reply = await door.post(body, None, path, f"x-api-key: {KEY}\r\n" if path == J2 else "")
    assert reply.status == 200
    return reply.body


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            PATH,
            w13("<ACTION>createMMSCampaign</ACTION><CAMPAIGNNAME>Winter Sale</CAMPAIGNNAME><BRANDNAME>Gap</BRANDNAME>"),
            "<RESPONSE><STATUS>Success</STATUS><CAMPAIGNID>1116</CAMPAIGNID><CAMPAIGNNAME>Winter Sale</CAMPAIGNNAME>"
            "<BRANDNAME>Gap</BRANDNAME></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            m1(
                "<action>createMMSCampaign</action><campaign-name>Winter Sale</campaign-name>"
                "<brand-name>Gap</brand-name>"
            ),
            "<response><status>Success</status><campaign-id>1116</campaign-id>"
            "<campaign-name>Winter Sale</campaign-name><brand-name>Gap</brand-name></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"action":"createmmscampaign","campaign-name":"Winter Sale","brand-name":"Gap"}',
            '{"status":"Success","campaign-id":"1116","campaign-name":"Winter Sale","brand-name":"Gap"}',
            id="J2",
        ),
    ],
)
async def test_a_new_campaign(door: Door, path: str, body: str, answer: str) -> None:
    assert await answered(door, path, body) == answer
    assert door.campaigns == [CheckedCampaign("Winter Sale", "Gap", "")]


async def test_a_new_campaign_by_get_with_its_own_ref(door: Door) -> None:
    fields = {"action": "createmmscampaign", "api_key": KEY, "campaignname": "Winter Sale", "brandname": "Gap"}
    reply = await door.get(fields | {"campaignref": "w"})
    assert reply.body == (
        "<RESPONSE><STATUS>Success</STATUS><CAMPAIGNID>1116</CAMPAIGNID><CAMPAIGNNAME>Winter Sale</CAMPAIGNNAME>"
        "<BRANDNAME>Gap</BRANDNAME><CAMPAIGNREF>w</CAMPAIGNREF></RESPONSE>"
    )


LIST = (
    "<MMSCAMPAIGNS><CAMPAIGN><ID>1233</ID><NAME>Spring</NAME></CAMPAIGN>"
    "<CAMPAIGN><ID>1234</ID><NAME>Summer &amp; more</NAME></CAMPAIGN></MMSCAMPAIGNS>"
)


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            PATH,
            w13("<ACTION>getMmsCampaigns</ACTION>"),
            f"<RESPONSE><STATUS>Success</STATUS>{LIST}</RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            m1("<action>getmmscampaigns</action>"),
            "<response><status>Success</status><mms-campaigns><campaign><id>1233</id><name>Spring</name></campaign>"
            "<campaign><id>1234</id><name>Summer &amp; more</name></campaign></mms-campaigns></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"action":"getMmsCampaigns"}',
            '{"status":"Success","mms-campaigns":{"campaign":[{"id":"1233","name":"Spring"},'
            '{"id":"1234","name":"Summer & more"}]}}',
            id="J2",
        ),
        pytest.param(
            PATH,
            w13("<ACTION>getMmsCampaigns</ACTION><PAGENUMBER>2</PAGENUMBER><ITEMSPERPAGE>1</ITEMSPERPAGE>"),
            "<RESPONSE><STATUS>Success</STATUS><PAGENUMBER>2</PAGENUMBER><ITEMSPERPAGE>1</ITEMSPERPAGE>"
            "<TOTALRESULTS>2</TOTALRESULTS><MMSCAMPAIGNS><CAMPAIGN><ID>1234</ID><NAME>Summer &amp; more</NAME>"
            "</CAMPAIGN></MMSCAMPAIGNS></RESPONSE>",
            id="the second page",
        ),
        pytest.param(
            PATH,
            w13("<ACTION>getMmsCampaigns</ACTION><STARTDATE>2030-03-01</STARTDATE>"),
            "<RESPONSE><STATUS>Success</STATUS><STARTDATE>2030-03-01</STARTDATE><PAGENUMBER>1</PAGENUMBER>"
            "<ITEMSPERPAGE>100</ITEMSPERPAGE><TOTALRESULTS>1</TOTALRESULTS><MMSCAMPAIGNS><CAMPAIGN><ID>1234</ID>"
            "<NAME>Summer &amp; more</NAME></CAMPAIGN></MMSCAMPAIGNS></RESPONSE>",
            id="those made later",
        ),
        pytest.param(
            PATH,
            w13("<ACTION>getMmsCampaigns</ACTION><PAGENUMBER>9</PAGENUMBER>"),
            "<RESPONSE><STATUS>Success</STATUS><PAGENUMBER>9</PAGENUMBER><ITEMSPERPAGE>100</ITEMSPERPAGE>"
            "<TOTALRESULTS>2</TOTALRESULTS><MMSCAMPAIGNS></MMSCAMPAIGNS></RESPONSE>",
            id="a page behind the last",
        ),
    ],
)
async def test_the_campaigns(door: Door, path: str, body: str, answer: str) -> None:
    assert await answered(door, path, body) == answer


UPPER = w13(
    "<ACTION>subscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>+16502426055</MOBILE>"
    "<NOTIFY>no</NOTIFY><CTA>no</CTA>"
)
JOINED = CheckedConsent(PHONE, CampaignName("1233"), Consent.SUBSCRIBED)


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            PATH,
            UPPER,
            "<RESPONSE><STATUS>Success</STATUS><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>16502426055</MOBILE></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            m1("<action>Subscribe</action><campaign-id>1233</campaign-id><mobile>16502426055</mobile>"),
            "<response><status>Success</status><campaign-id>1233</campaign-id><mobile>16502426055</mobile></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"action":"subscribe","campaign-id":1233,"mobile":16502426055,"notify":false}',
            '{"status":"Success","campaign-id":"1233","mobile":"16502426055"}',
            id="J2",
        ),
    ],
)
async def test_a_phone_joins_and_leaves(door: Door, path: str, body: str, answer: str) -> None:
    assert await answered(door, path, body) == answer
    leaving = body.replace("<ACTION>s", "<ACTION>uns").replace(">S", ">uns").replace('"subscribe', '"unsubscribe')
    assert await answered(door, path, leaving) == answer
    assert door.moved == [JOINED, CheckedConsent(PHONE, CampaignName("1233"), Consent.REMOVED)]


async def test_the_later_form_names_refs(door: Door) -> None:
    body = w13(
        "<ACTION>subscribe</ACTION><CAMPAIGNREF>spring-list</CAMPAIGNREF><SUBSCRIBERREF>ACCT-1</SUBSCRIBERREF>"
        "<MOBILE>16502426055</MOBILE><CTA>yes</CTA><NOTIFY>1</NOTIFY>"
    )
    assert await answered(door, PATH, body) == (
        "<RESPONSE><STATUS>Success</STATUS><CAMPAIGNREF>spring-list</CAMPAIGNREF><SUBSCRIBERREF>ACCT-1</SUBSCRIBERREF>"
        "<MOBILE>16502426055</MOBILE></RESPONSE>"
    )
    assert door.moved == [CheckedConsent(PHONE, CampaignName("", "spring-list"), Consent.PENDING, "ACCT-1", True)]


async def test_what_is_not_kept_of_a_phone_is_told(door: Door) -> None:
    fields = {"action": "subscribe", "api_key": KEY, "campaignid": "1233", "mobile": "16502426055"}
    reply = await door.get(fields | {"data_first_name": "John", "timezone": "EST", "notify": "no"})
    assert reply.headers["x-slidewire-warning"] == (
        "ignored, for it is not known: timezone; ignored, for it is not known: DATA"
    )


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        pytest.param(
            PATH,
            w13("<ACTION>subscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>16502426055</MOBILE><SPID>7</SPID>"),
            "the operator is ignored: the phone is sent nothing",
            id="nothing is sent",
        ),
        pytest.param(
            PATH,
            w13(
                "<ACTION>unsubscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>16502426055</MOBILE>"
                "<NOTIFY>yes</NOTIFY><SPID>7</SPID>"
            ),
            "the operator is ignored: it is not known",
            id="nobody knows it",
        ),
        pytest.param(
            M1,
            m1(
                "<action>createMMSCampaign</action><campaign-name>x</campaign-name><brand-name>y</brand-name><spid>7</spid>"
            ),
            "ignored, for it is not known: spid",
            id="a call that has no operator",
        ),
    ],
)
async def test_an_operator_that_is_not_used_is_told(door: Door, path: str, body: str, told: str) -> None:
    reply = await door.post(body, None, path)
    assert ("Success" in reply.body, reply.headers["x-slidewire-warning"]) == (True, told)
    assert [wish.spid for wish in door.moved] in ([], [""])


def refusal(code: str, words: str) -> str:
    return f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><ERRORINFO>{words}</ERRORINFO></RESPONSE>"


@pytest.mark.parametrize(
    ("inside", "code", "words"),
    [
        pytest.param("<ACTION>createMMSCampaign</ACTION>", "E170", "campaignname is required", id="no name"),
        pytest.param(
            "<ACTION>createMMSCampaign</ACTION><CAMPAIGNNAME>x</CAMPAIGNNAME><BRANDNAME> </BRANDNAME>",
            "E171",
            "brandname is required",
            id="a blank brand",
        ),
        pytest.param(
            "<ACTION>createMMSCampaign</ACTION><CAMPAIGNNAME>x</CAMPAIGNNAME><BRANDNAME>x</BRANDNAME>"
            "<CAMPAIGNREF>spring-list</CAMPAIGNREF>",
            "E172",
            "Campaign was not created. (there is a campaign spring-list already)",
            id="a ref that there is",
        ),
        pytest.param(
            "<ACTION>subscribe</ACTION><CAMPAIGNID>1</CAMPAIGNID>", "E901", "The 'mobile' is required.", id="no phone"
        ),
        pytest.param(
            "<ACTION>unsubscribe</ACTION><MOBILE>x</MOBILE>", "E902", "The 'campaignid' is required.", id="no campaign"
        ),
        pytest.param(
            "<ACTION>subscribe</ACTION><CAMPAIGNID>9</CAMPAIGNID><MOBILE>16502426055</MOBILE>",
            "E903",
            "Invalid CAMPAIGNID",
            id="another campaign",
        ),
        pytest.param(
            "<ACTION>subscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>0016502426055</MOBILE>",
            "E904",
            "Could not subscribe this number. (international form begins with the calling code, not with 00)",
            id="no number",
        ),
        pytest.param(
            "<ACTION>unsubscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID><MOBILE>0016502426055</MOBILE>",
            "E905",
            "Could not unsubscribe this number. (international form begins with the calling code, not with 00)",
            id="no number to leave",
        ),
    ],
)
async def test_refusals_are_whole(door: Door, inside: str, code: str, words: str) -> None:
    assert await answered(door, PATH, w13(inside)) == refusal(code, words)


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        pytest.param("<MOBILE><B/></MOBILE>", "E100", id="an element in the number"),
        pytest.param("<MOBILE>16502426055</MOBILE><NOTIFY>maybe</NOTIFY>", "E100", id="neither yes nor no"),
        pytest.param(f"<MOBILE>16502426055</MOBILE><SUBSCRIBERREF>{'x' * 65}</SUBSCRIBERREF>", "E100", id="a long ref"),
    ],
)
async def test_fields_at_fault_are_named(door: Door, inside: str, code: str) -> None:
    body = w13(f"<ACTION>subscribe</ACTION><CAMPAIGNID>1233</CAMPAIGNID>{inside}")
    assert f"<ERRORCODE>{code}</ERRORCODE>" in await answered(door, PATH, body)
    assert door.moved == []


async def test_no_campaigns(door: Door) -> None:
    body = w13("<ACTION>getMmsCampaigns</ACTION>").replace(KEY, "services")
    assert await answered(door, PATH, body) == refusal("E405", "No MMS Campaigns were created in this account")


TO_GROUP = CheckedSubscriberSend(Dialect.W13, "ACCT-1", "spring-list", 910002, "", "order-778", NOW)
MMS_DETAILS = "MMS request accepted and queued for delivery"
ABROAD = "Invalid Sender to United Kingdom."


@pytest.mark.parametrize(
    ("path", "dialect", "body", "answer"),
    [
        pytest.param(
            PATH,
            Dialect.W13,
            w13(
                "<ACTION>sendMessageBySubscriberRef</ACTION><MMSID>910002</MMSID><SUBSCRIBERREF>ACCT-1</SUBSCRIBERREF>"
                "<CAMPAIGNREF>spring-list</CAMPAIGNREF><CLIENT_REFERENCE>order-778</CLIENT_REFERENCE>"
            ),
            "<RESPONSE><STATUS>Success</STATUS><SUBSCRIBERREF>ACCT-1</SUBSCRIBERREF>"
            "<CAMPAIGNREF>spring-list</CAMPAIGNREF><SUBSCRIBER><STATUS>Success</STATUS><TRACKINGID>t1</TRACKINGID>"
            f"<TO>15557650001</TO><FROM>24680</FROM><STATUSDETAILS>{MMS_DETAILS}</STATUSDETAILS></SUBSCRIBER>"
            "<SUBSCRIBER><STATUS>Failure</STATUS><ERRORCODE>E111</ERRORCODE><TO>447700900123</TO>"
            f"<ERRORINFO>{ABROAD}</ERRORINFO></SUBSCRIBER></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            Dialect.M1,
            m1(
                "<action>sendmessagebysubscriberref</action><mms-id>910002</mms-id>"
                "<subscriber-ref>ACCT-1</subscriber-ref><campaign-ref>spring-list</campaign-ref>"
                "<client-reference>order-778</client-reference>"
            ),
            "<response><status>Success</status><subscriber-ref>ACCT-1</subscriber-ref>"
            "<campaign-ref>spring-list</campaign-ref><subscriber><status>Success</status><tracking-id>t1</tracking-id>"
            f"<to>15557650001</to><from>24680</from><status-details>{MMS_DETAILS}</status-details></subscriber>"
            "<subscriber><status>Failure</status><error-code>E111</error-code><to>447700900123</to>"
            f"<error-info>{ABROAD}</error-info></subscriber></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            Dialect.J2,
            '{"action":"sendMessageBySubscriberRef","mms-id":910002,"subscriber-ref":"ACCT-1",'
            '"campaign-ref":"spring-list","client-reference":"order-778"}',
            '{"status":"Success","subscriber-ref":"ACCT-1","campaign-ref":"spring-list","subscriber":['
            '{"status":"Success","tracking-id":"t1","to":"15557650001","from":"24680",'
            f'"status-details":"{MMS_DETAILS}"}},{{"status":"Failure","error-code":"E111","to":"447700900123",'
            f'"error-info":"{ABROAD}"}}]}}',
            id="J2",
        ),
    ],
)
async def test_to_whom_the_account_calls_so(door: Door, path: str, dialect: Dialect, body: str, answer: str) -> None:
    assert await answered(door, path, body) == answer
    assert door.to_subscribers == [replace(TO_GROUP, dialect=dialect)]


async def test_a_text_to_them(door: Door) -> None:
    fields = {"action": "sendmessagebysubscriberref", "api_key": KEY, "text": " Hi ", "subscriberref": "nobody's"}
    reply = await door.get(fields | {"campaignref": "spring-list"})
    assert reply.body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E111</ERRORCODE><ERRORINFO>{ABROAD}</ERRORINFO>"
        "<SUBSCRIBERREF>nobody's</SUBSCRIBERREF><CAMPAIGNREF>spring-list</CAMPAIGNREF>"
        "<SUBSCRIBER><STATUS>Failure</STATUS><ERRORCODE>E111</ERRORCODE><TO>447700900123</TO>"
        f"<ERRORINFO>{ABROAD}</ERRORINFO></SUBSCRIBER><SUBSCRIBER><STATUS>Failure</STATUS><ERRORCODE>E114</ERRORCODE>"
        "<TO>1</TO><ERRORINFO>Phone number is blacklisted. API call rejected.</ERRORINFO></SUBSCRIBER></RESPONSE>"
    )
    wish = replace(TO_GROUP, subscriber_ref="nobody's", mms_id=0, text=" Hi ", client_reference="")
    assert door.to_subscribers == [wish]


@pytest.mark.parametrize(
    ("inside", "code", "words"),
    [
        pytest.param("<CAMPAIGNREF>s</CAMPAIGNREF><TEXT>x</TEXT>", "E100", "SUBSCRIBERREF is required", id="nobody"),
        pytest.param("<SUBSCRIBERREF>a</SUBSCRIBERREF><TEXT>x</TEXT>", "E718", "", id="no campaign"),
        pytest.param(
            "<SUBSCRIBERREF>a</SUBSCRIBERREF><CAMPAIGNREF>s</CAMPAIGNREF>",
            "E100",
            "MMSID or a text is required, and not both",
            id="nothing to send",
        ),
        pytest.param(
            "<SUBSCRIBERREF>a</SUBSCRIBERREF><CAMPAIGNREF>s</CAMPAIGNREF><TEXT>x</TEXT><MMSID>1</MMSID>",
            "E100",
            "MMSID or a text is required, and not both",
            id="both",
        ),
    ],
)
async def test_what_is_wrong_with_the_call_to_them(door: Door, inside: str, code: str, words: str) -> None:
    answer = await answered(door, PATH, w13(f"<ACTION>sendMessageBySubscriberRef</ACTION>{inside}"))
    assert answer.startswith(f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE>")
    assert words in answer
    assert door.to_subscribers == []


@pytest.mark.parametrize(
    ("path", "dialect", "body", "answer"),
    [
        pytest.param(
            PATH,
            Dialect.W13,
            w13("<ACTION>sendSavedMMSCampaign</ACTION><MMSID>910002</MMSID><TOCAMPAIGN>1233</TOCAMPAIGN>"),
            "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID><SCHEDULEDID>b1</SCHEDULEDID></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            PATH,
            Dialect.W13,
            w13("<ACTION>sendSavedMMSCampaign</ACTION><MMSID>910002</MMSID><CAMPAIGNID>1233</CAMPAIGNID>"),
            "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID><SCHEDULEDID>b1</SCHEDULEDID></RESPONSE>",
            id="W13, as a GET calls it",
        ),
        pytest.param(
            M1,
            Dialect.M1,
            m1("<action>sendsavedmmscampaign</action><mms-id>910002</mms-id><to-campaign>1233</to-campaign>"),
            "<response><status>Success</status><mms-id>910002</mms-id><scheduled-id>b1</scheduled-id></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            Dialect.J2,
            '{"action":"sendsavedmmscampaign","mms-id":"910002","to-campaign":1233}',
            '{"status":"Success","mms-id":"910002","scheduled-id":"b1"}',
            id="J2",
        ),
    ],
)
async def test_to_a_whole_campaign(door: Door, path: str, dialect: Dialect, body: str, answer: str) -> None:
    assert await answered(door, path, body) == answer
    assert door.to_subscribers == [CheckedSubscriberSend(dialect, "", "", 910002, "", "", NOW)]


async def test_to_a_whole_campaign_by_get(door: Door) -> None:
    fields = {"action": "sendsavedmmscampaign", "api_key": KEY, "campaignid": "1233", "mmsid": "910002"}
    assert (await door.get(fields)).body == (
        "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID><SCHEDULEDID>b1</SCHEDULEDID></RESPONSE>"
    )


@pytest.mark.parametrize(
    ("inside", "code", "words"),
    [
        pytest.param("<TOCAMPAIGN>1233</TOCAMPAIGN>", "E620", "The 'mmsid' is required.", id="no template"),
        pytest.param("<MMSID>1</MMSID>", "E624", "The 'tocampaign' is required.", id="no campaign"),
        pytest.param(
            "<MMSID>1</MMSID><TOCAMPAIGN>9</TOCAMPAIGN>", "E714", "Missing/Invalid CampaignID", id="another campaign"
        ),
    ],
)
async def test_what_is_wrong_with_the_call_to_a_campaign(door: Door, inside: str, code: str, words: str) -> None:
    answer = await answered(door, PATH, w13(f"<ACTION>sendSavedMMSCampaign</ACTION>{inside}"))
    assert answer == refusal(code, words)
