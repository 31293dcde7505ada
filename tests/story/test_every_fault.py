"""Every published code is provoked over HTTP in the whole house, or its row in the catalogue says why none can be."""

import re
from dataclasses import dataclass, field, replace

import pytest
from tests.fakes.origin import JPEG_START, Page
from tests.story.house import SHORT_CODE, House, Plan, house, request

from slidewire.domain.faults import Fault
from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TEXT = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"
BIG = b"x" * 3_000
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
#: What the origin serves: whether a kind is too big, its length says.
PAGES = {
    "/big": Page(BIG, content_type=""),
    "/broken.jpg": Page(JPEG_START + b"\x00" * 100),
    "/page.html": Page(b"<!DOCTYPE html><html></html>", content_type="text/html"),
    "/a.pdf": Page(PDF, content_type="application/pdf"),
}
#: key -> the settings of its account.
ACCOUNTS: dict[str, dict[str, str]] = {
    "blocked": {"blocked": "on"},
    "without-rights": {"actions": ""},
    "switched-off": {"api_on": "off"},
    "saves-only": {"actions": "savemms"},
    "elsewhere": {"addresses": "192.0.2.0/24"},
    "operators": {"require_operator": "on"},
    "services": {"service_ids": "a"},
}


@dataclass(frozen=True, slots=True)
class Provocation:
    """A request that is refused with ``code``."""

    code: str
    slides: str = TEXT
    fields: dict[str, str] = field(default_factory=dict)
    body: str | None = None  #: instead of a request of fields and slides


def by(code: str, slides: str = TEXT, **fields: str) -> Provocation:
    return Provocation(code, slides, fields)


def a_slide(name: str, path: str) -> str:
    return f"<SLIDE><{name}><URL>ORIGIN{path}</URL></{name}></SLIDE>"


def objects(*names: str) -> str:
    return f"<SLIDE>{''.join(f'<{name}><URL>ORIGIN/none</URL></{name}>' for name in names)}</SLIDE>"


PROVOCATIONS = (
    Provocation("E100", body=""),
    Provocation("E108", body="<REQUEST>"),
    by("E101", ACTION=""),
    by("E103", API_KEY="blocked"),
    by("E104", API_KEY="wrong"),
    by("E105", API_KEY="without-rights"),
    by("E107", API_KEY="saves-only"),
    by("E109", API_KEY="switched-off"),
    by("E112", API_KEY="elsewhere"),
    by("E110", TO="1"),
    by("E111", FROM="99999"),
    by("E115", FROM_MASK="x" * 51),
    by("E311", NAME=""),
    by("E622", SUBJECT=""),
    by("E650", API_KEY="operators", OPERATORID=""),
    by("E651", OPERATORID="nobody"),
    by("E627", API_KEY="services"),
    by("E617", MMSLINK_EXPIRATION_DATE="tomorrow"),
    by("E655", FORCE_SEND_AS_SMS="yes"),
    by("E312", slides=""),
    by("E225", slides=TEXT * 10),
    by("E313", slides="<SLIDE/>"),
    by("E223", slides=objects("VCARD", "PDF")),
    by("E224", slides=objects("VCARD", "IMAGE")),
    by("E226", slides=objects("AUDIO", "VIDEO")),
    by("E227", slides=objects("VIDEO", "IMAGE")),
    by("E230", slides="<SLIDE><TEXT>a</TEXT><DURATION>x</DURATION></SLIDE>"),
    by("E334", slides=f"<SLIDE><TEXT>{'a' * 5001}</TEXT></SLIDE>"),
    by("E619", OPERATORID=""),
    by("E628", OPERATORID="77777", DISABLEFALLBACKSMS="yes"),
    by("E229", slides=a_slide("IMAGE", "/a.pdf")),
    by("E629", slides=a_slide("IMAGE", "/page.html")),
    by("E341", slides=a_slide("IMAGE", "/broken.jpg")),
    by("E331", slides=a_slide("IMAGE", "/big")),
    by("E332", slides=a_slide("AUDIO", "/big")),
    by("E333", slides=a_slide("VIDEO", "/big")),
    by("E335", slides=a_slide("VCARD", "/big")),
    by("E336", slides=a_slide("ICAL", "/big")),
    by("E337", slides=a_slide("PDF", "/big")),
    by("E338", slides=a_slide("PASSBOOK", "/big")),
    by("E351", slides=a_slide("IMAGE", "/none")),
    by("E352", slides=a_slide("AUDIO", "/none")),
    by("E353", slides=a_slide("VIDEO", "/none")),
    by("E355", slides=a_slide("VCARD", "/none")),
    by("E356", slides=a_slide("ICAL", "/none")),
    by("E357", slides=a_slide("PDF", "/none")),
    by("E358", slides=a_slide("PASSBOOK", "/none")),
)
LIMITS = dict.fromkeys(("image", "gif", "audio", "video", "object"), 2_000)
OPERATORS = [{"id": "31003", "mms": True}, {"id": "77777", "mms": False}]


async def code_of(home: House, provocation: Provocation) -> str:
    """The code that ``provocation`` is answered with; the whole answer where there is none."""
    body = provocation.body
    if body is None:
        known = {"OPERATORID": "31003"} | provocation.fields
        body = request(provocation.slides, **known).replace("ORIGIN", home.origin.url("/").rstrip("/"))
    answer = await home.post(body)
    found = re.match("<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>([^<]+)</ERRORCODE>", answer)
    return found[1] if found else answer


async def test_every_code_is_provoked_by_its_request(plan: Plan) -> None:
    settings = {"limits": LIMITS, "operators": OPERATORS}
    async with house(replace(plan, settings=settings, route={"operators": ["31003"]})) as home:
        for path, page in PAGES.items():
            home.origin.page(path, page)
        for key, words in ACCOUNTS.items():
            known = digest(home.settings, key)
            new = NewAccount(key, key, words, [SHORT_CODE], known, weak_key=True, now=0)
            await home.database.write(lambda connection, new=new: add_account(connection, new))
        answered = [await code_of(home, provocation) for provocation in PROVOCATIONS]
    assert answered == [provocation.code for provocation in PROVOCATIONS]


async def test_a_full_house_is_an_internal_error(plan: Plan) -> None:
    async with house(replace(plan, settings={"free_space": "9000000GB"})) as home:
        assert await code_of(home, by("E503", OPERATORID="")) == "E503"


def test_no_code_is_left_over(database_url: str) -> None:
    provoked = {provocation.code for provocation in PROVOCATIONS} | {"E503"}
    assert provoked == {fault.code for fault in Fault if not fault.unreachable}
