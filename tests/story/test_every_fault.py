"""Every published code that a request can provoke is provoked here, through HTTP, against the whole house."""

import re
from dataclasses import dataclass, field

import pytest
from tests.builders import a_message, a_task
from tests.fakes.origin import Page
from tests.story.house import KEY, House, Plan, house, request, until

from slidewire.domain.audit import By
from slidewire.domain.campaigns import Block, Campaign, Source
from slidewire.domain.faults import Fault
from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.domain.message import Dialect
from slidewire.domain.status import Status
from slidewire.domain.task import NEVER, TaskKind
from slidewire.domain.template import Template, TemplateState
from slidewire.domain.usage import Channel
from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account, set_disabled
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import add_blocks
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.inbound import keep_inbound
from slidewire.store.templates import NewTemplate, insert_templates


def key_of(name: str) -> str:
    return f"{name}-{'k3y' * 10}"


#: Accounts besides the ordinary one: name -> settings. The name, made longer, is the key.
ACCOUNTS = {
    "blocked": {"blocked": "on"},
    "norights": {"actions": ""},
    "off": {"api_on": "off"},
    "elsewhere": {"addresses": "192.0.2.0/24"},
    "service": {"service_ids": "24680mms"},
    "operator": {"require_operator": "on"},
    "strict": {"unknown_operator": "refuse"},
    "disabled": {},
    "campaigns": {"enforce_campaign": "on"},
    "interval": {"min_interval": "3600"},
    "rate": {"throughput": "sendMMS=1/h, *=5/s"},
    "quota": {"quota": "1"},
    "month": {"quota_month": "1"},
    "prepaid": {"prepaid": "1"},
}
CAMPAIGNS = key_of("campaigns")
ROUTE = {"operators": ["31003"]}
OPERATORS = [{"id": "31003", "name": "A"}, {"id": "31004", "name": "B"}, {"id": "31005", "name": "C", "mms": False}]
LIMITS = {"image": 2_000, "gif": 2_000, "audio": 2_000, "video": 2_000, "object": 2_000, "request": 100_000}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000100"
    "e221bc330000000049454e44ae426082"
)


def media(kind: str, path: str = "/missing") -> str:
    return f"<SLIDE><{kind}><URL>{{origin}}{path}</URL></{kind}></SLIDE>"


TEXT = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"


@dataclass(frozen=True)
class Row:
    """One request and the code that it is answered with."""

    code: str
    slides: str = TEXT
    fields: dict[str, str] = field(default_factory=dict)
    raw: str = ""  #: the whole body, when it is no ordinary request
    before: int = 0  #: so many calls like it are taken before


