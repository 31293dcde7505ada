"""The guard at every connect of a fetch: names, literal hosts, rebinding, redirects (security 1, 4)."""

import ssl
from collections.abc import Callable, Sequence

import pytest
from tests.fakes.origin import JPEG_START, Origin, Page
from tests.outbound.conftest import MakeClient

from slidewire.outbound.fetch import FetchClient, FetchConfig, FetchFailed, FetchRequest, Why
from slidewire.outbound.guard import NOT_PUBLIC, Guard
from slidewire.outbound.resolve import Resolver
from slidewire.outbound.spool import Spool


async def outcome(client: FetchClient, url: str, headers: tuple[tuple[str, str], ...] = ()) -> bytes | tuple[Why, str]:
    try:
        found = await client.fetch(FetchRequest(url, 100_000, headers=headers))
    except FetchFailed as failed:
        told = failed
    else:
        with found.body as body:
            return body.read()
    assert "secret" not in str(told)
    assert "127.0.0" not in str(told)
    return told.reason, told.detail


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "a.localhost", "127.0.0.1."),
        *("0.0.0.0", "169.254.169.254", "10.0.0.1", "[64:ff9b::7f00:1]", "[fd00::1]", "①②⑦.0.0.1"),
        *("private.test", "mapped.test"),
    ],
)
async def test_refuses_private_hosts_in_every_spelling(fetching: MakeClient, host: str) -> None:
    table = {"private.test": ["127.0.0.1"], "mapped.test": ["::ffff:127.0.0.1"]}
    async with Origin() as origin, fetching(guard=Guard(), table=table) as client:
        origin.page("/x", Page())
        assert await outcome(client, f"http://{host}:{origin.port}/x?secret") == (Why.REFUSED, NOT_PUBLIC)
        assert origin.raw.connections == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.01", "user@127.0.0.1"])
async def test_does_not_call_addresses_with_more_than_one_meaning(fetching: MakeClient, host: str) -> None:
    async with Origin() as origin, fetching() as client:
        reason = await outcome(client, f"http://{host}:{origin.port}/x?secret")
        assert reason[0] is Why.BAD_ADDRESS
        assert origin.raw.connections == 0


async def test_refuses_ports_before_anything_else_is_told(fetching: MakeClient) -> None:
    async with fetching(guard=Guard(), table={"private.test": ["127.0.0.1"]}) as client:
        assert await outcome(client, "http://private.test:6379/") == (Why.REFUSED, "port 6379 is not allowed")


async def test_an_allow_entry_opens_one_port_only(fetching: MakeClient) -> None:
    async with Origin() as open_one, Origin() as shut, fetching(Guard.of([f"127.0.0.1:{open_one.port}"])) as client:
        for origin in (open_one, shut):
            origin.page("/x", Page())
        assert await outcome(client, open_one.url("/x")) == JPEG_START
        assert await outcome(client, shut.url("/x")) == (Why.REFUSED, NOT_PUBLIC)


async def test_of_several_addresses_only_the_public_are_called(fetching: MakeClient) -> None:
    async with Origin() as origin:
        guard = Guard.of([f"127.0.0.1:{origin.port}"])
        table = {"mixed.test": ["10.0.0.1", "127.0.0.1"]}
        origin.page("/x", Page())
        async with fetching(guard, table) as client:
            assert await outcome(client, origin.url("/x", "mixed.test")) == JPEG_START


async def test_all_of_several_addresses_refused_is_a_refusal(fetching: MakeClient) -> None:
    table = {"private.test": ["10.0.0.1", "127.0.0.1", "fd00::1"]}
    async with fetching(Guard(), table) as client:
        assert await outcome(client, "http://private.test/?secret") == (Why.REFUSED, NOT_PUBLIC)


async def test_a_name_that_turns_private_between_two_look_ups_is_refused(spool: Spool) -> None:
    """Rebinding: the first look-up would pass any check made before connecting."""
    async with Origin() as origin:
        answers = [["127.0.0.1"], ["127.0.0.2"]]

        async def rebinding(host: str) -> Sequence[str]:
            return answers.pop(0)

        guard = Guard.of([f"127.0.0.1:{origin.port}"])  # stands for the public Internet here
        # Each hop connects anew, and so looks the name up again.
        origin.page("/x", Page(b"", "302 Found", headers=(("Location", "/x?again"), ("Connection", "close"))))
        async with FetchClient(FetchConfig(guard, Resolver(rebinding), spool, "Slidewire/test")) as client:
            assert await outcome(client, origin.url("/x", "rebind.test")) == (Why.REFUSED, NOT_PUBLIC)
        assert answers == []
        assert origin.raw.connections == 1


