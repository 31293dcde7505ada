"""A peer that says anything at all: the carrier neither breaks nor stops, and nothing is told as taken that was not."""

from random import Random

import pytest
from tests.carriers.smpp.build import a_sms
from tests.carriers.smpp.script import ANSWER, Script
from tests.carriers.smpp.world import Taker, carrying, until
from tests.fakes.raw_server import Peer, RawServer
from tests.fakes.smsc import ENQUIRE_LINK, pdu

from slidewire.carriers.base import Verdict

COMMANDS = [0, 1, 2, 4, 5, 6, 9, 0x15, 0x102, 0x103]


def anything(rng: Random) -> bytes:
    """A PDU in form; whatever it says."""
    command = rng.choice(COMMANDS) | rng.choice((0, ANSWER))
    if command & ~ANSWER == 6:
        command = 0x103  # a goodbye is tested elsewhere
    return pdu(
        command, rng.choice((0, 2, 3, 7, 0xFFFFFFFF)), rng.randbytes(rng.randrange(120)), rng.choice((0, 8, 0x58))
    )


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_the_peer_says_in_form_the_bind_goes_on(seed: int) -> None:
    rng, taker = Random(seed), Taker()

    async def also(peer: Peer) -> None:
        for _ in range(300):
            await peer.send(anything(rng))
        await peer.send(pdu(ENQUIRE_LINK, 4711))

    script = Script(also)
    async with RawServer(script) as server, carrying(server.port, taker) as carrier:
        await until(lambda: 4711 in script.answers(ANSWER | ENQUIRE_LINK))
        assert (await carrier.submit(a_sms())).verdict in (Verdict.ACCEPTED, Verdict.THROTTLED, Verdict.RETRY)
        assert len(script.peers) == 1


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_the_peer_says_out_of_form_the_bind_comes_back(seed: int) -> None:
    rng = Random(seed)

    async def also(peer: Peer) -> None:
        if peer.number == 0:
            await peer.send(b"\xff" + rng.randbytes(500))

    script = Script(also)
    async with RawServer(script) as server, carrying(server.port) as carrier:
        await until(lambda: len(script.peers) > 1 and carrier.bound)
        assert (await carrier.submit(a_sms())).verdict is Verdict.ACCEPTED
