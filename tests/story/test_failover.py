"""Two routes to one operator: the first cannot be reached, and what waits for it goes by the second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.story.house import House, Plan, house, until

from slidewire.demo.loopback import free_port

DELIVERY = {"failover_after": "100ms", "retry": [0.05, 0.1, 0.2]}


@asynccontextmanager
async def two_routes(folder: Path, database: str, first: str) -> AsyncIterator[House]:
    """``mmsc-a`` leads to ``first``, ``mmsc-b`` to the simulator; both take everything."""
    port = free_port()
    second = {"name": "mmsc-b", "kind": "mm7", "url": f"http://127.0.0.1:{port}/mm7", "rate": "200/s"}
    plan = Plan(
        database,
        folder,
        route={"url": first, "on_uncertain": "resend", "uncertain_wait": "2s"},
        routes=(second,),
        simulator={"mm7_port": port},
        settings={"delivery": DELIVERY},
    )
    async with house(plan) as here:
        here.simulator  # noqa: B018  # it listens where mmsc-b leads
        yield here


async def test_what_waits_for_a_route_that_is_away_goes_by_another(database_url: str, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/mm7"
    async with two_routes(tmp_path, database_url, nobody) as here:
        first = await here.send()
        message = await here.until_status(first, "submitted", limit=40)
        assert message.route == "mmsc-b"
        events = await here.events(first)
        assert [each for each in events if each != "retry"] == ["rerouted", "submitted"]

        async def chosen_at_once() -> bool:
            tracking = await here.send()
            return (await here.message(tracking)).route == "mmsc-b"

        await until(chosen_at_once, 20, "new messages to go round the route")


async def test_a_route_that_comes_back_is_used_again(database_url: str, tmp_path: Path) -> None:
    """Nothing waits there that could probe it: all that comes and all that waited went round it."""
    port = free_port()
    async with two_routes(tmp_path, database_url, f"http://127.0.0.1:{port}/mm7") as here:

        async def goes_by(name: str) -> bool:
            tracking_id = await here.send()

            async def sent() -> bool:
                return "submitted" in await here.events(tracking_id)  # its receipt may be there, too

            await until(sent, 40, "a message to leave")
            return (await here.message(tracking_id)).route == name

        async def all_go_round() -> bool:
            return [await goes_by("mmsc-b") for _ in range(5)] == [True] * 5

        async def all_come_back() -> bool:
            return [await goes_by("mmsc-a") for _ in range(5)] == [True] * 5

        await until(all_go_round, 40, "new messages to go round the route")
        there = Forwarded(here.simulator.mm7_url)
        async with await asyncio.start_server(there.serve, "127.0.0.1", port):
            await until(all_come_back, 40, "new messages to come back to the route")


class Forwarded:
    """A peer that is another one's, byte by byte."""

    def __init__(self, url: str) -> None:
        self._port = int(url.rpartition(":")[2].partition("/")[0])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._port)

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(pass_on(reader, outer), pass_on(inner, writer), return_exceptions=True)


async def test_an_uncertain_message_is_not_moved_before_its_wait_is_over(database_url: str, tmp_path: Path) -> None:
    """Durability 3: it may have arrived there."""
    taken = asyncio.Event()

    async def take_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.close()
        server.close()  # nobody can reach it any more
        taken.set()

    server = await asyncio.start_server(take_and_leave, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with two_routes(tmp_path, database_url, f"http://127.0.0.1:{port}/mm7") as here:
        uncertain = await here.send()
        await asyncio.wait_for(taken.wait(), 20)
        others = [await here.send() for _ in range(6)]
        for each in others:
            await here.until_status(each, "submitted", limit=40)
            assert (await here.message(each)).route == "mmsc-b"
        await here.until_status(uncertain, "submitted", limit=40)
        events = [each for each in await here.events(uncertain) if each != "retry"]
        assert events == ["uncertain", "resent", "rerouted", "submitted"]
        assert (await here.message(uncertain)).route == "mmsc-b"
