"""The whole gateway with a simulated carrier, a media origin and a customer, for stories.

A story sends a message, waits for a condition (never a time), and ends by comparing the list of events.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from tests.fakes.catcher import Catcher
from tests.fakes.origin import Origin

from slidewire.demo.loopback import free_port
from slidewire.domain.message import Message
from slidewire.runtime.gateway import Gateway
from slidewire.runtime.offline import digest
from slidewire.settings import Settings
from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.database import Database, open_database
from slidewire.store.messages import find_message, message_events, message_exchanges, message_tasks
from slidewire.store.migrate import migrate

KEY = "k3yForStories0000000000000000001"
SHORT_CODE = "24680"


@dataclass
class Plan:
    """What a story sets; everything else is as a newcomer has it."""

    database: str
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)  #: sections merged over the defaults below
    route: dict[str, Any] = field(default_factory=dict)
    simulator: dict[str, Any] = field(default_factory=dict)
    account: dict[str, str] = field(default_factory=dict)
    senders: tuple[str, ...] = ()  #: besides SHORT_CODE
    routes: tuple[dict[str, Any], ...] = ()  #: besides the simulator's
    sms: dict[str, Any] | None = None  #: an SMS route to the simulator, with what is special about it


@dataclass
class House:
    """A running gateway and everyone around it."""

    api: str
    admin: str
    simulator: Simulator
    origin: Origin
    customer: Catcher
    database: Database
    http: aiohttp.ClientSession
    gateway: Gateway
    settings: Settings
    account_id: str = "acct-1"

    async def post(self, body: str | bytes, **headers: str) -> str:
        """Post to the W13 endpoint; the answer's text."""
        async with self.http.post(f"{self.api}/API/wxml/1.3/", data=body, headers=headers) as answer:
            assert answer.status == 200
            return await answer.text()

    async def send(self, slides: str = "<SLIDE><TEXT>Hello</TEXT></SLIDE>", **fields: str) -> str:
        """Send a message that must be accepted; its tracking id."""
        answer = await self.post(request(slides, **fields))
        found = re.search("<TRACKINGID>([^<]+)</TRACKINGID>", answer)
        assert found, answer
        return found[1]

    async def message(self, tracking_id: str) -> Message:
        found = await self.database.read(lambda c: find_message(c, tracking_id))
        assert found is not None
        return found

    async def events(self, tracking_id: str) -> list[str]:
        """The names of a message's events, oldest first."""
        rows = await self.database.read(lambda c: message_events(c, tracking_id))
        return [row["event"] for row in rows]

    async def exchanges(self, tracking_id: str) -> list[dict[str, Any]]:
        return await self.database.read(lambda c: message_exchanges(c, tracking_id))

    async def tasks(self, tracking_id: str) -> list[dict[str, Any]]:
        return await self.database.read(lambda c: message_tasks(c, tracking_id))

    async def until_status(self, tracking_id: str, status: str, limit: float = 20) -> Message:
        async def there() -> bool:
            return (await self.message(tracking_id)).status.value == status

        await until(there, limit, f"status {status}")
        return await self.message(tracking_id)

    async def until_told(self, tracking_id: str, *codes: str, limit: float = 20) -> list[dict[str, str]]:
        """Wait until the customer has received as many postbacks; compare their codes; give their fields."""

        async def told() -> bool:
            return len(self.customer.received(tracking_id)) >= len(codes)

        await until(told, limit, f"postbacks {codes}")
        caught = self.customer.received(tracking_id)
        assert tuple(each.code for each in caught) == codes
        return [each.fields for each in caught]

    async def until_nothing_left(self, tracking_id: str, limit: float = 20) -> None:
        """Wait until no task of a message is left; the customer's last postback comes before its task's end."""

        async def nothing() -> bool:
            return await self.tasks(tracking_id) == []

        await until(nothing, limit, "no task left")

    async def until_stored(self, mms_id: str, *codes: str, limit: float = 30) -> list[dict[str, str]]:
        """Wait for the postbacks about a template; compare their codes; give their fields."""

        def about() -> list[dict[str, str]]:
            return [post.fields for post in self.customer.posts if post.fields.get("MMSID") == mms_id]

        async def there() -> bool:
            return len(about()) >= len(codes)

        await until(there, limit, f"postbacks {codes}")
        assert tuple(each["CODE"] for each in about()) == codes
        return about()


