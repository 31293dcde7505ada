"""Which operator a receiver is with: a chain of links, each asked only when those before it cannot tell (settled 12).

What was looked up or learnt from traffic, the prefix file, a service over HTTP, the default. The operator that a
request names stands before all of them, and is intake's matter. Nothing here runs inside a transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from slidewire.carriers.choice import Landline
from slidewire.carriers.operators import Catalogue, Operator
from slidewire.carriers.prefixes import PrefixTable
from slidewire.carriers.provider import Provider, ProviderFailedError
from slidewire.domain.faults import Fault
from slidewire.domain.finding import Finding, KeptFinding, Source
from slidewire.domain.frozen import frozen

log = structlog.get_logger(__name__)


class Cache(Protocol):
    """What was found before, kept in the store; runtime fills it."""

    async def find(self, number: str) -> Finding | None:
        """What is known and not too old."""

    async def keep(self, kept: KeptFinding) -> None:
        """Remember it in the place of what was known."""

    async def forget(self, number: str) -> None:
        """It was wrong."""


@dataclass(frozen=True, slots=True)
class Links:
    """The chain as it is set ([lookup])."""

    prefixes: PrefixTable = field(default_factory=lambda: PrefixTable({}))
    provider: Provider | None = None
    default: Operator | None = None
    landline: Landline = Landline.SMS
    cache_ms: int = 0  #: how long a finding holds
    negative_ms: int = 0  #: how long it holds that the provider knows nothing of a number


@frozen
class Found:
    """The receiver's network as the message is routed by it."""

    operator: Operator | None = None  #: None: not known, or in no catalogue: routes with ``*`` serve it
    landline: Landline = Landline.SEND  #: what the setting says where the number is a landline; SEND where it is none


@dataclass(frozen=True, slots=True)
class Said:
    """What one link says of a number, for whoever wants to see the chain at work."""

    source: Source
    finding: Finding | None = None
    words: str = ""  #: why it says nothing


class Lookup:
    """The chain."""

    def __init__(self, catalogue: Catalogue, links: Links, cache: Cache, now: Callable[[], int]) -> None:
        """``now`` gives Unix milliseconds."""
        self._catalogue = catalogue
        self._links = links
        self._cache = cache
        self._now = now

    async def find(self, number: str) -> Found:
        """The network of ``number``, digits of E.164. Raises FaultError E618 when no link can tell."""
        known = await self._cache.find(number)
        for finding in (known, self._links.prefixes.find(number)):
            if finding is not None and _tells(finding):
                return self._found(finding)
        told = None if known else await self._ask(number)  # a known one that tells nothing: asked a while ago
        if told is not None and _tells(told):
            return self._found(told)
        if self._links.default is None:
            raise Fault.LOOKUP_FAILED.error()
        return Found(self._links.default)

    async def again(self, number: str, doubted: str) -> Found:
        """The network of ``number`` once more, after the carrier knew nobody there (settled 28).

        What was remembered is forgotten. A link that says ``doubted`` (our id) again is not believed, but for the
        provider: it was asked just now.
        """
        await self._cache.forget(number)
        finding = self._links.prefixes.find(number)
        if finding is None or not _tells(finding) or finding.operator == doubted:
            finding = await self._ask(number)
        if finding is not None and _tells(finding):
            return self._found(finding)
        default = self._links.default
        return Found(default if default is not None and default.id != doubted else None)

    async def learn(self, number: str, word: str) -> None:
        """Traffic told the network of ``number``; see ``learnt``."""
        kept = self.learnt(number, word)
        if kept is not None:
            await self._cache.keep(kept)

    def learnt(self, number: str, word: str) -> KeptFinding | None:
        """What is to be kept when a receipt or an inbound message names the network of ``number``.

        ``word`` is one of our ids, an alias, or an MCC with its MNC; None when it means nothing to us.
        """
        word = word.strip()
        operator = self._catalogue.resolve(word) or self._catalogue.of_network(word)
        if operator is None or self._links.cache_ms <= 0:
            return None
        now = self._now()
        finding = Finding(Source.TRAFFIC, operator=operator.id, name=operator.name)
        return KeptFinding(number, finding, now, now + self._links.cache_ms)

    async def chain(self, number: str) -> list[Said]:
        """What every link says by itself, whatever those before it said; nothing is kept."""
        said = [_said(Source.CACHE, await self._cache.find(number), "nothing kept")]
        said.append(_said(Source.PREFIXES, self._links.prefixes.find(number), "no prefix"))
        if self._links.provider is None:
            said.append(Said(Source.PROVIDER, words="not set"))
        else:
            try:
                said.append(_said(Source.PROVIDER, await self._links.provider.ask(number), ""))
            except ProviderFailedError as error:
                said.append(Said(Source.PROVIDER, words=str(error)))
        default = self._links.default
        told = Finding(Source.DEFAULT, operator=default.id, name=default.name) if default else None
        return [*said, _said(Source.DEFAULT, told, "not set: E618 where nothing else tells")]

    async def _ask(self, number: str) -> Finding | None:
        """What the provider tells, kept; None when there is none, or it failed."""
        if self._links.provider is None:
            return None
        try:
            finding = await self._links.provider.ask(number)
        except ProviderFailedError as error:
            if error.asked:  # while it is left alone every request would say so
                log.warning("operator lookup failed", reason=str(error))
            return None
        await self._keep(number, finding, self._links.cache_ms if _tells(finding) else self._links.negative_ms)
        return finding

    async def _keep(self, number: str, finding: Finding, milliseconds: int) -> None:
        now = self._now()
        if milliseconds > 0:
            await self._cache.keep(KeptFinding(number, finding, now, now + milliseconds))

    def _found(self, finding: Finding) -> Found:
        landline = self._links.landline if finding.is_landline else Landline.SEND
        return Found(self.operator_of(finding), landline)

    def operator_of(self, finding: Finding) -> Operator | None:
        """The operator of a finding; None for one that the catalogue does not have."""
        return self._catalogue.resolve(finding.operator) or self._catalogue.of_network(finding.network)


def _tells(finding: Finding) -> bool:
    return finding.names_a_network or finding.is_landline


def _said(source: Source, finding: Finding | None, otherwise: str) -> Said:
    return Said(source, finding, "" if finding else otherwise)
