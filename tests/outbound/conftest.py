"""What the tests of outbound share: a spool, a client for a table of names, contexts for TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import trustme
import uvloop

from slidewire.outbound.dial import Dialer
from slidewire.outbound.fetch import FetchClient, FetchConfig, FetchLimits
from slidewire.outbound.guard import Guard
from slidewire.outbound.resolve import Lookup, NotResolved, Resolver
from slidewire.outbound.spool import Spool, SpoolLimits


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every test runs on both loops: they buffer writes differently, and uvloop is what we serve on."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


#: What clients make for themselves when they are given none; shared, for each costs 20 ms.
SYSTEM = ssl.create_default_context()
LOOPBACK = Guard.of(["127.0.0.0/8", "[::1]/128"])


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A spool with room for 4 MB; whatever a test did, it is empty in the end."""
    spool = Spool(tmp_path / "spool", SpoolLimits(budget=4_000_000))
    yield spool
    spool.close()
    assert (spool.held, spool.in_memory) == (0, 0)
    assert not list(spool.folder.glob("*"))


def names(table: dict[str, Sequence[str]]) -> Lookup:
    """A look-up from a table; other names do not exist."""

    async def lookup(host: str) -> Sequence[str]:
        if host not in table:
            raise NotResolved("no such name")
        return table[host]

    return lookup


def dialing(lookup: Lookup | None = None, guard: Guard | None = None, tls: ssl.SSLContext = SYSTEM) -> Dialer:
    """A dialer for the POST client; without a look-up no name exists."""
    return Dialer(Resolver(lookup or names({})), guard, tls)


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until the condition holds; raises TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


MakeClient = Callable[..., AbstractAsyncContextManager[FetchClient]]


@pytest.fixture
def fetching(spool: Spool) -> MakeClient:
    """``async with fetching(guard=..., table=..., limits=..., proxy=..., tls=...) as client``."""

    @asynccontextmanager
    async def make(
        guard: Guard = LOOPBACK,
        table: dict[str, Sequence[str]] | None = None,
        limits: FetchLimits | None = None,
        proxy: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> AsyncIterator[FetchClient]:
        resolver = Resolver(names(table or {}))
        config = FetchConfig(guard, resolver, spool, "Slidewire/test", limits or FetchLimits(), proxy, tls or SYSTEM)
        async with FetchClient(config) as client:
            yield client
        await resolver.close()

    return make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts our test authority, and checks names."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def serving(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """``serving("a.test", "127.0.0.1")``: a server's context with a certificate for those names."""

    def make(*identities: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*identities).configure_cert(context)
        return context

    return make
