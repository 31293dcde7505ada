"""Fetching through an egress proxy: it is asked for the address that the guard has seen (security 2)."""

import ssl
from collections.abc import Callable

import pytest
from tests.fakes.origin import JPEG_START, Origin, Page
from tests.fakes.proxy import Proxy
from tests.fakes.raw_server import RawServer, answering, http_answer
from tests.outbound.conftest import MakeClient, names

from slidewire.outbound.fetch import FetchClient, FetchConfig, FetchFailed, FetchRequest, Why
from slidewire.outbound.guard import NOT_PUBLIC, BadAddress, Guard
from slidewire.outbound.resolve import Resolver
from slidewire.outbound.spool import Spool


async def fetched(client: FetchClient, url: str) -> bytes:
    found = await client.fetch(FetchRequest(url, 100_000))
    with found.body as body:
        return body.read()


async def test_asks_for_the_literal_address_and_keeps_the_host(fetching: MakeClient) -> None:
    async with Origin() as origin, Proxy() as proxy:
        guard = Guard.of([f"127.0.0.1:{origin.port}"])
        table = {"a.test": ["10.0.0.1", "127.0.0.1"]}
        origin.page("/x", Page())
        async with fetching(guard, table, proxy=proxy.url) as client:
            assert await fetched(client, origin.url("/x", "a.test") + "?q=1") == JPEG_START
        assert [asked.line for asked in proxy.asked] == [f"GET http://127.0.0.1:{origin.port}/x?q=1 HTTP/1.1"]
        assert [request.headers["host"] for request in origin.requests] == [f"a.test:{origin.port}"]


async def test_tunnels_https_to_the_literal_address_and_checks_the_name(
    fetching: MakeClient, serving: Callable[..., ssl.SSLContext], trusting: ssl.SSLContext
) -> None:
    table = {"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}
    async with Origin(tls=serving("a.test")) as origin, Proxy() as proxy:
        origin.page("/x", Page())
        async with fetching(table=table, proxy=proxy.url, tls=trusting) as client:
            assert await fetched(client, origin.url("/x", "a.test")) == JPEG_START
            with pytest.raises(FetchFailed) as failed:
                await fetched(client, origin.url("/x", "b.test"))
        assert (failed.value.reason, failed.value.detail) == (Why.UNREACHABLE, "the TLS connection failed")
        assert [asked.line for asked in proxy.asked] == [f"CONNECT 127.0.0.1:{origin.port} HTTP/1.1"] * 2
        assert [request.headers["host"] for request in origin.requests] == [f"a.test:{origin.port}"]


@pytest.mark.parametrize("path", ["/x", "/redirect"])
async def test_the_guard_judges_before_the_proxy_is_asked(fetching: MakeClient, path: str) -> None:
    async with Origin() as origin, Proxy() as proxy:
        origin.page("/redirect", Page.redirect(f"http://private.test:{origin.port}/x"))
        host = "private.test" if path == "/x" else "a.test"
        guard = Guard.of([f"127.0.0.1:{origin.port}"])
        async with fetching(guard, {"private.test": ["127.0.0.2"], "a.test": ["127.0.0.1"]}, proxy=proxy.url) as client:
            with pytest.raises(FetchFailed) as failed:
                await fetched(client, origin.url(path, host))
        assert (failed.value.reason, failed.value.detail) == (Why.REFUSED, NOT_PUBLIC)
        assert len(proxy.asked) == (0 if path == "/x" else 1)


async def test_presents_the_credentials_of_the_setting(fetching: MakeClient) -> None:
    async with Origin() as origin, Proxy() as proxy:
        url = proxy.url.replace("http://", "http://gw:pass@")
        async with fetching(proxy=url) as client:
            assert await fetched(client, origin.page("/x", Page())) == JPEG_START
        assert proxy.asked[0].headers["proxy-authorization"] == "Basic Z3c6cGFzcw=="


async def test_a_dead_or_unwilling_proxy_is_told(fetching: MakeClient, trusting: ssl.SSLContext) -> None:
    async with RawServer(answering(http_answer(status="403 No"))) as proxy, fetching(proxy=proxy.url("")) as client:
        with pytest.raises(FetchFailed) as refused:
            await fetched(client, "https://127.0.0.1:8443/x")
    async with fetching(proxy=proxy.url("")) as client:
        with pytest.raises(FetchFailed) as dead:
            await fetched(client, "http://127.0.0.1:8080/x")
    assert [refused.value.detail, dead.value.detail] == [
        "the egress proxy refused the connection",
        "the egress proxy could not be reached",
    ]


@pytest.mark.parametrize(
    "proxy", ["https://127.0.0.1:3128", "socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://127.0.0.1:3128/path", "x"]
)
def test_a_proxy_that_cannot_be_kept_to_the_guard_stops_the_start(spool: Spool, proxy: str) -> None:
    config = FetchConfig(Guard(), Resolver(names({})), spool, "Slidewire/test", proxy=proxy)
    with pytest.raises(BadAddress, match="proxy"):
        FetchClient(config)
