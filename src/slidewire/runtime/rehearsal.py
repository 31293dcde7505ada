"""Settings tried without opening anything: a start fails before it has touched a file, and ``check`` says the same."""

from slidewire.carriers.base import Route
from slidewire.carriers.choice import SMS
from slidewire.carriers.mm7.client import Mm7Carrier
from slidewire.carriers.mm7.doorkeeper import Doorkeeper
from slidewire.carriers.smpp.options import options_of
from slidewire.outbound.guard import Guard
from slidewire.outbound.post import Dialer, PostClient
from slidewire.outbound.resolve import DnsLookup, Resolver
from slidewire.runtime.budgets import budgets_of, handsets_of, masks_of
from slidewire.runtime.clock import now
from slidewire.runtime.configure import (
    address_of,
    bucket_of,
    ffmpeg_of,
    folder_of,
    operators_of,
    own_host,
    proxies_of,
    read,
    routes_of,
    span,
)
from slidewire.settings import Settings, read_size

#: Sections and their keys that are times.
_SPANS = {
    "fetch": ("connect", "total", "request"),
    "media": ("look_time", "encode_time", "max_length"),
    "limits": ("idempotency", "lockout"),
    "batches": ("keep",),
    "console": ("idle", "longest"),
    "delivery": (
        "validity",
        "longest_validity",
        "schedule_ahead",
        "uncertain_wait",
        "max_queue_age",
        "failover_after",
        "gone_after",
        "lease",
        "stop_grace",
    ),
    "postbacks": ("timeout",),
    "s3": ("timeout",),
    "handsets": ("keep",),
    "retention": ("empty_log", "references"),
    "inbound": ("keep", "remember", "answer_pause", "confirm_within", "segments_wait"),
}


def rehearse(settings: Settings) -> None:
    """Read everything that a start reads. Raises SettingsError naming the key."""
    address_of(settings.listen, "listen")
    address_of(settings.admin_listen, "admin_listen")
    bucket_of(settings, folder_of(settings))
    own_host(settings, "pages_url")
    own_host(settings, "console_url")
    read(read_size, settings.free_space, "free_space")
    read(read_size, settings.fetch.spool, "fetch.spool")
    ffmpeg_of(settings)
    read(read_size, settings.media.memory, "media.memory")
    proxies_of(settings)
    span(settings.stop_limit, "stop_limit")
    span(settings.database_wait, "database_wait")
    for section, names in _SPANS.items():
        for name in names:
            span(getattr(getattr(settings, section), name), f"{section}.{name}")
    read(Guard.of, settings.fetch.allow_private, "fetch.allow_private")
    read(Guard.of, settings.postbacks.allow_private, "postbacks.allow_private")
    operators_of(settings)
    budgets_of(settings)
    handsets_of(settings)
    masks_of(settings)
    for route in routes_of(settings):
        read(_rehearse_route, route, f"routes.{route.name}")


def _rehearse_route(route: Route) -> None:
    """Its address, profile and options, and who may report to it. Raises ValueError."""
    if route.kind == SMS:
        options_of(route)
        return
    Mm7Carrier(route, PostClient(Dialer(Resolver(DnsLookup()))), now)
    Doorkeeper((route,))