ROWS = [
    Row("E100", raw=" "),
    Row("E101", fields={"ACTION": ""}),
    Row("E103", fields={"API_KEY": key_of("blocked")}),
    Row("E104", fields={"API_KEY": "wrong"}),
    Row("E104", fields={"API_KEY": key_of("disabled")}),
    Row("E105", fields={"API_KEY": key_of("norights")}),
    Row("E106", fields={"API_KEY": key_of("interval")}, before=1),
    Row("E107", fields={"ACTION": "sendFax"}),
    Row("E108", raw="<REQUEST><ACTION>sendMMS</REQUEST>"),
    Row("E109", fields={"API_KEY": key_of("off")}),
    Row("E110", fields={"TO": "0012025550123"}),
    Row("E111", fields={"FROM": "99999"}),
    Row("E111", fields={"FROM_MASK": "MyBrand"}),
    Row("E112", fields={"API_KEY": key_of("elsewhere")}),
    Row("E114", fields={"TO": "12025550199"}),
    Row("E113", fields={"API_KEY": key_of("rate")}, before=1),
    Row("E115", fields={"FROM_MASK": "x" * 51}),
    Row("E120", fields={"API_KEY": key_of("quota")}, before=1),
    Row("E120", fields={"API_KEY": key_of("month")}, before=1),
    Row("E223", slides="<SLIDE><VCARD><URL>{origin}/a</URL></VCARD><PDF><URL>{origin}/b</URL></PDF></SLIDE>"),
    Row("E224", slides="<SLIDE><VCARD><URL>{origin}/a</URL></VCARD><IMAGE><URL>{origin}/b</URL></IMAGE></SLIDE>"),
    Row("E225", slides=TEXT * 10),
    Row("E226", slides="<SLIDE><AUDIO><URL>{origin}/a</URL></AUDIO><VIDEO><URL>{origin}/b</URL></VIDEO></SLIDE>"),
    Row("E227", slides="<SLIDE><VIDEO><URL>{origin}/a</URL></VIDEO><IMAGE><URL>{origin}/b</URL></IMAGE></SLIDE>"),
    Row("E229", slides=media("IMAGE", "/file.pdf")),
    Row("E230", slides="<SLIDE><TEXT>x</TEXT><DURATION>soon</DURATION></SLIDE>"),
    Row("E228", fields={"ACTION": "sendSMS", "TEXT": "x" * 460}),
    Row("E712", fields={"ACTION": "sendSMS"}),
    Row("E311", fields={"NAME": ""}),
    Row("E312", slides=""),
    Row("E313", slides=TEXT + "<SLIDE></SLIDE>"),
    Row("E331", slides=media("IMAGE", "/big")),
    Row("E332", slides=media("AUDIO", "/big")),
    Row("E333", slides=media("VIDEO", "/big")),
    Row("E334", slides=f"<SLIDE><TEXT>{'x' * 5001}</TEXT></SLIDE>"),
    Row("E335", slides=media("VCARD", "/big")),
    Row("E336", slides=media("ICAL", "/big")),
    Row("E337", slides=media("PDF", "/big")),
    Row("E341", slides=media("IMAGE", "/broken.png")),
    Row("E351", slides=media("IMAGE")),
    Row("E352", slides=media("AUDIO")),
    Row("E353", slides=media("VIDEO")),
    Row("E355", slides=media("VCARD")),
    Row("E356", slides=media("ICAL")),
    Row("E357", slides=media("PDF")),
    Row("E338", slides=media("PASSBOOK", "/big")),
    Row("E358", slides=media("PASSBOOK")),
    Row("E617", fields={"MMSLINK_EXPIRATION_DATE": "tomorrow"}),
    Row("E618", fields={"OPERATORID": ""}),
    Row("E619", fields={"OPERATORID": "31004"}),
    Row("E622", fields={"SUBJECT": ""}),
    Row("E627", fields={"API_KEY": key_of("service")}),
    Row("E628", fields={"OPERATORID": "31005", "DISABLEFALLBACKSMS": "yes"}),
    Row("E629", slides=media("IMAGE", "/page.html")),
    Row("E650", fields={"API_KEY": key_of("operator")}),
    Row("E651", fields={"API_KEY": key_of("strict"), "OPERATORID": "77777"}),
    Row("E655", fields={"FORCE_SEND_AS_SMS": "yes"}),
    Row("E713", fields={"API_KEY": key_of("prepaid")}, before=1),
    Row("E660", fields={"ACTION": "getMessage", "TRACKINGID": "0" * 32}),
    Row("E661", fields={"ACTION": "cancelMessage", "TRACKINGID": "f" * 32}),
    Row("E715", fields={"API_KEY": CAMPAIGNS, "CAMPAIGNREF": "spring"}),
    Row("E718", fields={"API_KEY": CAMPAIGNS}),
    Row("E721", fields={"API_KEY": CAMPAIGNS, "CAMPAIGNREF": "autumn"}),
    Row("E170", fields={"ACTION": "createMMSCampaign"}),
    Row("E171", fields={"ACTION": "createMMSCampaign", "CAMPAIGNNAME": "x"}),
    Row(
        "E172",
        fields={"ACTION": "createMMSCampaign", "CAMPAIGNNAME": "x", "BRANDNAME": "x", "CAMPAIGNREF": "spring"}
        | {"API_KEY": CAMPAIGNS},
    ),
    Row("E405", fields={"ACTION": "getMmsCampaigns"}),
    Row("E901", fields={"ACTION": "subscribe", "CAMPAIGNID": "1"}),
    Row("E902", fields={"ACTION": "subscribe", "MOBILE": "15557650020"}),
    Row("E903", fields={"ACTION": "subscribe", "MOBILE": "15557650020", "CAMPAIGNID": "7"}),
    Row("E904", fields={"ACTION": "subscribe", "MOBILE": "0", "CAMPAIGNID": "7"}),
    Row("E905", fields={"ACTION": "unsubscribe", "MOBILE": "0", "CAMPAIGNID": "7"}),
    Row("E200", fields={"ACTION": "getMmsIds", "API_KEY": key_of("service")}),
    Row("E212", fields={"ACTION": "getMMSTemplates", "PAGENUMBER": "0"}),
    Row("E213", fields={"ACTION": "getMMSTemplates", "ITEMSPERPAGE": "all"}),
    Row("E214", fields={"ACTION": "getMMSTemplates", "STARTDATE": "yesterday"}),
    Row("E241", fields={"ACTION": "sendSavedMMS", "MMSID": "7"}),
    Row("E343", slides=media("VIDEO", "/broken.avi"), fields={"ACTION": "saveMMS"}),
    Row("E506", fields={"ACTION": "getSendingStatus"}),
    Row("E507", fields={"ACTION": "getSendingStatus", "START_DATE": "x", "END_DATE": "2030-01-02"}),
    Row("E508", fields={"ACTION": "getSendingStatus", "START_DATE": "2030-01-01", "END_DATE": "x"}),
    Row("E509", fields={"ACTION": "getSendingStatus", "START_DATE": "2030-01-01", "END_DATE": "2031-01-01"}),
    Row("E620", fields={"ACTION": "deleteMMSID"}),
    Row("E621", fields={"ACTION": "sendSavedMMS", "MMSID": "7", "TO": ""}),
    Row("E623", fields={"ACTION": "sendSavedMMS", "MMSID": "7", "TO": "1," * 101}),
    Row("E624", fields={"ACTION": "sendSavedMMSCampaign", "MMSID": "7"}),
    Row("E714", fields={"ACTION": "sendSavedMMSCampaign", "MMSID": "7", "TOCAMPAIGN": "7"}),
    Row("E626", fields={"ACTION": "sendSavedMMS", "MMSID": "8"}),
    Row("E640", fields={"ACTION": "removeMMSInboxMessage"}),
    Row("E641", fields={"ACTION": "removeMMSInboxMessage", "MMSINBOXID": "mo-2"}),
    Row("E642", fields={"ACTION": "removeMMSInboxMessage", "MMSINBOXID": "mo-1"}),
]


