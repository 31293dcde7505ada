"""Messages saved once and sent often: what a later call, postback or message shows of each action."""

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.builders import an_id
from tests.content import clips
from tests.fakes.origin import Page
from tests.story.house import KEY, House, Plan, house, request, until

from slidewire.domain.audit import By
from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account, add_senders

SLIDE = "<SLIDE><TEXT>Hi {$firstname|friend}</TEXT></SLIDE>"


def call(action: str, *more: str, **fields: str) -> str:
    """A W13 call; a field that is empty is left out."""
    known = {"ACTION": action, "API_KEY": KEY} | fields
    return "<REQUEST>" + "".join(f"<{k}>{v}</{k}>" for k, v in known.items() if v) + "".join(more) + "</REQUEST>"


async def saved(home: House, *slides: str, **fields: str) -> str:
    """Save a message that must be taken; its MMSID."""
    answer = await home.post(call("saveMMS", *(slides or (SLIDE,)), **{"NAME": "tmpl", "SUBJECT": "Hello"} | fields))
    found = re.fullmatch("<RESPONSE><STATUS>Success</STATUS><MMSID>([0-9]+)</MMSID></RESPONSE>", answer)
    assert found, answer
    return found[1]


async def send(home: House, mms_id: str, *more: str, **fields: str) -> str:
    """The answer of a sendSavedMMS."""
    ours = {"MMSID": mms_id, "TO": "15557650020", "FROM": "24680"} | fields
    return await home.post(call("sendSavedMMS", *more, **ours))


def told(answer: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)</{name}>", answer)
    assert found, answer
    return found[1]