@pytest.mark.parametrize(
    ("location", "told"),
    [
        pytest.param("http://127.0.0.2:{port}/x", (Why.REFUSED, NOT_PUBLIC), id="a private address"),
        pytest.param("http://169.254.169.254/latest/meta-data", (Why.REFUSED, NOT_PUBLIC), id="metadata"),
        pytest.param("http://[::1]:{port}/x", (Why.REFUSED, NOT_PUBLIC), id="loopback, IPv6"),
        pytest.param("//private.test:{port}/x", (Why.REFUSED, NOT_PUBLIC), id="a name without scheme"),
        pytest.param("http://127.1:{port}/x", Why.BAD_ADDRESS, id="short IPv4"),
        pytest.param("file:///etc/passwd", Why.BAD_ADDRESS, id="a file"),
        pytest.param("ftp://a.test/x", Why.BAD_ADDRESS, id="another scheme"),
        pytest.param("http://user:secret@127.0.0.1:{port}/x", Why.BAD_ADDRESS, id="credentials"),
        pytest.param("http://127.0.0.1:{port}/x\\@a.test", Why.BAD_ADDRESS, id="a backslash"),
    ],
)
async def test_judges_where_a_redirect_leads(fetching: MakeClient, location: str, told: Why | tuple[Why, str]) -> None:
    async with Origin() as origin:
        guard = Guard.of([f"127.0.0.1:{origin.port}"])
        origin.page("/x", Page())
        async with fetching(guard, {"private.test": ["127.0.0.2"]}) as client:
            url = origin.page("/start", Page.redirect(location.format(port=origin.port)))
            found = await outcome(client, url)
            assert found == told or found[0] is told
        assert [request.target for request in origin.requests] == ["/start"]


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
async def test_follows_redirects_with_their_own_query_but_not_our_headers(fetching: MakeClient, status: str) -> None:
    """Credentials stay with their own origin, also when a redirect comes back to it; conditions with their address."""
    async with Origin() as origin, Origin() as other, fetching() as client:
        other.page("/there", Page.redirect(origin.url("/back"), status))
        origin.page("/back", Page())
        origin.page("/hop", Page.redirect(other.url("/there") + "?sig=a%2Fb#part", status))
        url = origin.page("/start", Page.redirect("hop?x=1", status))
        headers, conditions = (("Authorization", "Bearer x"),), (("If-None-Match", '"x"'),)
        found = await client.fetch(FetchRequest(url, 100_000, headers=headers, conditions=conditions))
        with found.body as body:
            assert body.read() == JPEG_START
    assert [request.target for request in (*origin.requests, *other.requests)] == [
        "/start",
        "/hop?x=1",
        "/back",
        "/there?sig=a%2Fb",
    ]
    asked = [request.headers for request in (*origin.requests, *other.requests)]
    assert ["authorization" in headers for headers in asked] == [True, True, False, False]
    assert ["if-none-match" in headers for headers in asked] == [True, False, False, False]
    assert all("referer" not in request.headers for request in other.requests)


@pytest.mark.parametrize(("hops", "reached"), [(3, True), (4, False)])
async def test_follows_at_most_three_redirects(fetching: MakeClient, hops: int, reached: bool) -> None:
    async with Origin() as origin, fetching() as client:
        for hop in range(hops):
            origin.page(f"/{hop}", Page.redirect(f"/{hop + 1}"))
        origin.page(f"/{hops}", Page())
        found = await outcome(client, origin.url("/0"))
    assert found == (JPEG_START if reached else (Why.TOO_MANY_REDIRECTS, "more than 3 redirects in a row"))


async def test_never_goes_from_https_to_http(
    fetching: MakeClient, serving: Callable[..., ssl.SSLContext], trusting: ssl.SSLContext
) -> None:
    async with Origin() as plain, Origin(tls=serving("a.test")) as secure:
        plain.page("/x", Page())
        secure.page("/y", Page())
        async with fetching(table={"a.test": ["127.0.0.1"]}, tls=trusting) as client:
            down = secure.page("/down", Page.redirect(plain.url("/x")))
            up = plain.page("/up", Page.redirect(secure.url("/y", "a.test")))
            assert await outcome(client, secure.url("/y", "a.test")) == JPEG_START
            assert await outcome(client, down.replace("127.0.0.1", "a.test")) == (
                Why.REFUSED,
                "it redirects from https to http",
            )
            assert await outcome(client, up) == JPEG_START


async def test_checks_certificates(
    fetching: MakeClient, serving: Callable[..., ssl.SSLContext], trusting: ssl.SSLContext
) -> None:
    table = {"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}
    async with Origin(tls=serving("a.test")) as origin:
        origin.page("/x", Page())
        async with fetching(table=table, tls=trusting) as client:
            assert await outcome(client, origin.url("/x", "b.test")) == (Why.UNREACHABLE, "the TLS connection failed")
        async with fetching(table=table) as client:
            assert await outcome(client, origin.url("/x", "a.test")) == (Why.UNREACHABLE, "the TLS connection failed")


async def test_looks_at_no_proxy_of_the_environment(fetching: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with Origin() as origin, fetching() as client:
        assert await outcome(client, origin.page("/x", Page())) == JPEG_START
