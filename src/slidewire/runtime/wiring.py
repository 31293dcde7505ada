"""The dialects at their paths, what requests are judged by, and the reports that they ask for."""

import os
from collections.abc import Callable, Sequence
from functools import partial

from slidewire.api.app import WireApp
from slidewire.api.dialects import ADDRESSES
from slidewire.api.doors import Doors
from slidewire.api.envelope import WireLimits
from slidewire.api.report import ReadPage, ReadReport
from slidewire.api.statistics import Reports
from slidewire.api.switchboard import App
from slidewire.carriers.operators import Catalogue
from slidewire.domain.checks import Rules
from slidewire.domain.statistics import Period
from slidewire.intake.idempotency import Keys, KeyTools
from slidewire.runtime.budgets import masks_of
from slidewire.runtime.clock import now
from slidewire.runtime.configure import span
from slidewire.settings import Settings
from slidewire.store.database import Database
from slidewire.store.sealed import Sealer
from slidewire.store.server_keys import ServerKeys
from slidewire.store.statistics import Sending, read_batch, read_batches, read_sendings, read_subscriptions
from slidewire.work.means import Means


def rules_of(settings: Settings, operators: Catalogue) -> Rules:
    """What the checks must know of the settings. Raises SettingsError naming the key."""
    delivery = settings.delivery
    return Rules(
        operators=operators.words(),
        valid_numbers=settings.strict_numbers,
        max_text=settings.limits.text,
        masks=masks_of(settings),
        ahead_ms=round(span(delivery.schedule_ahead, "delivery.schedule_ahead") * 1000),
        group=settings.limits.group,
        messages_page=settings.limits.messages_page,
        statistics_ms=round(span(settings.limits.statistics_period, "limits.statistics_period") * 1000),
        longest_validity_ms=round(span(delivery.longest_validity, "delivery.longest_validity") * 1000),
    )


def wire_of(settings: Settings, rules: Rules, doors: Doors) -> dict[str, App]:
    """Each dialect at its paths."""
    limits = WireLimits(request=settings.limits.request, depth=settings.limits.depth)
    wire: dict[str, App] = {}
    for dialect, address in ADDRESSES.items():
        wire |= dict.fromkeys(address.paths, WireApp(dialect, doors, rules, limits))
    return wire


def reports_of(settings: Settings, keys: ServerKeys, database: Database) -> Reports:
    """What makes the links to reports, and answers them."""
    lasts = round(span(settings.limits.statistics_link, "limits.statistics_link") * 1000)
    base = settings.public_url.rstrip("/") or f"http://{settings.listen}"

    return Reports(Sealer(keys, os.urandom), lambda: base, now, lasts, partial(_report, database))


def _report(database: Database, account_id: str, period: Period) -> ReadReport:
    """Where a report is read from, each page by itself."""

    def pages(read: Callable[..., Sequence[Sending]], *of: object) -> ReadPage:
        async def page(after: str, limit: int) -> Sequence[Sending]:
            return await database.read(lambda c: read(c, *of, period, after=after, limit=limit))

        return page

    return ReadReport(
        batches=lambda: database.read(lambda c: read_batches(c, account_id, period)),
        of_batch=partial(pages, read_batch),
        subscriptions=pages(read_subscriptions, account_id),
        others=pages(read_sendings, account_id),
    )


def keys_of(settings: Settings, means: Means) -> Keys:
    """What requests that may come twice are held by."""
    keep_ms = round(span(settings.limits.idempotency, "limits.idempotency") * 1000)
    return Keys(KeyTools(means.commits, means.database, means.new_id, means.now, keep_ms))