async def test_every_reachable_code_is_provoked(plan: Plan) -> None:
    plan.route, plan.settings = ROUTE, {"operators": OPERATORS, "limits": LIMITS, "lookup": {}}
    async with house(plan) as home:
        await _prepare(home)
        answered = [(row.code, await _code(home, row)) for row in ROWS]
    assert answered == [(row.code, row.code) for row in ROWS]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_is_an_internal_error_that_passes(plan: Plan) -> None:
    plan.settings = {"free_space": "900000GB"}
    async with house(plan) as home:

        async def is_full() -> bool:
            async with home.http.get(f"{home.admin}/readyz") as answer:
                return answer.status == 503

        await until(is_full, 10, "the disk to be found full")
        async with home.http.post(f"{home.api}/API/wxml/1.3/", data=request()) as answer:
            text = await answer.text()
            assert answer.status == 200
            assert int(answer.headers["Retry-After"]) > 0
        assert "<ERRORCODE>E503</ERRORCODE>" in text


def test_the_rows_are_complete() -> None:
    reachable = {fault.code for fault in Fault if not fault.unreachable}
    assert {row.code for row in ROWS} | {"E503"} == reachable


async def _prepare(home: House) -> None:
    home.origin.page("/big", Page(body=b"x" * 5_000))
    home.origin.page("/file.pdf", Page(body=b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"))
    home.origin.page("/broken.png", Page(body=PNG[:50]))
    home.origin.page("/broken.avi", Page(body=b"RIFF\x00\x01\x00\x00AVI LIST" + b"\x00" * 1_000))
    encoding = Template("t", "acct-1", 8, Dialect.W13, 0, "t", (), state=TemplateState.ENCODING)
    await home.database.write(lambda c: insert_templates(c, [NewTemplate(encoding, None)]))
    emptied = Inbound("mmsc-a", "15557650001", "24680", "", 1, channel=Channel.MMS)
    await home.database.write(lambda c: keep_inbound(c, [KeptInbound("mo-1", "acct-1", Word.NONE, emptied)]))
    gone = a_message(id="f" * 32, status=Status.DELIVERED)
    await home.database.write(
        lambda c: insert_messages(
            c, [NewMessage(gone, a_task(gone, kind=TaskKind.NOTIFY, queue="notify:acct-1", due_at=NEVER))]
        )
    )
    home.origin.page("/page.html", Page(body=b"<!doctype html><html><body>Hi</body></html>", content_type="text/html"))
    for name, settings in ACCOUNTS.items():
        new = NewAccount(name, name, settings, ["24680"], digest(home.settings, key_of(name)), False, 0)
        await home.database.write(lambda c, new=new: add_account(c, new))  # type: ignore[misc]
    await home.database.write(lambda c: set_disabled(c, "disabled", By("a test", 0, "audit-1"), disabled=True))
    await home.database.write(lambda c: add_campaign(c, Campaign(0, "campaigns", "spring", "Spring")))
    await home.database.write(lambda c: add_blocks(c, [Block("12025550199", "", "", Source.MANAGER, "", 1)]))


async def _code(home: House, row: Row) -> str:
    fields = {"OPERATORID": "31003"} if row.code != "E650" else {}
    body = row.raw or request(row.slides.replace("{origin}", home.origin.url("").rstrip("/")), **fields | row.fields)
    for _ in range(row.before):
        assert "<STATUS>Success</STATUS>" in await home.post(body)
    answer = await home.post(body)
    found = re.search("<ERRORCODE>(E[0-9]+)</ERRORCODE>", answer)
    assert found, f"{row.code}: {answer}"
    assert KEY not in answer
    return found[1]