async def test_a_saved_message_is_told_ready_and_sent_with_its_values(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id = await saved(home, FALLBACKSMSTEXT="For {$FirstName}")
        assert await home.until_stored(mms_id, "N003") == [{"ORIGIN": "MMS_MT", "CODE": "N003", "MMSID": mms_id}]
        answer = await send(home, mms_id, "<DATA><FIRSTNAME>Ann &amp; Bob</FIRSTNAME></DATA>")
        tracking = told(answer, "TRACKINGID")
        assert answer == (
            f"<RESPONSE><STATUS>Success</STATUS><MMSID>{mms_id}</MMSID><TRACKINGID>{tracking}</TRACKINGID>"
            "<TO>15557650020</TO><FROM>24680</FROM>"
            "<STATUSDETAILS>MMS request accepted and queued for delivery</STATUSDETAILS></RESPONSE>"
        )
        sent, delivered = await home.until_told(tracking, "N101", "N102")
        assert sent["MMSID"] == delivered["MMSID"] == mms_id
        message = await home.message(tracking)
        assert [slide.text for slide in message.slides] == ["Hi Ann & Bob"]
        assert message.fallback_text == "For Ann & Bob"


def served(home: House, path: str, file: Path, kind: str) -> str:
    """A file at the media origin, as the element of a slide."""
    address = home.origin.page(path, Page(file.read_bytes(), content_type=""))
    return f"<{kind}><URL>{address}</URL></{kind}>"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of picture and sound in a container that sendMMS does not take."""
    folder = tmp_path_factory.mktemp("saved")
    return clips.film(folder / "film.mov")


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of WAV."""
    return clips.tone(tmp_path_factory.mktemp("saved") / "tone.wav", 3)


async def test_a_film_is_encoded_before_it_can_be_sent(plan: Plan, film: Path, sound: Path) -> None:
    async with house(plan) as home:
        first = f"<SLIDE>{served(home, '/film.mov', film, 'VIDEO')}<TEXT>Look</TEXT></SLIDE>"
        second = f"<SLIDE>{served(home, '/tone.wav', sound, 'AUDIO')}<DURATION>20</DURATION></SLIDE>"
        answer = await home.post(call("saveMMS", first, second, NAME="film", SUBJECT="Hello"))
        mms_id = told(answer, "MMSID")
        early = await send(home, mms_id)
        assert early == (
            "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E626</ERRORCODE><TO>15557650020</TO>"
            "<ERRORINFO>Encoding in progress.</ERRORINFO></RESPONSE>"
        )
        assert re.search(r"<MMSSTATUS>encoding \d+%</MMSSTATUS>", await home.post(call("getMMSTemplates")))
        await home.until_stored(mms_id, "N003")
        tracking = told(await send(home, mms_id), "TRACKINGID")
        await home.until_told(tracking, "N101", "N102")
        message = await home.message(tracking)
        parts = [(part.kind.value, part.content.type) for slide in message.slides for part in slide.parts]
        assert parts == [("video", "video/mp4"), ("audio", "audio/mpeg")]
        assert [slide.duration for slide in message.slides] == [2, 3]
        assert "<MMSSTATUS>ready</MMSSTATUS>" in await home.post(call("getMMSTemplates"))


async def test_a_sound_that_cannot_be_encoded_ends_the_template(plan: Plan, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\xff" * 40)
    async with house(plan) as home:
        slide = f"<SLIDE>{served(home, '/broken.wav', broken, 'AUDIO')}</SLIDE>"
        mms_id = await saved(home, slide)
        [posted] = await home.until_stored(mms_id, "E002")
        address = home.origin.url("/broken.wav")
        assert posted == {"ORIGIN": "MMS_MT", "CODE": "E002", "MMSID": mms_id, "AUDIONAME": address}
        refused = await send(home, mms_id)
        assert told(refused, "ERRORCODE") == "E241"
        assert "audio in slide 1 could not be encoded" in told(refused, "ERRORINFO")
        assert "<MMSSTATUS>failed: audio in slide 1" in await home.post(call("getMMSTemplates"))


async def test_a_film_without_a_picture_is_refused_at_once(plan: Plan, tmp_path: Path) -> None:
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"RIFF\x00\x10\x00\x00AVI LIST" + b"\x00" * 4_000)
    async with house(plan) as home:
        slide = f"<SLIDE>{served(home, '/broken.avi', broken, 'VIDEO')}</SLIDE>"
        answer = await home.post(call("saveMMS", "<SLIDE><TEXT>x</TEXT></SLIDE>", slide, NAME="t", SUBJECT="s"))
        assert told(answer, "ERRORCODE") == "E343"
        assert told(answer, "ERRORINFO").startswith("Video in slide 2: missing codecs. (")
        assert told(await home.post(call("getMmsIds")), "ERRORCODE") == "E200"


async def test_each_of_several_receivers_is_answered_for_by_itself(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id = await saved(home)
        numbers = [f"155576500{n}" for n in range(20, 70)]
        answer = await send(home, mms_id, TO=", ".join([*numbers, "0015557650020", numbers[0]]))
        root = ElementTree.fromstring(answer)
        assert [child.tag for child in root] == ["STATUS", "MMSID", *["SENDING"] * 51, "STATUSDETAILS"]
        blocks = [{each.tag: each.text or "" for each in block} for block in root.iter("SENDING")]
        refused = blocks.pop()
        assert (list(refused), refused["ERRORCODE"], refused["TO"]) == (
            ["ERRORCODE", "TO", "ERRORINFO"],
            "E110",
            "0015557650020",
        )
        assert [list(block) for block in blocks] == [["TRACKINGID", "TO", "FROM"]] * 50
        assert [block["TO"] for block in blocks] == numbers
        for block in blocks:
            await home.until_told(block["TRACKINGID"], "N101", "N102", limit=60)
        assert len({block["TRACKINGID"] for block in blocks}) == 50


async def test_the_sender_is_the_one_for_the_receivers_country_and_is_told(plan: Plan) -> None:
    plan.account = {"sender_countries": "24680=US, 60777=GB"}
    async with house(plan) as home:
        await home.database.write(lambda c: add_senders(c, home.account_id, ["60777"], By("us", 0, an_id())))
        mms_id = await saved(home)

        async def known() -> bool:
            return "<FROM>60777</FROM>" in await send(home, mms_id, TO="447700900123", FROM="60777")

        await until(known, 10, "the new sender")
        answer = await send(home, mms_id, TO="447700900123,15557650020,4930123456")
        blocks = [{each.tag: each.text for each in block} for block in ElementTree.fromstring(answer).iter("SENDING")]
        assert [(block["TO"], block.get("FROM"), block.get("ERRORINFO")) for block in blocks] == [
            ("447700900123", "60777", None),
            ("15557650020", "24680", None),
            ("4930123456", None, "Invalid Sender to Germany."),
        ]
        assert (await home.message(blocks[0]["TRACKINGID"] or "")).sender == "60777"
        plain = await home.post(request(TO="447700900123"))
        assert told(plain, "ERRORINFO") == "Invalid Sender to United Kingdom."


async def test_of_several_receivers_none_can_be_sent_to(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id = await saved(home)
        root = ElementTree.fromstring(await send(home, mms_id, TO="001,002"))
        assert [child.tag for child in root] == ["STATUS", "ERRORCODE", "ERRORINFO", "SENDING", "SENDING"]
        assert [root.findtext("STATUS"), root.findtext("ERRORCODE")] == ["Failure", "E110"]


async def test_a_deleted_template_is_gone_and_what_was_sent_of_it_arrives(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id, other = await saved(home), await saved(home)
        tracking = told(await send(home, mms_id), "TRACKINGID")
        answer = await home.post(call("deleteMMSID", MMSID=mms_id))
        assert answer == f"<RESPONSE><STATUS>Success</STATUS><MMSID>{mms_id}</MMSID></RESPONSE>"
        assert told(await home.post(call("deleteMMSID", MMSID=mms_id)), "ERRORCODE") == "E241"
        assert told(await send(home, mms_id), "ERRORCODE") == "E241"
        assert told(await home.post(call("getMmsIds")), "MMSIDS") == other
        await home.until_told(tracking, "N101", "N102")


async def test_templates_are_listed_page_by_page_the_newest_first(plan: Plan) -> None:
    async with house(plan) as home:
        ids = [await saved(home, NAME=f"n{number}") for number in range(3)]
        assert told(await home.post(call("getMmsIds")), "MMSIDS") == ",".join(ids)
        page = await home.post(call("getMMSTemplates", PAGENUMBER="2", ITEMSPERPAGE="2", STARTDATE="20200101"))
        created = told(page, "DATECREATED")
        assert page == (
            "<RESPONSE><STATUS>Success</STATUS><STARTDATE>20200101</STARTDATE><PAGENUMBER>2</PAGENUMBER>"
            "<ITEMSPERPAGE>2</ITEMSPERPAGE><TOTALRESULTS>3</TOTALRESULTS>"
            f"<MMSTEMPLATE><MMSID>{ids[0]}</MMSID><MMSNAME>n0</MMSNAME><MMSSUBJECT>Hello</MMSSUBJECT>"
            f"<DATECREATED>{created}</DATECREATED><TOTALSLIDES>1</TOTALSLIDES><MMSSIZE>22</MMSSIZE>"
            "<MMSSTATUS>ready</MMSSTATUS></MMSTEMPLATE></RESPONSE>"
        )
        assert created.endswith("+00:00")
        newest = re.findall("<MMSNAME>(n[0-9])</MMSNAME>", await home.post(call("getMMSTemplates")))
        assert newest == ["n2", "n1", "n0"]
        later = await home.post(call("getMMSTemplates", STARTDATE="2999-01-01"))
        assert told(later, "TOTALRESULTS") == "0"


@pytest.mark.parametrize(("reuse", "code"), [pytest.param("on", "", id="on"), pytest.param("off", "E241", id="off")])
async def test_what_was_sent_can_be_sent_again_where_the_account_wants_it(plan: Plan, reuse: str, code: str) -> None:
    plan.account = {"reuse_sent_mms": reuse}
    async with house(plan) as home:
        first = await home.send()
        sent = await home.message(first)
        answer = await send(home, str(sent.mms_id), "<CUSTOMTEXT><VALUE>Again</VALUE><SLIDE>1</SLIDE></CUSTOMTEXT>")
        if code:
            assert told(answer, "ERRORCODE") == code
            return
        tracking = told(answer, "TRACKINGID")
        again = await home.message(tracking)
        assert (again.mms_id, [slide.text for slide in again.slides]) == (sent.mms_id, ["Again"])
        await home.until_told(tracking, "N101", "N102")
        await home.post(call("deleteMMSID", MMSID=str(sent.mms_id)))
        assert told(await send(home, str(sent.mms_id)), "ERRORCODE") == "E241"


async def test_a_flat_request_sends_with_texts_and_values(plan: Plan) -> None:
    async with house(plan) as home:
        query = {
            "action": "sendsavedcontent",
            "api_key": KEY,
            "mmsid": await saved(home, SLIDE, SLIDE),
            "to": "15557650020",
            "from": "24680",
            "customsubject": "To {$firstname}",
            "customtext_2": "Bye {$FIRSTNAME}",
            "data_firstname": "Ann",
        }
        async with home.http.get(f"{home.api}/API/wxml/1.3/", params=query) as got:
            message = await home.message(told(await got.text(), "TRACKINGID"))
        assert ([slide.text for slide in message.slides], message.subject) == (["Hi Ann", "Bye Ann"], "To Ann")


async def test_a_template_belongs_to_its_account(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id = await saved(home)
        new = NewAccount("other", "other", {}, ["24680"], digest(home.settings, "k" * 20 + "other1234"), False, 0)
        await home.database.write(lambda c: add_account(c, new))
        theirs = {"API_KEY": "k" * 20 + "other1234"}
        assert told(await send(home, mms_id, **theirs), "ERRORCODE") == "E241"
        assert told(await home.post(call("deleteMMSID", MMSID=mms_id, **theirs)), "ERRORCODE") == "E241"
        assert told(await home.post(call("getMmsIds", **theirs)), "ERRORCODE") == "E200"
        assert told(await send(home, mms_id), "STATUS") == "Success"


def a_pass(**members: bytes) -> bytes:
    """A pass as phones take it; ``members`` are files with _ for the dot, and an empty one is left out."""
    files = {"pass.json": b'{"formatVersion":1}', "manifest.json": b"{}", "signature": b"x"}
    files |= {name.replace("_", "."): body for name, body in members.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in files.items():
            if body:
                archive.writestr(name, body)
    return packed.getvalue()


async def test_a_pass_is_saved_and_sent(plan: Plan) -> None:
    async with house(plan) as home:
        address = home.origin.page("/ticket.pkpass", Page(a_pass(), content_type="application/vnd.apple.pkpass"))
        slide = f"<SLIDE><PASSBOOK><URL>{address}</URL></PASSBOOK><TEXT>Your ticket</TEXT></SLIDE>"
        tracking = told(await send(home, await saved(home, slide)), "TRACKINGID")
        await home.until_told(tracking, "N101", "N102")
        [part] = (await home.message(tracking)).slides[0].parts
        assert (part.kind.value, part.content.type) == ("passbook", "application/vnd.apple.pkpass")
        assert told(await home.post(request(slide)), "ERRORCODE") == "E629"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(a_pass(manifest_json=b""), id="without its manifest"),
        pytest.param(a_pass(pass_json=b"[]"), id="a list"),
        pytest.param(a_pass(pass_json=b"{"), id="no JSON"),
        pytest.param(a_pass(pass_json=b"[" * 100_000), id="nested beyond measure"),
        pytest.param(a_pass()[:-30], id="cut off"),
        pytest.param(a_pass().replace(b"PK\x01\x02", b"PK\x01\x03"), id="a broken directory"),
    ],
)
async def test_a_damaged_pass_is_refused(plan: Plan, body: bytes) -> None:
    async with house(plan) as home:
        address = home.origin.page("/ticket", Page(body, content_type=""))
        slide = f"<SLIDE><PASSBOOK><URL>{address}</URL></PASSBOOK></SLIDE>"
        answer = await home.post(call("saveMMS", slide, NAME="n", SUBJECT="s"))
        assert told(answer, "ERRORCODE") == "E629"
