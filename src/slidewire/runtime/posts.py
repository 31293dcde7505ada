"""The clients that post: one for each route, one for all postbacks, which strangers' addresses are guarded for."""

import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from slidewire.carriers.base import Route, Takers
from slidewire.carriers.choice import SMS
from slidewire.carriers.health import Breaker
from slidewire.carriers.mm7.client import Mm7Carrier, limits_of
from slidewire.carriers.shaping import Bucket, Manners
from slidewire.carriers.smpp.client import SmppCarrier, World
from slidewire.domain.figures import Figures
from slidewire.domain.usage import Channel
from slidewire.outbound.guard import Guard, IPAddress
from slidewire.outbound.post import AnswerCaps, Dialer, PostClient, PostLimits
from slidewire.outbound.resolve import DnsLookup, Resolver
from slidewire.runtime.clock import now
from slidewire.runtime.configure import keeps_bodies, links_base, read, span
from slidewire.runtime.counted import CountedCarrier, CountedWay
from slidewire.runtime.inbound import media_address
from slidewire.runtime.secrets import link_key_of, server_keys
from slidewire.settings import Settings
from slidewire.store.sealed import LatelyOpened, Sealer
from slidewire.work.deliver import Way
from slidewire.work.endpoints import Endpoints
from slidewire.work.letters import Letters, LetterSources
from slidewire.work.means import Means
from slidewire.work.notify import Desk, Pace
from slidewire.work.texting import SmsWay

#: Bytes of a customer's answer to a postback that are read; its status is all that counts.
_ANSWER = 65_536
#: Connections to one postback host at once, all accounts together.
_PER_HOST = 64


class PostClients:
    """Opened once; routes are the admin's own addresses and pass no guard."""

    def __init__(self, settings: Settings, resolver: Resolver, own: frozenset[IPAddress], figures: Figures) -> None:
        """``resolver`` looks up strangers' names. Raises SettingsError for a network that cannot be read."""
        guard = read(
            lambda entries: Guard.of(entries, own), settings.postbacks.allow_private, "postbacks.allow_private"
        )
        timeout = span(settings.postbacks.timeout, "postbacks.timeout")
        limits = PostLimits(connections=_PER_HOST, total=timeout, answer=AnswerCaps(body=_ANSWER))
        self.postbacks = PostClient(Dialer(resolver, guard), limits)
        self._lookup = DnsLookup(search=True)
        self._resolver = Resolver(self._lookup)
        self._clients: list[PostClient] = [self.postbacks]
        self._figures = figures

    def sms_ways(
        self, routes: Sequence[Route], takers: Takers, stack: AsyncExitStack
    ) -> tuple[dict[str, SmsWay], dict[str, SmppCarrier]]:
        """The SMS routes with their health, and their sessions, which ``stack`` closes; the caller starts them."""
        ways: dict[str, SmsWay] = {}
        carriers: dict[str, SmppCarrier] = {}
        for route in routes:
            if route.kind == SMS:
                carrier = carriers[route.name] = self._smpp(route, takers)
                way = CountedWay(carrier, route, Channel.SMS, self._figures)
                ways[route.name] = SmsWay(route, way, Breaker(), carrier.options.writing)
                stack.push_async_callback(carrier.close)
        return ways, carriers

    def _smpp(self, route: Route, takers: Takers) -> SmppCarrier:
        world = World(Dialer(self._resolver), now, secrets.SystemRandom().random, takers)
        return read(lambda r: SmppCarrier(r, world), route, f"routes.{route.name}")

    def way(self, route: Route) -> Way:
        """A route with its client, its pace and its health."""
        client = PostClient(Dialer(self._resolver), limits_of(route))
        self._clients.append(client)
        mm7 = read(lambda r: Mm7Carrier(r, client, now), route, f"routes.{route.name}")
        carrier = CountedCarrier(mm7, route, self._figures)
        return Way(route, carrier, Bucket(route.rate, time.monotonic(), manners=manners_of(route)), Breaker())

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients:
            await client.close()
        await self._lookup.close()


def manners_of(route: Route) -> Manners:
    """How it slows down and comes back."""
    return Manners(route.slow_start, route.rise, route.rise_every, route.least)


def pace_of(settings: Settings) -> Pace:
    """How postbacks are tried. Raises SettingsError."""
    postbacks = settings.postbacks
    return Pace(
        timeout=span(postbacks.timeout, "postbacks.timeout"),
        schedules={"published": postbacks.published, "long": postbacks.long},
        per_account=postbacks.connections,
        keep_bodies=keeps_bodies(settings),
    )


async def postback_desk(
    settings: Settings, folder: Path, means: Means, operator_words: Callable[[str], Sequence[str]]
) -> Desk:
    """Who writes and signs postbacks, and what is known of their addresses. Raises SettingsError."""
    keys = server_keys(settings, folder)
    secrets_of = LatelyOpened(Sealer(keys, os.urandom).open, means.monotonic)
    address = partial(media_address, links_base(settings), partial(link_key_of, keys))
    sources = LetterSources(operator_words, address)
    endpoints = Endpoints(means, span(settings.postbacks.off_after, "postbacks.off_after"))
    await endpoints.look()
    return Desk(Letters(sources, secrets_of.open, means.now), endpoints)
