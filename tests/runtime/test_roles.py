"""What holds in whichever role a process runs."""

from pathlib import Path

import aiohttp
import msgspec
import pytest
from tests.story.house import KEY, request, until

from slidewire.demo.loopback import get
from slidewire.runtime.gateway import Gateway
from slidewire.runtime.offline import digest
from slidewire.settings import Settings
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.database import open_database

OTHER = KEY[::-1]


@pytest.mark.parametrize("role", ["all", "api", "worker"])
async def test_a_full_disk_is_known_from_the_start(tmp_path: Path, role: str) -> None:
    settings = Settings(
        listen="127.0.0.1:0",
        admin_listen="127.0.0.1:0",
        database=f"sqlite:///{tmp_path / 'slidewire.db'}",
        content=f"file:{tmp_path / 'content'}",
        free_space="900000GB",
    )
    gateway = Gateway(settings, role=role)
    addresses = await gateway.start()
    try:
        with pytest.raises(OSError, match="answered 503"):
            await get(f"{addresses.api}/readyz")
    finally:
        await gateway.stop()


async def test_an_api_process_sheds_load_by_the_age_of_what_an_account_has_waiting(tmp_path: Path) -> None:
    """Durability 27: what another process is too slow to send is not accepted without end, from whoever sends it."""
    settings = msgspec.convert(
        {
            "listen": "127.0.0.1:0",
            "admin_listen": "127.0.0.1:0",
            "database": f"sqlite:///{tmp_path / 'slidewire.db'}",
            "content": f"file:{tmp_path / 'content'}",
            "free_space": "1MB",
            "delivery": {"max_queue_age": "1s"},
            "routes": [{"name": "mmsc-a", "kind": "mm7", "url": "http://127.0.0.1:9/mm7"}],
        },
        Settings,
    )
    gateway = Gateway(settings, role="api")
    addresses = await gateway.start()
    database = open_database(settings.database)
    try:
        for account_id, key in (("acct-1", KEY), ("acct-2", OTHER)):
            new = NewAccount(account_id, account_id, {}, ["24680"], digest(settings, key), False, 0)
            await database.write(lambda c, new=new: add_account(c, new))  # type: ignore[misc]
        async with aiohttp.ClientSession() as http:

            async def answer(key: str = KEY) -> str:
                async with http.post(f"{addresses.api}/API/wxml/1.3/", data=request(API_KEY=key)) as reply:
                    return await reply.text()

            assert "<STATUS>Success</STATUS>" in await answer()

            async def refused() -> bool:
                return "<ERRORCODE>E503</ERRORCODE>" in await answer()

            await until(refused, 10, "the queue to be too old")

            async def others_are_taken() -> bool:
                return "<STATUS>Success</STATUS>" in await answer(OTHER)

            await until(others_are_taken, 10, "what the other account has waiting to be looked at")
            assert await refused()
    finally:
        await database.close()
        await gateway.stop()
