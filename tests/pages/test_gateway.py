"""Pages inside the whole gateway: whose host answers what, and that a link made beside it is found."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from tests.builders import DAY, a_message, now_ms
from tests.pages.kit import Answer, get
from tests.store.kit import stored

from slidewire.domain.ids import new_token
from slidewire.runtime.configure import own_host, pages_base
from slidewire.runtime.gateway import Gateway
from slidewire.settings import Settings, SettingsError
from slidewire.store.database import open_database
from slidewire.store.links import LinkKey, add_link, link_address, new_link

SECRET = "a server key of at least sixteen signs"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@asynccontextmanager
async def a_gateway(database_url: str, folder: Path, **settings: object) -> AsyncIterator[tuple[str, int]]:
    """A running gateway; host and port of its API."""
    tree = {
        "listen": "127.0.0.1:0",
        "admin_listen": "127.0.0.1:0",
        "database": database_url,
        "content": f"file:{folder}/content",
        "free_space": "1MB",
        "server_key": SECRET,
    } | settings
    gateway = Gateway(msgspec.convert(tree, Settings))
    addresses = await gateway.start()
    parts = urlsplit(addresses.api)
    assert parts.hostname is not None
    assert parts.port is not None
    try:
        yield parts.hostname, parts.port
    finally:
        await gateway.stop()


async def a_link(database_url: str) -> str:
    """The token of a link, made as whoever sends the SMS makes it."""
    database = open_database(database_url)
    message = a_message(link_expires_at=now_ms() + DAY)
    await stored(database, message)
    token = new_token()
    link = new_link(message, token, LinkKey.of(SECRET.encode()), now_ms())
    await database.write(lambda c: add_link(c, link))
    await database.close()
    return token


def statuses(*answers: Answer) -> list[int]:
    return [answer.status for answer in answers]


async def test_pages_have_a_host_of_their_own(database_url: str, tmp_path: Path) -> None:
    token = await a_link(database_url)
    urls = {"public_url": "http://127.0.0.1:8080", "pages_url": "https://m.example.net/"}
    async with a_gateway(database_url, tmp_path, **urls) as at:
        page, api = f"/m/{token}", "/API/wxml/1.3/"
        assert statuses(
            await get(at, page, Host="m.example.net"),
            await get(at, page, Host="127.0.0.1:8080"),
            await get(at, page, Host="mms.example.net"),
            await get(at, api, Host="127.0.0.1:8080"),
            await get(at, api, Host="m.example.net"),
            await get(at, "/mm7/mmsc-a", Host="m.example.net"),
            await get(at, "/healthz", Host="m.example.net"),
        ) == [200, 404, 404, 200, 404, 404, 200]


async def test_without_a_host_of_their_own_pages_stand_beside_the_api(database_url: str, tmp_path: Path) -> None:
    token = await a_link(database_url)
    async with a_gateway(database_url, tmp_path) as at:
        assert statuses(await get(at, f"/m/{token}"), await get(at, "/API/wxml/1.3/")) == [200, 200]


@pytest.mark.parametrize("url", ["m.example.net", "ftp://m.net", "https://", "https://a@m.net", "https://m.net/?x"])
def test_a_pages_url_that_is_none_stops_the_start(database_url: str, url: str) -> None:
    with pytest.raises(SettingsError, match="pages_url"):
        Gateway(Settings(database=database_url, pages_url=url))


@pytest.mark.parametrize(
    ("public", "pages", "base", "host"),
    [
        pytest.param("", "", "", "", id="nothing set"),
        pytest.param("https://mms.example.net", "", "https://mms.example.net", "", id="shared"),
        pytest.param("https://a.net", "https://a.net:443/", "https://a.net:443", "", id="the same host twice"),
        pytest.param("https://a.net", "https://M.a.net", "https://M.a.net", "m.a.net", id="two hosts"),
        pytest.param("https://a.net", "http://a.net:8443", "http://a.net:8443", "a.net:8443", id="two ports"),
    ],
)
def test_where_links_lead(database_url: str, public: str, pages: str, base: str, host: str) -> None:
    settings = Settings(database=database_url, public_url=public, pages_url=pages)
    assert (pages_base(settings), own_host(settings, "pages_url")) == (base, host)
    assert link_address(pages_base(settings), "t").endswith("/m/t")
