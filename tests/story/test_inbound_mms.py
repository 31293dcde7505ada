"""A phone sends an MMS to our number: on disk before its MMSC is thanked, told by N401, fetched by the customer."""

import re

import pytest
from tests.carriers.mm7 import deliveries as d
from tests.carriers.mm7.deliveries import CONTENT, HEAD, JPEG, Shape
from tests.fakes.catcher import Catcher
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, until
from tests.story.test_inbound import code

from slidewire.store.inbound import list_inbound

PHONE = "15557650020"
SENDER = f"<Sender><Number>+{PHONE}</Number></Sender>"
GROUP = (
    f"<Recipients><To><ShortCode>{SHORT_CODE}</ShortCode><Number displayOnly='true'>15557650002</Number></To>"
    "</Recipients><Subject>Q</Subject>"
)


def an_mms(words: str = "INFO please", transaction: str = "tx-1") -> Shape:
    text = d.part(words.encode(), "Content-Type: text/plain; charset=utf-8")
    return d.request(d.soap(HEAD + SENDER + GROUP + CONTENT, transaction=transaction), d.mms(d.IMAGE, text))


async def deliver(home: House, shape: Shape) -> str:
    """As an MMSC does; the StatusCode."""
    headers = {"Content-Type": shape.content_type}
    async with home.http.post(f"{home.api}/mm7/mmsc-a", data=shape.body, headers=headers) as answer:
        found = re.search("StatusCode>([0-9]+)<", await answer.text())
        assert found
        return found[1]


async def told(catcher: Catcher, count: int = 1) -> list[bytes]:
    async def there() -> bool:
        return len(catcher.posts) >= count

    await until(there, 10, f"{count} postbacks")
    return [each.body for each in catcher.posts]


FORMS = {
    "xml": (
        "<POSTBACK><ORIGIN>MMS_MO</ORIGIN><CODE>N401</CODE><FROM>15557650020</FROM><TO>24680</TO>"
        "<COPY_TO><NUMBER>15557650002</NUMBER></COPY_TO><KEYWORD>Q</KEYWORD><SUBJECT>Q</SUBJECT>"
        "<TRACKINGID>ID</TRACKINGID><TIMESTAMP>AT</TIMESTAMP><CONTENT><FILE>1.jpg</FILE><FILE>2.txt</FILE></CONTENT>"
        "</POSTBACK>"
    ),
    "xml-lower": (
        "<postback><origin>MMS_MO</origin><code>N401</code><from>15557650020</from><to>24680</to>"
        "<copy-to><number>15557650002</number></copy-to><keyword>Q</keyword><message-subject>Q</message-subject>"
        "<tracking-id>ID</tracking-id><timestamp>AT</timestamp><content><file>1.jpg</file><file>2.txt</file></content>"
        "</postback>"
    ),
    "json": (
        '{"origin":"MMS_MO","code":"N401","from":"15557650020","to":"24680","copy-to":[{"number":"15557650002"}],'
        '"keyword":"Q","message-subject":"Q","tracking-id":"ID","timestamp":"AT",'
        '"content":[{"file":"1.jpg"},{"file":"2.txt"}]}'
    ),
}


@pytest.mark.parametrize("form", FORMS)
async def test_an_mms_is_told_in_each_format_and_its_files_are_fetched(plan: Plan, form: str) -> None:
    async with Catcher() as inbox:
        plan.account = {"inbound_postback_url": inbox.url, "postback_format": form}
        async with house(plan) as home:
            assert [await deliver(home, an_mms()) for _ in range(3)] == ["1000"] * 3  # its MMSC did not hear us
            [body] = await told(inbox)
            [kept] = await home.database.read(list_inbound)
            text = re.sub(r"20\d\d-[0-9T:-]+(\+00:00|Z)", "AT", body.decode().split("?>\n")[-1]).replace(kept.id, "ID")
            addresses = re.findall(r"http://[^<\"]+/m/[^<\"]+", text)
            assert re.sub(r"http://[^<\"]+/", "", text) == FORMS[form]
            fetched = []
            for address in addresses:
                async with home.http.get(address) as answer:
                    headers = answer.headers
                    fetched.append((answer.status, headers["Content-Type"], await answer.read()))
                    assert headers["Content-Disposition"].startswith("attachment;")
                    assert "sandbox" in headers["Content-Security-Policy"]
            assert fetched == [(200, "image/jpeg", JPEG), (200, "text/plain; charset=utf-8", b"INFO please")]
            assert home.customer.posts == []
            page = addresses[0].rpartition("/")[0]
            for address, status in ((page, 404), (f"{page}/3.jpg", 404), (f"{page[:-1]}/1.jpg", 404)):
                async with home.http.get(address) as answer:
                    assert answer.status == status


async def test_stop_in_an_mms_is_heeded_by_the_next_request(plan: Plan) -> None:
    async with house(plan) as home:
        met = [await code(home, TO=PHONE)]
        await deliver(home, an_mms("Stop."))
        met.append(await code(home, TO=PHONE))
        await deliver(home, an_mms("START", "tx-2"))
        met.append(await code(home, TO=PHONE))
    assert met == ["Success", "E114", "Success"]


async def test_what_is_removed_by_the_api_is_fetched_no_more(plan: Plan) -> None:
    async with house(plan) as home:
        await deliver(home, an_mms())
        [body] = await told(home.customer)
        found = re.search("<FILE>([^<]+)</FILE>", body.decode())
        assert found
        [kept] = await home.database.read(list_inbound)
        request = (
            f"<REQUEST><ACTION>removeMMSInboxMessage</ACTION><API_KEY>{KEY}</API_KEY>"
            f"<MMSINBOXID>{kept.id}</MMSINBOXID></REQUEST>"
        )
        answers = [await home.post(request) for _ in range(2)]
        async with home.http.get(found[1]) as answer:
            assert answer.status == 410
        assert answers[0] == f"<RESPONSE><STATUS>Success</STATUS><MMSINBOXID>{kept.id}</MMSINBOXID></RESPONSE>"
        assert "E642" in answers[1]


async def test_media_end_with_their_setting_and_lie_under_the_host_of_pages(plan: Plan) -> None:
    plan.settings = {"inbound": {"keep": "0s"}, "pages_url": "http://m.example.net"}
    async with house(plan) as home:
        await deliver(home, an_mms())
        [body] = await told(home.customer)
        found = re.search("<FILE>http://m.example.net(/m/[^<]+)</FILE>", body.decode())
        assert found
        async with home.http.get(f"{home.api}{found[1]}", headers={"Host": "m.example.net"}) as answer:
            assert answer.status == 410
        async with home.http.get(f"{home.api}{found[1]}") as answer:
            assert answer.status == 404  # not under the API's own host
