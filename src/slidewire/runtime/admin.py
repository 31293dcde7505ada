"""What `admin_listen` answers: the console, provisioning with its docs, metrics and health (security 13)."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from slidewire.api.admin.app import AdminApp
from slidewire.api.admin.bearer import Doorkeeper
from slidewire.api.admin.desk import Desk
from slidewire.api.admin.metrics import ROOT as METRICS
from slidewire.api.admin.metrics import MetricsApp
from slidewire.api.admin.operations import ROOT
from slidewire.api.entry import Entry
from slidewire.api.lockout import Lockout
from slidewire.api.openapi.app import DocsApp
from slidewire.api.openapi.document import ROOT as DOCS
from slidewire.api.openapi.document import Places
from slidewire.api.signing_in import SigningIn
from slidewire.api.switchboard import App, ByHost, Switchboard
from slidewire.carriers.lookup import Lookup
from slidewire.console.desk import ROOT as CONSOLE
from slidewire.provisioning.phones import LookupAnswer, list_operators, look_up, show_handset
from slidewire.provisioning.words import is_weak
from slidewire.runtime.budgets import handsets_of
from slidewire.runtime.configure import lockout_terms, operators_of, own_host
from slidewire.runtime.console import Preview, console_app
from slidewire.runtime.offline import strongbox
from slidewire.settings import Settings
from slidewire.store.server_keys import ServerKeys
from slidewire.work.means import Means

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AdminTools:
    """What stands behind `admin_listen`."""

    means: Means
    lookup: Lookup | None
    entry: Entry
    keys: ServerKeys
    preview: Preview
    wrong: Callable[[], Awaitable[str]]  #: what keeps this process from its work
    metrics: MetricsApp


def admin_board(settings: Settings, tools: AdminTools) -> App:
    """Everything behind `admin_listen`. Raises SettingsError."""
    if settings.admin_token and is_weak(settings.admin_token):
        log.warning("admin_token is short or poor: whoever guesses it runs this gateway")
    lockout = Lockout(replace(lockout_terms(settings), counts_us=True), time.monotonic)
    doorkeeper = Doorkeeper(settings.admin_token, lockout)
    signing_in = SigningIn(replace(tools.entry, lockout=lockout), doorkeeper)
    console = console_app(settings, tools.means, signing_in, tools.keys, tools.preview)
    app = AdminApp(_desk(settings, tools.means, tools.lookup), doorkeeper)
    docs = DocsApp(
        Places(settings.public_url.rstrip("/") or f"http://{settings.listen}", f"http://{settings.admin_listen}")
    )
    whole: dict[str, App] = {ROOT: app, DOCS: docs, METRICS: tools.metrics}
    below: dict[str, App] = {f"{ROOT}/": app, f"{DOCS}/": docs}
    host = own_host(settings, "console_url")
    if settings.console_url and not host:
        log.warning("console_url names the API's own host: the console is better kept apart (docs: the console)")
    if not host:
        return Switchboard({**whole, CONSOLE.rstrip("/"): console}, {**below, CONSOLE: console}, tools.wrong)
    alone = Switchboard({"/": console, CONSOLE.rstrip("/"): console}, {CONSOLE: console}, tools.wrong)
    return ByHost({host: alone}, Switchboard(whole, below, tools.wrong))


def _desk(settings: Settings, means: Means, lookup: Lookup | None) -> Desk:
    operators, handsets = operators_of(settings), handsets_of(settings)

    async def ask(number: str) -> list[LookupAnswer]:
        return await look_up(lookup, number)

    return Desk(
        database=means.database,
        box=strongbox(settings),
        operators=lambda country: list_operators(operators, country),
        look_up=ask,
        handset=lambda connection, number: show_handset(connection, number, handsets, means.now()),
        now=means.now,
        new_id=means.new_id,
    )
