"""``slidewire secrets rotate`` killed in its midst: every secret opens, and the next run ends what the first began."""

import asyncio
import os
import signal
from pathlib import Path

from tests.cli.command import running, slidewire
from tests.story.house import until

from slidewire.domain.account import secret_place
from slidewire.runtime.offline import digest, known_keys, sealer
from slidewire.settings import Settings
from slidewire.store.accounts import NewAccount, account_settings, add_account
from slidewire.store.database import Database, open_database
from slidewire.store.migrate import migrate
from slidewire.store.rotation import stale_accounts
from slidewire.store.sealed import Sealer

ACCOUNTS = [f"acct-{n:03}" for n in range(150)]


async def filled(settings: Settings) -> Database:
    database = open_database(settings.database)
    await migrate(database)
    seal, key = sealer(settings), digest(settings, "a key of 32 signs 0000000000000")

    def fill(connection: object) -> None:
        for name in ACCOUNTS:
            words = {"postback_secret": seal.seal(name.encode(), secret_place(name))}
            add_account(connection, NewAccount(name, name, words, [], f"{key}{name}", False, 0))  # type: ignore[arg-type]  # as it came

    await database.write(fill)
    return database


async def every_secret_opens(database: Database, seal: Sealer) -> None:
    for name in ACCOUNTS:
        words = await database.read(lambda c, name=name: account_settings(c, name))
        assert seal.open(words["postback_secret"], secret_place(name)) == name.encode()


async def test_a_killed_rotation_loses_nothing_and_is_ended_by_the_next(empty_url: str, tmp_path: Path) -> None:
    settings = Settings(database=empty_url, content=f"file:{tmp_path}/content")
    environment = {"SLIDEWIRE_DATABASE": settings.database, "SLIDEWIRE_CONTENT": settings.content}
    database = await filled(settings)
    both = Sealer(known_keys(settings), os.urandom)

    async def stale() -> int:
        return len(await database.read(lambda c: stale_accounts(c, both)))

    async def begun() -> bool:
        return len(known_keys(settings).every) == 2 and await stale() < len(ACCOUNTS)

    with running(tmp_path, "secrets", "rotate", **environment) as command:
        await until(begun, 60, "a first account under the new key")
        command.tell(signal.SIGKILL)
        await asyncio.to_thread(command.ended)
    present = known_keys(settings).present
    left = await stale()
    await every_secret_opens(database, both)
    done = (await asyncio.to_thread(slidewire, tmp_path, "secrets", "rotate", "--json", **environment)).json
    assert left == 0 or (done["made"], done["accounts"]) == (False, left)
    assert left == 0 or known_keys(settings).present == present
    assert await stale() == 0
    await every_secret_opens(database, Sealer(known_keys(settings), os.urandom))
    await database.close()