def request(slides: str = "<SLIDE><TEXT>Hello</TEXT></SLIDE>", **fields: str) -> str:
    """A W13 sendMMS request; a field of None's place is left out with an empty string."""
    known = {
        "ACTION": "sendMMS",
        "API_KEY": KEY,
        "TO": "15557650020",
        "FROM": SHORT_CODE,
        "NAME": "story",
        "SUBJECT": "A story",
    } | fields
    return "<REQUEST>" + "".join(f"<{k}>{v}</{k}>" for k, v in known.items() if v) + slides + "</REQUEST>"


async def until(condition: Callable[[], Awaitable[bool]], limit: float, what: str) -> None:
    """Wait for ``condition``, at most ``limit`` seconds."""
    ends = asyncio.get_running_loop().time() + limit
    while not await condition():
        assert asyncio.get_running_loop().time() < ends, f"waited {limit} s for {what}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def house(plan: Plan, *, provider: bool = False) -> AsyncIterator[House]:
    """A house built to ``plan``; ``provider``: its [lookup.http] asks the origin, ``/<number>``."""
    port, admin = free_port(), free_port()
    simulated = SimulatorSettings(
        mm7_port=0, smpp_port=0, http_port=0, report_url=f"http://127.0.0.1:{port}/mm7/mmsc-a"
    )
    simulator = Simulator(replace(simulated, **({"report_after": 0.05} | plan.simulator)))
    async with simulator, Origin() as origin, Catcher() as customer, aiohttp.ClientSession() as http:
        if provider:
            plan.settings["lookup"]["http"] |= {"url": origin.url("/{number}")}
        settings = _settings(plan, simulator, port, admin)
        database = open_database(plan.database)
        await migrate(database)
        await database.write(lambda c: add_account(c, _account(plan, settings, customer)))
        gateway = Gateway(settings)
        addresses = await gateway.start()
        try:
            yield House(addresses.api, addresses.admin, simulator, origin, customer, database, http, gateway, settings)
        finally:
            await gateway.stop()
            await database.close()


def _settings(plan: Plan, simulator: Simulator, port: int, admin: int) -> Settings:
    route = {
        "name": "mmsc-a",
        "kind": "mm7",
        "url": simulator.mm7_url,
        "uncertain_wait": "2s",
        "rate": "200/s",
    } | plan.route
    tree: dict[str, Any] = {
        "listen": f"127.0.0.1:{port}",
        "admin_listen": f"127.0.0.1:{admin}",
        "database": plan.database,
        "content": f"file:{plan.folder}/content",
        "free_space": "1MB",
        "fetch": {"allow_private": ["127.0.0.0/8"]},
        "postbacks": {"allow_private": ["127.0.0.0/8"], "published": [0.1, 0.1, 0.1, 0.1, 0.1]},
        "delivery": {"retry": [0.05, 0.1, 0.2]},
        "routes": [route, *plan.routes],
    }
    if plan.sms is not None:
        sms = {"name": "sms-a", "kind": "smpp", "host": "127.0.0.1", "port": simulator.smpp_port}
        tree["routes"].append(sms | {"system_id": "slidewire", "password": "secret", "uncertain_wait": "1s"} | plan.sms)
    for key, value in plan.settings.items():
        tree[key] = tree[key] | value if isinstance(tree.get(key), dict) else value
    return msgspec.convert(tree, Settings, strict=False)


def _account(plan: Plan, settings: Settings, customer: Catcher) -> NewAccount:
    return NewAccount(
        id="acct-1",
        name="story",
        settings={"postback_url": customer.url} | plan.account,
        senders=[SHORT_CODE, *plan.senders],
        key_digest=digest(settings, KEY),
        weak_key=False,
        now=0,
    )
