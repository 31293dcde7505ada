"""Objects, subjects and phones: what a receiver is given for what its phone does not show."""

import re
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from tests.content import makers
from tests.fakes.origin import Page
from tests.story.house import SHORT_CODE, House, Plan, house, until
from tests.story.phones import arrived

from slidewire.store.links import links_of
from slidewire.store.messages import message_events

CARD, PLAN = makers.VCARD, makers.pdf()
LINK = r"http://127\.0\.0\.1:[0-9]+/m/[A-Za-z0-9]{11}"
NAMESPACE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"


def slides(home: House) -> str:
    """A slide with a vCard and a text, one with a PDF alone."""
    card = home.origin.page("/ann.vcf", Page(CARD, content_type="text/vcard"))
    plan = home.origin.page("/plan.pdf", Page(PLAN, content_type="application/pdf"))
    return (
        f"<SLIDE><TEXT>Call Ann</TEXT><VCARD><URL>{card}</URL></VCARD></SLIDE>"
        f"<SLIDE><PDF><URL>{plan}</URL></PDF></SLIDE>"
    )


async def shown(home: House, number: int = 0) -> list[tuple[str, str]]:
    """What the phone shows: type and text (or name) of each part behind the SMIL, slide by slide."""
    message = await arrived(home, number)
    found = []
    for slide in message["slides"]:
        for piece in slide["pieces"]:
            part = message["parts"][piece["part"]]
            found.append((part["type"], piece.get("text") or part["content_id"]))
    return found


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param(
            "attach",
            [("text/vcard", "slide1.vcf"), ("text/plain", "Call Ann"), ("application/pdf", "slide2.pdf")],
            id="attached",
        ),
        pytest.param("link", [("text/plain", f"Call Ann\n{LINK}"), ("text/plain", LINK)], id="a link instead"),
        pytest.param(
            "both",
            [
                ("text/vcard", "slide1.vcf"),
                ("text/plain", f"Call Ann\n{LINK}"),
                ("application/pdf", "slide2.pdf"),
                ("text/plain", LINK),
            ],
            id="both",
        ),
    ],
)
async def test_a_route_says_how_objects_are_sent(plan: Plan, objects: str, expected: list[tuple[str, str]]) -> None:
    plan.route = {"objects": objects}
    async with house(plan) as home:
        tracking = await home.send(slides(home))
        await home.until_told(tracking, "N101", "N102")
        found = await shown(home)
        assert [type_ for type_, _ in found] == [type_ for type_, _ in expected]
        assert all(re.fullmatch(pattern, text) for (_, text), (_, pattern) in zip(found, expected, strict=True))
        links = await home.database.read(lambda c: links_of(c, tracking))
        assert len(links) == (objects != "attach")
        if objects == "attach":
            return
        [address] = {found[0] for _, text in found for found in [re.search(LINK, text)] if found}
        async with home.http.get(address, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}) as page:
            assert page.status == 200
            assert "Call Ann" in await page.text()
        [link] = await home.database.read(lambda c: links_of(c, tracking))
        assert link.openings == 1
        assert link.expires_at == (await home.message(tracking)).link_expires_at


async def test_a_message_that_is_tried_again_keeps_its_link(plan: Plan) -> None:
    plan.route = {"objects": "link"}
    async with house(plan) as home:
        tracking = await home.send(slides(home), TO="15557650010")  # taken, but the connection is cut without an answer
        await home.until_told(tracking, "N101", "N102")
        assert len(await home.database.read(lambda c: links_of(c, tracking))) == 1


async def test_who_wants_no_link_is_sent_the_object(plan: Plan) -> None:
    plan.route = {"objects": "link"}
    async with house(plan) as home:
        tracking = await home.send(slides(home), DISABLEFALLBACKSMSLINK="yes")
        await home.until_told(tracking, "N101", "N102")
        assert await shown(home) == [
            ("text/vcard", "slide1.vcf"),
            ("text/plain", "Call Ann"),
            ("application/pdf", "slide2.pdf"),
        ]


@pytest.mark.parametrize(
    ("kinds", "subject", "text"),
    [
        pytest.param(["short-code"], "", "Grüße 😀\nHello", id="the sender's networks drop it"),
        pytest.param(["toll-free"], "Grüße 😀", "Hello", id="they do not"),
    ],
)
async def test_a_subject_that_would_be_dropped_is_read_in_the_text(
    plan: Plan, kinds: list[str], subject: str, text: str
) -> None:
    plan.route = {"fold_subject": kinds}
    async with house(plan) as home:
        tracking = await home.send(SUBJECT="Grüße 😀")
        await home.until_told(tracking, "N101", "N102")
        message = await arrived(home)
        assert (message["subject"], await shown(home)) == (subject, [("text/plain", text)])


