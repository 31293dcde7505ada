"""What `admin_listen` answers: provisioning, its docs and health, for whoever runs this gateway (security 13)."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from slidewire.api.admin.app import AdminApp
from slidewire.api.admin.bearer import Doorkeeper
from slidewire.api.admin.desk import Desk
from slidewire.api.admin.operations import ROOT
from slidewire.api.lockout import Lockout
from slidewire.api.openapi.app import DocsApp
from slidewire.api.openapi.document import ROOT as DOCS
from slidewire.api.openapi.document import Places
from slidewire.api.switchboard import Switchboard
from slidewire.carriers.lookup import Lookup
from slidewire.provisioning.phones import LookupAnswer, list_operators, look_up, show_handset
from slidewire.provisioning.words import is_weak
from slidewire.runtime.budgets import handsets_of
from slidewire.runtime.configure import lockout_terms, operators_of
from slidewire.runtime.offline import strongbox
from slidewire.settings import Settings
from slidewire.work.means import Means

log = structlog.get_logger(__name__)


def admin_board(
    settings: Settings, means: Means, lookup: Lookup | None, wrong: Callable[[], Awaitable[str]]
) -> Switchboard:
    """Everything behind `admin_listen`. ``wrong``: what keeps this process from its work. Raises SettingsError."""
    if settings.admin_token and is_weak(settings.admin_token):
        log.warning("admin_token is short or poor: whoever guesses it runs this gateway")
    lockout = Lockout(replace(lockout_terms(settings), counts_us=True), time.monotonic)
    app = AdminApp(_desk(settings, means, lookup), Doorkeeper(settings.admin_token, lockout))
    docs = DocsApp(
        Places(settings.public_url.rstrip("/") or f"http://{settings.listen}", f"http://{settings.admin_listen}")
    )
    return Switchboard({ROOT: app, DOCS: docs}, {f"{ROOT}/": app, f"{DOCS}/": docs}, wrong)


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
