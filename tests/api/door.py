"""The front door on a real server on loopback, with accounts for every way to be refused, and a plain HTTP client."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from urllib.parse import urlencode

from slidewire.api.app import WireApp
from slidewire.api.dialects import ADDRESSES
from slidewire.api.doors import BatchDoors, CampaignDoors, Doors, TemplateDoors, TrackingDoors
from slidewire.api.entry import Entry
from slidewire.api.envelope import WireLimits
from slidewire.api.http_server import Bounds, bind, make_server
from slidewire.api.lockout import Lockout, LockoutTerms
from slidewire.api.switchboard import Switchboard
from slidewire.carriers.masks import shipped
from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.batches import Batch, BatchProgress, BatchTaken, CheckedBatch, RefusedReceiver
from slidewire.domain.campaigns import Campaign
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault
from slidewire.domain.gathering import AllFaults
from slidewire.domain.idempotency import Answering
from slidewire.domain.joining import CampaignName, CheckedCampaign, CheckedConsent
from slidewire.domain.limits import ActionRate, Limit, Standing
from slidewire.domain.message import Dialect, Message, Slide
from slidewire.domain.request import (
    Accepted,
    CheckedRequest,
    CheckedSavedSend,
    CheckedTemplate,
    Refused,
    Saved,
    SavedSent,
    TemplateQuery,
)
from slidewire.domain.status import Status
from slidewire.domain.subscribers import CheckedSubscriberSend
from slidewire.domain.template import Template, TemplatePage
from slidewire.domain.tracking import Listing, Named, Progress, ProgressPage
from slidewire.domain.validation import Measured, Validated
from slidewire.intake.idempotency import Keys
from slidewire.store.meters import Taken

#: 2030-03-01T12:00:00Z
NOW = 1_898_596_800_000
KEY = "k3yExample000000000000000000000001"
USER, PASSWORD = "acme-old", "a password of old"
PATH = "/API/wxml/1.3/"
M1, J2 = "/ep/v1/", "/ep/v2/"
FORM = "application/x-www-form-urlencoded"

HungUp = Callable[[], Awaitable[None]]
Accept = Callable[[CheckedRequest, Account, HungUp, Answering[Accepted] | None], Awaitable[Accepted]]


def an_account(**settings: object) -> Account:
    """An account that owns a short code, a long code and a British number."""
    senders = frozenset({"24680", "12025550100", "447700900123"})
    return Account("acct-1", "An account", replace(AccountSettings(), **settings), senders)  # type: ignore[arg-type]


#: key -> its account; KEY is the one with nothing special about it.
ACCOUNTS = {
    KEY: an_account(),
    "blocked": an_account(blocked=True),
    "no-rights": an_account(actions=()),
    "api-off": an_account(api_on=False),
    "blocked-and-off": an_account(blocked=True, actions=(), api_on=False),
    "elsewhere": an_account(addresses=(ip_network("192.0.2.0/24"),)),
    "elsewhere-and-less": an_account(addresses=(ip_network("192.0.2.0/24"),), actions=("savemms",)),
    "loopback": an_account(addresses=(ip_network("127.0.0.0/8"),)),
    "saves-only": an_account(actions=("savemms",)),
    "disabled": replace(an_account(), disabled=True),
    "operators": an_account(require_operator=True),
    "known-operators": an_account(unknown_operator="refuse"),
    "services": an_account(service_ids=("24680mms", "other")),
    "one-slide": an_account(max_slides=1),
    "unique": an_account(unique_client_reference=True),
    "too-soon": an_account(min_interval=5.0, throughput=(ActionRate("*", "1/s"),), quota=1),
    "too-fast": an_account(throughput=(ActionRate("sendmms", "1/s"),), quota=1),
    "too-many": an_account(quota=1),
    "too-many-elsewhere": an_account(quota=1, addresses=(ip_network("192.0.2.0/24"),)),
}


#: What the front door has saved.
TEMPLATE = Template(
    id="0195f1c0a0b07000800000000000000b",
    account_id="acct-1",
    mms_id=910002,
    dialect=Dialect.W13,
    created_at=NOW,
    name="spring",
    slides=(Slide("Hi {$firstname|friend}"),),
    subject="Hello",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Door:
    """A running server and what it accepted."""

    port: int = 0
    accepted: list[CheckedRequest] = field(default_factory=list)
    saved: list[CheckedTemplate] = field(default_factory=list)
    sent: list[CheckedSavedSend] = field(default_factory=list)
    batches: list[CheckedBatch] = field(default_factory=list)
    campaigns: list[CheckedCampaign] = field(default_factory=list)
    moved: list[CheckedConsent] = field(default_factory=list)
    to_subscribers: list[CheckedSubscriberSend] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  #: accounts whose requests were refused
    listings: list[Listing] = field(default_factory=list)  #: pages that were asked for
    asked: list[str] = field(default_factory=list)  #: keys that the account was looked for by

    async def send(self, raw: bytes) -> Reply:
        """One request as it stands on the wire, on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            return await read_reply(reader, head_only=raw.startswith(b"HEAD "))
        finally:
            writer.close()
            await writer.wait_closed()

    async def post(self, body: bytes | str, kind: str | None = FORM, path: str = PATH, headers: str = "") -> Reply:
        """A POST; ``kind`` None sends no Content-Type."""
        content = body.encode() if isinstance(body, str) else body
        told = f"Content-Type: {kind}\r\n" if kind is not None else ""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{told}{headers}Content-Length: {len(content)}\r\n\r\n"
        return await self.send(head.encode("latin-1") + content)

    async def get(self, fields: dict[str, str] | str, path: str = PATH) -> Reply:
        """A GET with ``fields`` as its query."""
        query = fields if isinstance(fields, str) else urlencode(fields)
        return await self.send(f"GET {path}?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))


async def read_reply(reader: asyncio.StreamReader, *, head_only: bool = False) -> Reply:
    """One answer with a Content-Length."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    status_line, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = 0 if head_only else int(headers["content-length"])
    body = await asyncio.wait_for(reader.readexactly(length), 10)
    return Reply(int(status_line.split()[1]), headers, body.decode())


@asynccontextmanager
async def serving(app: object, bounds: Bounds | None = None) -> AsyncIterator[int]:
    """``app`` on a free port of loopback."""
    listener = bind("127.0.0.1", 0)
    server = make_server(app, bounds, stop_grace=1)  # type: ignore[arg-type]  # any ASGI app
    task = asyncio.create_task(server.serve(sockets=[listener]))
    port = listener.getsockname()[1]
    try:
        yield port
    finally:
        server.should_exit = True
        await task


async def nothing_wrong() -> str:
    return ""


def template_doors(door: Door) -> TemplateDoors:
    """Templates of which there is one; whatever is asked for is done."""

    async def save(
        request: CheckedTemplate, account: Account, hung_up: HungUp, answering: Answering[Saved] | None
    ) -> Saved:
        door.saved.append(request)
        return Saved(TEMPLATE.mms_id, request.warnings)

    async def send(
        request: CheckedSavedSend, account: Account, answering: Answering[list[SavedSent | Refused]] | None
    ) -> list[SavedSent | Refused]:
        door.sent.append(request)
        return [
            to
            if isinstance(to, Refused)
            else SavedSent(Accepted(f"t{n}", request.mms_id, to.receiver, request.warnings), to.sender)
            for n, to in enumerate(request.to, start=1)
        ]

    async def ids(account: Account) -> list[int]:
        return [910002, 910003] if account is ACCOUNTS[KEY] else []

    async def page(account: Account, query: TemplateQuery) -> TemplatePage:
        return TemplatePage(7, (TEMPLATE,))

    async def delete(account: Account, mms_id: int, answering: Answering[int] | None) -> None:
        if mms_id != TEMPLATE.mms_id:
            raise Fault.CONTENT_UNKNOWN.error()

    return TemplateDoors(save, send, ids, page, delete)


def batch_doors(door: Door) -> BatchDoors:
    """Batches of which there is one; whatever is asked for is done."""
    batch = Batch("01998a3c5d2e7c41a3f0b9c2d4e6f801", "acct-1", NOW, 4, None, seen=3)

    async def take(
        checked: CheckedBatch, account: Account, hung_up: HungUp, answering: Answering[BatchTaken] | None
    ) -> BatchTaken:
        door.batches.append(checked)
        return BatchTaken(batch.id, len(checked.receivers), checked.request.warnings)

    async def progress(account: Account, batch_id: str, query: TemplateQuery) -> BatchProgress:
        if batch_id != batch.id:
            raise Fault.INVALID_REQUEST.about("batch_id", "names no batch of this account")
        refused = (RefusedReceiver("12", "E110", "Invalid receiver number."),)
        return BatchProgress(batch, 1, {Status.DELIVERED: 2}, refused)

    return BatchDoors(take, progress, 3)


#: What the front door has of campaigns, made a day apart.
CAMPAIGNS = [
    Campaign(1233, "acct-1", "spring-list", "Spring", "Brand", created_at=NOW - 86_400_000),
    Campaign(1234, "acct-1", "1234", "Summer & more", "Brand", created_at=NOW),
]


def campaign_doors(door: Door) -> CampaignDoors:
    """Campaigns of which there are two; whatever is asked for is done."""

    async def create(wish: CheckedCampaign, account: Account, answering: Answering[Campaign] | None) -> Campaign:
        door.campaigns.append(wish)
        if wish.ref == "spring-list":
            raise Fault.CAMPAIGN_NOT_MADE.error("there is a campaign spring-list already")
        return Campaign(1116, account.id, wish.ref or "1116", wish.name, wish.brand)

    async def every(account: Account) -> list[Campaign]:
        return CAMPAIGNS if account is ACCOUNTS[KEY] else []

    async def move(wish: CheckedConsent, account: Account, answering: Answering[Campaign] | None) -> Campaign:
        door.moved.append(wish)
        if wish.campaign.id not in {"", "1233"}:
            raise Fault.BAD_CAMPAIGN_ID.error()
        return CAMPAIGNS[0]

    async def send(
        wish: CheckedSubscriberSend, account: Account, answering: Answering[list[SavedSent | Refused]] | None = None
    ) -> list[SavedSent | Refused]:
        door.to_subscribers.append(wish)
        refused = Refused("447700900123", Fault.BAD_SENDER_FOR_COUNTRY.error(country="United Kingdom"))
        if wish.subscriber_ref == "nobody's":
            return [refused, Refused("1", Fault.RECEIVER_BLOCKED.error())]
        return [SavedSent(Accepted("t1", wish.mms_id, "15557650001", wish.warnings), "24680"), refused]

    async def send_all(
        asked: tuple[CheckedSubscriberSend, CampaignName],
        account: Account,
        answering: Answering[BatchTaken] | None = None,
    ) -> BatchTaken:
        door.to_subscribers.append(asked[0])
        if asked[1] != CampaignName("1233"):
            raise Fault.BAD_TO_CAMPAIGN.error()
        return BatchTaken("b1", 2, asked[0].warnings)

    return CampaignDoors(create, every, move, send, send_all)


#: What the front door has sent.
SENT = Message(
    id="0195f1c0a0b07000800000000000000a",
    account_id="acct-1",
    mms_id=910001,
    dialect=Dialect.W13,
    sender="24680",
    receiver="15557650001",
    country="US",
    accepted_at=NOW,
    expires_at=NOW + 3 * 86_400_000,
    link_expires_at=NOW + 365 * 86_400_000,
    name="spring",
    slides=(Slide("Good morning"),),
    client_reference="order-778",
    spid="31003",
    status=Status.DELIVERED,
)
SCHEDULED = replace(
    SENT,
    id="0195f1c0a0b07000800000000000000b",
    client_reference="order <779>",
    spid="",
    status=Status.SCHEDULED,
    send_at=NOW + 3_600_000,
)
AS_SMS = Progress(SENT, "", "SMS", 2, "the operator takes no MMS", NOW + 2_000, NOW + 7_999)
WAITING = Progress(SCHEDULED, "waits for its time", next_try_at=NOW + 3_600_000)


def tracking_doors(door: Door) -> TrackingDoors:
    """Two messages, of which one has left."""

    async def find(account: Account, named: Named) -> Progress:
        found = {"order-778": AS_SMS, SENT.id: AS_SMS, SCHEDULED.id: WAITING}
        told = found.get(named.tracking_id or named.client_reference)
        if told is None:
            raise Fault.MESSAGE_UNKNOWN.error()
        return told

    async def page(account: Account, listing: Listing) -> ProgressPage:
        door.listings.append(listing)
        return ProgressPage((WAITING, AS_SMS), "" if listing.cursor else SENT.id)

    async def cancel(account: Account, named: Named, answering: Answering[Message] | None) -> Message:
        message = (await find(account, named)).message
        if message is SENT:
            raise Fault.TOO_LATE.error("it is delivered")
        return message

    return TrackingDoors(find, page, cancel)


async def validate(
    request: CheckedRequest, account: Account, faults: AllFaults, hung_up: Callable[[], Awaitable[None]]
) -> Validated:
    """Nothing more is found than the fields say, and one picture that is not there."""
    if any(slide.media for slide in request.slides):
        faults.found.append(Fault.IMAGE_NOT_FETCHED.error("HTTP 404", slide=1))
    networks = (Measured("31002", "AT&T", 4_711), Measured("31005", "Plain", problem="the operator takes no MMS"))
    return Validated(request.receiver, tuple(faults.found), request.warnings, networks, 2)


@asynccontextmanager
async def open_door(
    accept: Accept | None = None,
    rules: Rules | None = None,
    limits: WireLimits | None = None,
    bounds: Bounds | None = None,
    keys: Keys | None = None,
) -> AsyncIterator[Door]:
    """The front door; everything that passes its checks is accepted unless ``accept`` says otherwise.

    Without ``keys`` no request may bring an Idempotency-Key.
    """
    door = Door()

    async def find(key: str) -> Account | None:
        door.asked.append(key)
        return ACCOUNTS.get(key)

    async def take(
        request: CheckedRequest, account: Account, hung_up: HungUp, answering: Answering[Accepted] | None
    ) -> Accepted:
        door.accepted.append(request)
        return Accepted("0195f1c0a0b07000800000000000000a", 910001, request.receiver, request.warnings, request.send_at)

    async def count(account_id: str, limits: Sequence[Limit], calls: int) -> Taken:
        """Refuses what the account's own limit is for."""
        limit = limits[0]
        return Taken(Standing(int(limit.most), 0, 7), limit, 1.5)

    async def find_user(user: str, password: str) -> Account | None:
        return ACCOUNTS[KEY] if (user, password) == (USER, PASSWORD) else None

    entry = Entry(find, Lockout(LockoutTerms(), time.monotonic), count, find_user, door.refused.append)

    async def same(account: Account) -> Account:
        return account

    async def remove_inbound(_account: Account, inbox_id: str, _answering: Answering[str] | None) -> bool | None:
        """MO-1 has files, MO-2 has none, and nothing else is there."""
        return {"MO-1": True, "MO-2": False}.get(inbox_id)

    doors = Doors(
        entry=entry,
        look_again=same,
        accept=accept or take,
        templates=template_doors(door),
        campaigns=campaign_doors(door),
        tracking=tracking_doors(door),
        batches=batch_doors(door),
        validate=validate,
        keys=keys,  # type: ignore[arg-type]  # nobody asks for any where there are none
        remove_inbound=remove_inbound,
        report_link=lambda account_id, period: f"http://x/{account_id}/{period.since}/{period.until}",
        now=lambda: NOW,
        new_id=lambda: "ref-1",
    )
    apps = {
        path: WireApp(dialect, doors, rules or Rules(masks=shipped()), limits)
        for dialect, at in ADDRESSES.items()
        for path in at.paths
    }
    async with serving(Switchboard(apps, {}, nothing_wrong), bounds) as port:  # type: ignore[arg-type]  # apps are apps
        door.port = port
        yield door


def send_mms(*more: str, key: str = KEY, **changes: str | None) -> str:
    """A valid sendMMS in XML; ``changes`` name elements in lower case (None leaves one out), ``more`` is put behind.

    ``slides`` is markup.
    """
    values: dict[str, str | None] = {
        "action": "sendMMS",
        "api_key": key,
        "to": "15557650001",
        "from": "24680",
        "subject": "Hello",
        "name": "internal name",
        "slides": "<SLIDE><TEXT>First slide text</TEXT></SLIDE>",
    }
    values.update({name.rstrip("_"): value for name, value in changes.items()})
    parts = [
        str(value) if name == "slides" else f"<{name.upper()}>{value}</{name.upper()}>"
        for name, value in values.items()
        if value is not None
    ]
    return f"<REQUEST>{''.join(parts)}{''.join(more)}</REQUEST>"


def success(receiver: str = "15557650001") -> str:
    """The published Success, typed from api.md 2.2 and settled 23."""
    return (
        f"<RESPONSE><STATUS>Success</STATUS><TO>{receiver}</TO><MMSID>910001</MMSID>"
        "<TRACKINGID>0195f1c0a0b07000800000000000000a</TRACKINGID>"
        "<STATUSDETAILS>MMS request accepted and queued for delivery</STATUSDETAILS></RESPONSE>"
    )


def failure(code: str, words: str, receiver: str | None = "15557650001") -> str:
    """The published Failure; ``receiver`` None for what is refused before settled 1 (h)."""
    to = "" if receiver is None else f"<TO>{receiver}</TO>"
    return (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE>{to}<ERRORINFO>{words}</ERRORINFO></RESPONSE>"
    )
