"""The whole stage in one process: media origin and postback catcher, simulator, gateway, each on loopback.

The gateway's settings are written to a file and read from there, so that every other command works on it too.
"""

import json
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from slidewire.demo.customer import PATH
from slidewire.demo.loopback import Loopback, free_port
from slidewire.domain.ids import IdMaker
from slidewire.runtime.clock import now
from slidewire.runtime.gateway import Gateway
from slidewire.runtime.offline import digest, open_store
from slidewire.settings import Settings, load
from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.database import Database

ROUTE = "simulator"
SMS_ROUTE = "simulator-sms"
PICTURE_PATH = "/lighthouse.jpg"
POSTBACK_PATH = "/postbacks"
CONSOLE_PATH = "/console/"
#: Bytes of a whole MM7 request that the simulated carrier takes.
MAX_BYTES = 600_000

_SETTINGS = """\
# The gateway of `slidewire {command}`, written when it started: any command takes it with --config.
listen = "127.0.0.1:{api}"
admin_listen = "127.0.0.1:{admin}"
admin_token = "{admin_token}"            # for the console and /admin/v1; another one at every start
public_url = "http://127.0.0.1:{api}"  # links in fallback SMS begin with it
database = {database}
content = {content}
free_space = "64MB"

[fetch]
allow_private = ["127.0.0.0/8"]          # the pictures are served on this machine

[postbacks]
allow_private = ["127.0.0.0/8"]          # so are the postbacks taken

[[routes]]
name = "{route}"
kind = "mm7"
url = "{mm7}"
username = "slidewire"
password = "{password}"
vasp_id = "slidewire"
vas_id = "demo"
max_bytes = {max_bytes}
report_username = "simulator"
report_password = "{report_password}"

[[routes]]                               # for messages that fall back to SMS
name = "{sms_route}"
kind = "smpp"
host = "127.0.0.1"
port = {smpp}
system_id = "slidewire"
password = "{sms_password}"
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everybody listens on 127.0.0.1; 0 takes a free port."""

    api: int = 0
    admin: int = 0
    mm7: int = 0
    handset: int = 0
    origin: int = 0
    smpp: int = 0


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Passwords of one run."""

    mm7: str = field(default_factory=partial(secrets.token_hex, 12))
    reports: str = field(default_factory=partial(secrets.token_hex, 12))
    admin: str = field(default_factory=partial(secrets.token_hex, 16))
    smpp: str = field(default_factory=partial(secrets.token_hex, 4))  #: SMPP carries 8 signs


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be set up: for which command, in which folder, on which ports."""

    command: str
    folder: Path
    ports: Ports = Ports()
    on_post: Callable[[bytes], None] | None = None


class Stage:
    """``async with Stage(plan) as stage``: everything runs, and ends in the opposite order."""

    settings: Settings
    database: Database
    origin: Loopback
    simulator: Simulator
    api_url: str  #: of the W13 dialect
    console_url: str

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stack = AsyncExitStack()
        self.settings_file = plan.folder / "slidewire.toml"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        """Who is called starts before who calls; only the gateway's port must be known before it listens."""
        plan, ports = self._plan, self._plan.ports
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.origin = await self._stack.enter_async_context(Loopback(ports.origin, plan.on_post))
        api, passwords = ports.api or free_port(), _Secrets()
        self.simulator = await self._stack.enter_async_context(Simulator(_simulator_settings(ports, api, passwords)))
        self.settings_file.write_text(self._settings_text(api, passwords), "utf-8")
        self.settings_file.chmod(0o600)
        self.settings = load(str(self.settings_file), {})
        gateway = Gateway(self.settings)
        addresses = await gateway.start()
        self._stack.push_async_callback(gateway.stop)
        self.api_url = addresses.api + PATH
        self.console_url = addresses.admin + CONSOLE_PATH
        self.database = await self._stack.enter_async_context(open_store(self.settings))

    def _settings_text(self, api: int, passwords: _Secrets) -> str:
        plan, folder = self._plan, self._plan.folder.absolute()
        return _SETTINGS.format(
            command=plan.command,
            api=api,
            admin=plan.ports.admin,
            admin_token=passwords.admin,
            database=json.dumps(f"sqlite:///{folder / 'slidewire.db'}", ensure_ascii=False),
            content=json.dumps(f"file:{folder / 'content'}", ensure_ascii=False),
            route=ROUTE,
            mm7=self.simulator.mm7_url,
            password=passwords.mm7,
            max_bytes=MAX_BYTES,
            report_password=passwords.reports,
            sms_route=SMS_ROUTE,
            smpp=self.simulator.smpp_port,
            sms_password=passwords.smpp,
        )

    async def add_account(self, name: str, key: str, sender: str) -> str:
        """Make an account that sends from ``sender`` and is told at our catcher; returns its id."""
        new = NewAccount(
            id=IdMaker(now)(),
            name=name,
            settings={"postback_url": self.origin.url + POSTBACK_PATH},
            senders=(sender,),
            key_digest=digest(self.settings, key),
            weak_key=False,
            now=now(),
        )
        await self.database.write(lambda connection: add_account(connection, new))
        return new.id


def _simulator_settings(ports: Ports, api: int, passwords: _Secrets) -> SimulatorSettings:
    return SimulatorSettings(
        mm7_port=ports.mm7,
        http_port=ports.handset,
        smpp_port=ports.smpp,
        smpp_system_id="slidewire",
        smpp_password=passwords.smpp,
        username="slidewire",
        password=passwords.mm7,
        vasp_id="slidewire",
        vas_id="demo",
        max_bytes=MAX_BYTES,
        report_url=f"http://127.0.0.1:{api}/mm7/{ROUTE}",
        report_username="simulator",
        report_password=passwords.reports,
    )
