"""A PostgreSQL server that is restarted under its clients, and one that may only be read for a while."""

import asyncio

import pytest
from tests.builders import a_message, now_ms
from tests.fakes.raw_server import Peer, RawServer
from tests.fixtures.postgres import Server, run_apart
from tests.store.kit import a_postback, an_ask, ids_of, stored

from slidewire.store.database import Connection, Database, DatabaseAwayError, open_database
from slidewire.store.messages import find_message, insert_task
from slidewire.store.migrate import migrate
from slidewire.store.plain_claims import claim_plainly

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def url(restarted_servers: list[Server]) -> str:
    made = restarted_servers[-1].create("failover")
    run_apart(_migrated(made))
    return made


async def _migrated(url: str) -> None:
    database = open_database(url)
    await migrate(database)
    await database.close()


def restart(servers: list[Server]) -> None:
    servers.append(servers[-1].go_on())


async def test_writes_wait_for_a_server_that_restarts_and_each_is_made_once(
    restarted_servers: list[Server], url: str
) -> None:
    database = open_database(url, wait=60.0)
    messages = [a_message() for _ in range(200)]
    try:
        writing = [asyncio.create_task(stored(database, each)) for each in messages[:100]]
        await asyncio.to_thread(restarted_servers[-1].halt)
        writing += [asyncio.create_task(stored(database, each)) for each in messages[100:]]
        restart(restarted_servers)
        await asyncio.gather(*writing)
        found = [await database.read(lambda c, each=each: find_message(c, each.id)) for each in messages]  # type: ignore[misc]
        assert found == messages
    finally:
        await database.close()


async def test_who_has_waited_long_enough_is_told(restarted_servers: list[Server], url: str) -> None:
    database = open_database(url, wait=0.2)
    try:
        await stored(database)
        await asyncio.to_thread(restarted_servers[-1].halt)
        with pytest.raises(DatabaseAwayError):
            await stored(database)
        restart(restarted_servers)
        await stored(database)
    finally:
        await database.close()


async def test_writes_wait_while_the_server_may_only_be_read(restarted_servers: list[Server], url: str) -> None:
    database = open_database(url, wait=60.0)
    message = a_message()
    try:
        postback = a_postback((await stored(database)).message_id)
        await database.write(lambda c: insert_task(c, postback))
        restarted_servers[-1].run("ALTER DATABASE failover SET default_transaction_read_only = on")
        await asyncio.to_thread(restarted_servers[-1].halt)
        restart(restarted_servers)
        writing = asyncio.create_task(stored(database, message))
        ask = an_ask(queue=postback.queue, now=now_ms() + 1_000)
        claiming = asyncio.create_task(database.alone(lambda c: claim_plainly(c, ask)))
        await database.read(_is_read_only)
        assert not writing.done()
        assert not claiming.done()
        restarted_servers[-1].run("ALTER DATABASE failover SET default_transaction_read_only = off")
        await writing
        assert await database.read(lambda c: find_message(c, message.id)) == message
        assert ids_of(await claiming) == [postback.message_id]
    finally:
        await database.close()


def _is_read_only(connection: Connection) -> None:
    assert connection.exec_driver_sql("SHOW default_transaction_read_only").scalar() == "on"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="before it says anything"),
        pytest.param(b"R" + (8).to_bytes(4) + (0).to_bytes(4), id="when it has let us in"),
    ],
)
async def test_a_server_that_ends_while_a_connection_is_made_is_away(said: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.readexactly(8)  # whether it speaks TLS
        await peer.send(b"N")
        await peer.reader.readexactly(int.from_bytes(await peer.reader.readexactly(4)) - 4)
        await peer.send(said)

    async with RawServer(script) as server:
        database = open_database(f"postgresql://postgres:secret@127.0.0.1:{server.port}/failover", wait=0.0)
        with pytest.raises(DatabaseAwayError):
            await stored(database)
        await database.close()


async def test_a_password_that_is_wrong_is_told_at_once(restarted_servers: list[Server]) -> None:
    server = restarted_servers[-1]
    database: Database = open_database(server.url_for("failover").replace(server.password, "wrong"), 3600.0)
    try:
        with pytest.raises(Exception, match="password authentication failed"):
            await stored(database)
    finally:
        await database.close()