def report(message: dict[str, Any], capabilities: str) -> str:
    """A report that the phone has the message, with what its network tells of it."""
    return (
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>'
        f'<TransactionID xmlns="{NAMESPACE}">r-1</TransactionID></env:Header><env:Body>'
        f'<DeliveryReportReq xmlns="{NAMESPACE}"><MM7Version>6.8.0</MM7Version>'
        f"<MessageID>{message['message_id']}</MessageID><Recipient><Number>{message['receiver']}</Number></Recipient>"
        f"<Sender><ShortCode>{SHORT_CODE}</ShortCode></Sender><Date>2026-03-04T05:06:07Z</Date>"
        f"<MMStatus>Retrieved</MMStatus>{capabilities}</DeliveryReportReq></env:Body></env:Envelope>"
    )


async def reported(home: House, number: int, capabilities: str) -> None:
    """Post a report for the message that came so many-th."""
    document = report(await arrived(home, number), capabilities)
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    async with home.http.post(f"{home.api}/mm7/mmsc-a", data=document.encode(), headers=headers) as answer:
        assert answer.status == 200


SILENT = "15557650005"  #: taken, and reported by nobody but us


async def test_a_phone_is_remembered_and_given_what_it_shows(plan: Plan) -> None:
    async with house(plan) as home:
        profile = "http://wap.samsungmobile.com/uaprof/SM-G900V.xml"
        first = await home.send(slides(home), TO=SILENT)
        await home.until_told(first, "N101")
        await reported(home, 0, f"<UACapabilities UAProf={quoteattr(profile)}/>")
        _, told = await home.until_told(first, "N101", "N102")
        assert told["HANDSET"] == profile

        second = await home.send(slides(home), TO=SILENT)
        await home.until_told(second, "N101")
        found = await shown(home, 1)
        assert found[:2] == [("text/vcard", "slide1.vcf"), ("text/plain", "Call Ann")], "it shows vCards"
        assert found[2][0] == "text/plain"
        assert re.fullmatch(LINK, found[2][1]), "it shows no PDF, and the slide has no text of its own"
        [event] = await home.database.read(lambda c: message_events(c, second))
        assert event["detail"].endswith("; pdf in slide 2 left out: its text stands for it")
        await reported(home, 1, "")
        _, told = await home.until_told(second, "N101", "N102")
        assert told["HANDSET"] == profile, "kept from before"


async def test_the_smaller_of_phone_and_operator_holds(plan: Plan) -> None:
    table = plan.folder / "phones.csv"
    table.write_text("profile,agent,name,bytes,width,height,shows,source\n,able*,Able,60000,320,240,,me\n")
    plan.settings = {"handsets": {"file": str(table)}}
    async with house(plan) as home:
        photo = home.origin.page("/photo.jpg", Page(makers.saved(makers.photo(1600, 1200), quality=95)))
        slide = f"<SLIDE><IMAGE><URL>{photo}</URL></IMAGE></SLIDE>"
        first = await home.send(slide, TO=SILENT)
        await home.until_told(first, "N101")
        await reported(home, 0, '<UACapabilities UserAgent="Able/1.0"/>')
        _, told = await home.until_told(first, "N101", "N102")
        assert told["HANDSET"] == "Able/1.0"
        second = await home.send(slide, TO=SILENT)
        await home.until_told(second, "N101")
        before, after = [(await arrived(home, number))["parts"][1]["size"] for number in (0, 1)]
        assert before > 300_000
        assert after < 60_000
        [event] = await home.database.read(lambda c: message_events(c, second))
        assert "-> 320 x 240 image/jpeg" in event["detail"]
        card = home.origin.page("/card.vcf", Page(makers.large_vcard(80_000), content_type="text/vcard"))
        third = await home.send(f"<SLIDE><VCARD><URL>{card}</URL></VCARD></SLIDE>", TO=SILENT)
        [failed] = await home.until_told(third, "E101")
        assert "limit 60000 bytes (handset Able)" in failed["STATUSDETAILS"]


async def test_a_report_for_nobodys_message_teaches_nothing(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO=SILENT)
        await home.until_told(tracking, "N101")
        message = await arrived(home)
        stray = message | {"message_id": "somebody-elses"}
        document = report(stray, '<UACapabilities UAProf="http://x/1.xml"/>')
        async with home.http.post(f"{home.api}/mm7/mmsc-a", data=document.encode()) as answer:
            assert answer.status in {200, 400}
        await reported(home, 0, "")

        async def delivered() -> bool:
            return "delivered" in await home.events(tracking)

        await until(delivered, 20, "the receipt")
        told = home.customer.received(tracking)
        assert all("HANDSET" not in each.fields for each in told)
