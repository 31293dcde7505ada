"""The operator look-up, put together from its settings: catalogue, prefix file, provider, cache."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from slidewire.carriers.choice import Landline
from slidewire.carriers.health import Breaker
from slidewire.carriers.lookup import Links, Lookup
from slidewire.carriers.operators import Catalogue, Operator
from slidewire.carriers.prefixes import PrefixFileError, PrefixTable, read_prefixes
from slidewire.carriers.provider import ANSWER_CAP, Paths, Provider, ProviderSettings, authorization, check_settings
from slidewire.domain.finding import Finding, KeptFinding
from slidewire.outbound.guard import Guard, IPAddress, own_addresses
from slidewire.outbound.post import AnswerCaps, Dialer, PostClient, PostLimits
from slidewire.outbound.resolve import DnsLookup, Resolver
from slidewire.runtime.clock import now
from slidewire.runtime.configure import operators_of, read, span
from slidewire.runtime.media import Media
from slidewire.settings import HttpLookupSettings, LookupSettings, Settings, SettingsError
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.store.operators import find_kept, forget_findings, keep_findings
from slidewire.work.means import Means

#: Seconds that a connection to the provider may rest.
_IDLE = 4.0


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """Everything about the look-up that its settings say, read and found sound; nothing is opened."""

    catalogue: Catalogue
    settings: LookupSettings
    prefixes: PrefixTable
    default: Operator | None
    provider: ProviderSettings | None


def lookup_plan(settings: Settings) -> LookupPlan | None:
    """The plan; None without a [lookup] section. Raises SettingsError naming key, file, line and reason."""
    lookup = settings.lookup
    if lookup is None:
        return None
    catalogue = operators_of(settings)
    default = catalogue.resolve(lookup.default) if lookup.default else None
    if lookup.default and default is None:
        raise SettingsError(f"lookup.default = {lookup.default!r}: no operator has this id or alias")
    span(lookup.cache, "lookup.cache")
    provider = _provider(lookup.http) if lookup.http is not None else None
    return LookupPlan(catalogue, lookup, _prefixes(lookup.prefixes, catalogue), default, provider)


def _prefixes(name: str, catalogue: Catalogue) -> PrefixTable:
    if not name:
        return PrefixTable({})
    try:
        with Path(name).open(encoding="utf-8", newline="") as lines:
            return read_prefixes(lines, catalogue)
    except PrefixFileError as error:
        raise SettingsError(f"lookup.prefixes: {name}: {error}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"lookup.prefixes: {name}: it is not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise SettingsError(f"lookup.prefixes: {name}: {error.strerror}") from None


def _provider(http: HttpLookupSettings) -> ProviderSettings:
    """How the provider is asked. Raises SettingsError."""
    span(http.negative, "lookup.http.negative")
    read(Guard.of, http.allow_private, "lookup.http.allow_private")
    who = read(lambda h: authorization(h.username, h.password, h.token), http, "lookup.http")
    kind = (("Content-Type", "application/json"),) if http.method == "POST" else ()
    given = {name.lower() for name in http.headers}
    usual = tuple(each for each in (*kind, *who) if each[0].lower() not in given)
    settings = ProviderSettings(
        url=http.url,
        method=http.method,
        body=http.body,
        headers=(*usual, *http.headers.items()),
        paths=Paths(mcc=http.mcc, mnc=http.mnc, network=http.network, name=http.name, line_type=http.line_type),
        timeout=span(http.timeout, "lookup.http.timeout"),
    )
    read(check_settings, settings, "lookup.http")
    return settings


class KeptInStore:
    """The look-up's cache, in the database."""

    def __init__(self, database: Database, commits: Commits, clock: Callable[[], int] = now) -> None:
        self._database = database
        self._commits = commits
        self._now = clock

    async def find(self, number: str) -> Finding | None:
        """What is known and not too old."""
        kept = await self._database.read(lambda connection: find_kept(connection, number))
        return kept.finding if kept is not None and kept.until > self._now() else None

    async def keep(self, kept: KeptFinding) -> None:
        """Remember it in the place of what was known."""
        await self._commits.write(keep_findings, kept)

    async def forget(self, number: str) -> None:
        """It was wrong."""
        await self._commits.write(forget_findings, number)


class OpenLookup:
    """A look-up that can be asked, with what it holds open."""

    def __init__(self, plan: LookupPlan, store: KeptInStore, resolver: Resolver, own: frozenset[IPAddress]) -> None:
        """``resolver`` looks up the provider's name; ``own``: addresses of ours, where no provider is."""
        self._client: PostClient | None = None
        settings, http = plan.settings, plan.settings.http
        provider = None
        if plan.provider is not None and http is not None:
            limits = PostLimits(http.connections, _IDLE, total=plan.provider.timeout, answer=AnswerCaps(ANSWER_CAP))
            guard = Guard.of(http.allow_private, own)
            self._client = PostClient(Dialer(resolver, guard), limits)
            breaker = Breaker(http.failures, http.backoff)
            provider = Provider(plan.provider, self._client, time.monotonic, now, breaker)
        links = Links(
            prefixes=plan.prefixes,
            provider=provider,
            default=plan.default,
            landline=Landline(settings.landline),
            cache_ms=round(span(settings.cache, "lookup.cache") * 1000),
            negative_ms=round(span(http.negative, "lookup.http.negative") * 1000) if http else 0,
        )
        self.lookup = Lookup(plan.catalogue, links, store, now)

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()


def open_lookup(plan: LookupPlan | None, means: Means, media: Media, stack: AsyncExitStack) -> Lookup | None:
    """The look-up of a gateway, which ``stack`` closes; None without a [lookup] section."""
    if plan is None:
        return None
    opened = OpenLookup(plan, KeptInStore(means.database, means.commits), media.resolver, media.own)
    stack.push_async_callback(opened.close)
    return opened.lookup


@asynccontextmanager
async def lookup_beside(settings: Settings, database: Database) -> AsyncIterator[Lookup | None]:
    """The look-up for a command that runs beside a gateway; None without a [lookup] section. Raises SettingsError."""
    plan = lookup_plan(settings)
    if plan is None:
        yield None
        return
    names = DnsLookup()
    opened = OpenLookup(plan, KeptInStore(database, Commits(database, _raised)), Resolver(names), own_addresses())
    try:
        yield opened.lookup
    finally:
        await opened.close()
        await names.close()


def _raised(error: BaseException) -> None:
    """Nothing is written beside a gateway: no disk can fail."""
    raise error
