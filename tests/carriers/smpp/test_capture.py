"""A capture of what we say over SMPP, read by Wireshark: no malformed PDU, and it counts as many as there were."""

import asyncio
import collections
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.carriers.build import a_message
from tests.carriers.smpp.build import a_sms
from tests.carriers.smpp.world import Taker, carrying, until
from tests.fakes.wiretap import Conversation, Wiretap
from tests.programs import missing

from slidewire.carriers.base import Verdict
from slidewire.simulator.app import Simulator, SimulatorSettings

LONG = "Wir sehen uns unter der großen Uhr: {heute} um acht. " * 6
#: What everybody knows as SMPP's port; the capture says that it was spoken there.
SMPP = 2775
#: An enquire_link's command, behind its length.
_ENQUIRE_LINK = b"\0\0\0\x10\0\0\0\x15"

SUBMISSIONS = [
    a_sms("Hello", a_message(receiver="447700900123")),
    a_sms(LONG, a_message(receiver="447700900163", mask="Acme & Co")),  # receipts of parameters alone
    a_sms("Как дела? 🎈" * 12, a_message(receiver="447700900164")),  # receipts of text alone
    a_sms("Hello", a_message(receiver="447700900161")),  # refused
    a_sms("Hello", a_message(receiver="447700900167")),  # two receipts
]
SEGMENTS = sum(len(each.segments) for each in SUBMISSIONS)
RECEIPTS = SEGMENTS  # none for the refused one, two for the last


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"enquire_link": "0.05"}, id="one bind"),
        pytest.param({"bind": "pair", "validity": "relative", "reference": "16"}, id="two binds"),
    ],
)
async def test_wireshark_finds_nothing_malformed(options: dict[str, str], tmp_path: Path) -> None:
    taker = Taker()
    settings = SimulatorSettings(mm7_port=0, smpp_port=0, http_port=0, report_after=0.01)
    async with (
        Simulator(settings) as simulator,
        Wiretap(simulator.smpp_port) as tap,
        carrying(tap.port, taker, options=options) as carrier,
    ):
        verdicts = [(await carrier.submit(each)).verdict for each in SUBMISSIONS]
        assert verdicts == [Verdict.ACCEPTED] * 3 + [Verdict.REFUSED, Verdict.ACCEPTED]
        await until(lambda: len(taker.receipts) == RECEIPTS)
        await until(lambda: "enquire_link" not in options or _asked_whether_alive(tap.conversations[0]))
    tap.write_capture(tmp_path / "smpp.pcap", SMPP)
    packets = await _read(tmp_path / "smpp.pcap")
    assert _wrong(packets) == []
    commands = collections.Counter(int(pdu["smpp.command_id"], 16) for pdu in _pdus(packets))
    assert commands[0x00000004] == commands[0x80000004] == SEGMENTS
    assert commands[0x00000005] == commands[0x80000005] == RECEIPTS
    assert {0x06, 0x80000006} <= set(commands)  # the goodbye


async def test_wireshark_would_find_it(tmp_path: Path) -> None:
    """A PDU whose length lies is told: the test above can fail."""
    tap = Wiretap(SMPP)
    whole = b"\0\0\0\x18\0\0\0\x04\0\0\0\0\0\0\0\x01\0\1\1abcde"
    tap.conversations.append(Conversation(40_000, [(True, whole)]))
    tap.write_capture(tmp_path / "smpp.pcap", SMPP)
    assert _wrong(await _read(tmp_path / "smpp.pcap")) != []


def _asked_whether_alive(conversation: Conversation) -> bool:
    return any(by_client and _ENQUIRE_LINK in data for by_client, data in conversation.said)


async def _read(capture: Path) -> list[dict[str, Any]]:
    """The layers of every packet, as tshark understands them."""
    program = shutil.which("tshark")
    if program is None:
        missing("tshark")
    arguments = ("-r", str(capture), "-d", f"tcp.port=={SMPP},smpp", "-T", "json", "--no-duplicate-keys")
    run = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await run.communicate()
    assert run.returncode == 0, error.decode()
    return [packet["_source"]["layers"] for packet in json.loads(out)]


def _pdus(packets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each PDU as it was understood."""
    found = [layers.get("smpp", []) for layers in packets]
    return [pdu for each in found for pdu in (each if isinstance(each, list) else [each])]


def _wrong(packets: list[dict[str, Any]]) -> list[str]:
    """Packets that could not be read, and PDUs with a remark of any kind."""
    unread = [words for words in map(json.dumps, packets) if "_ws.malformed" in words]
    return unread + [words for words in map(json.dumps, _pdus(packets)) if "_ws." in words]
