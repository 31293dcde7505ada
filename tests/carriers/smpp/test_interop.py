"""Spoken with others' code: smpp34's server and client, aiosmpplib's codec, Kannel's drive_smpp.

The libraries are no dependencies of ours. A peer that is not there is skipped with the reason; where the dev group
names it, its absence fails in CI. drive_smpp is looked for at DRIVE_SMPP, then where Debian puts it.
"""

import asyncio
import importlib
import os
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.carriers.build import a_message
from tests.carriers.smpp.build import a_delivery, a_sms
from tests.carriers.smpp.world import Taker, carrying, until
from tests.programs import missing

from slidewire.carriers.base import ReceiptStatus, Verdict
from slidewire.carriers.smpp.options import Options
from slidewire.carriers.smpp.pdu import (
    Address,
    Command,
    ShortMessage,
    Tag,
    read_message,
    write,
    write_message,
    write_message_id,
)
from slidewire.carriers.smpp.receipts import Told, read_receipt
from slidewire.carriers.smpp.submit import message_of
from slidewire.demo.loopback import free_port
from slidewire.simulator.app import Simulator, SimulatorSettings

ROOT = Path(__file__).parents[3]
DRIVE_SMPP = Path(os.environ.get("DRIVE_SMPP", "/usr/lib/kannel/test/drive_smpp"))
LONG = "Wir sehen uns unter der großen Uhr: {heute} um acht. " * 6


def peer(name: str) -> Any:
    """The library, or a skip that says why."""
    try:
        return importlib.import_module(name)
    except ImportError:
        groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
        if os.environ.get("CI") == "true" and any(line.startswith(name) for line in groups):
            pytest.fail(f"{name} is in the dev group and not installed")
        pytest.skip(f"{name} is not installed: an independent peer, no dependency of ours")


@dataclass
class Other:
    """smpp34's server, which takes everything but what ``reject`` says, and keeps it."""

    library: Any
    port: int
    reject: int = 0
    taken: list[Any] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)

    async def serve(self, server: Any) -> None:
        while True:
            event = await server.next()
            if isinstance(event, self.library.Esme):
                self.sessions.append(event)
            elif isinstance(event, self.library.SubmitSmEvent):
                if self.reject:
                    event.reject(self.reject)
                    continue
                self.taken.append(event)
                event.accept(f"other-{len(self.taken)}")


@asynccontextmanager
async def smpp34_server() -> AsyncIterator[Other]:
    library = peer("smpp34")
    other = Other(library, free_port())
    server = library.Server("127.0.0.1", other.port, system_id="other")
    await server.start()
    serving = asyncio.create_task(other.serve(server))
    try:
        yield other
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await server.stop()


async def test_smpp34s_server_takes_our_segments_and_its_receipts_reach_us() -> None:
    taker = Taker()
    async with smpp34_server() as other, carrying(other.port, taker, options={"enquire_link": "0.05"}) as carrier:
        outcome = await carrier.submit(a_sms(LONG))
        assert outcome.verdict is Verdict.ACCEPTED
        assert {each.carrier_ref for each in outcome.segments} == {"other-1", "other-2", "other-3"}
        sent = [(event.esm_class, event.short_message[:6].hex(), event.source_addr_ton) for event in other.taken]
        assert sorted(sent) == [(0x40, f"05000307030{number}", 3) for number in (1, 2, 3)]  # it tells them in no order
        answer = await other.sessions[0].deliver_sm(
            "28444",
            b"id:other-1 sub:001 dlvrd:001 submit date:2603040506 done date:2603040507 stat:DELIVRD err:000 text:",
            source_addr="447700900123",
            esm_class=0x04,
        )
        assert answer.is_success
        assert [(receipt.carrier_ref, receipt.status) for receipt in taker.receipts] == [
            ("other-1", ReceiptStatus.DELIVERED)
        ]
        await asyncio.sleep(0.2)  # some enquire_links go to and fro
        assert carrier.bound


async def test_smpp34s_server_throttles_us() -> None:
    async with smpp34_server() as other, carrying(other.port) as carrier:
        other.reject = other.library.ESME_RTHROTTLED
        assert (await carrier.submit(a_sms())).verdict is Verdict.THROTTLED


async def test_smpp34_reads_every_field_that_we_write() -> None:
    library = peer("smpp34")
    message = message_of(a_message(mask="Acme"), a_sms(LONG).segments[1], Options(), 0)
    read = library.decode(write(Command.SUBMIT_SM, 77, write_message(message)))
    assert read.sequence_number == 77
    assert (
        ShortMessage(
            source=Address(read.source_addr_ton, read.source_addr_npi, read.source_addr),
            destination=Address(read.dest_addr_ton, read.dest_addr_npi, read.destination_addr),
            short_message=read.short_message,
            esm_class=read.esm_class,
            data_coding=read.data_coding,
            registered_delivery=read.registered_delivery,
            validity_period=read.validity_period,
        )
        == message
    )


async def test_we_read_what_smpp34_writes() -> None:
    library = peer("smpp34")
    tlvs = [library.Tlv(Tag.RECEIPTED_MESSAGE_ID, b"aF17\0"), library.Tlv(Tag.MESSAGE_STATE, b"\x02")]
    written = library.DeliverSm("447700900123", "28444", b"", esm_class=0x04, tlvs=tlvs).encode()
    assert read_receipt(read_message(written[16:])) == Told("aF17", "DELIVRD")


async def test_smpp34s_client_is_served_by_the_simulator() -> None:
    library = peer("smpp34")
    settings = SimulatorSettings(mm7_port=0, smpp_port=0, http_port=0, report_after=0.01)
    async with Simulator(settings) as simulator:
        client = library.Client("127.0.0.1", simulator.smpp_port, "gw", "secret", bind_type="TRX")
        session = await client.connect()
        answer = await session.submit_sm(
            "447700900123", b"Hello", source_addr="28444", dest_addr_ton=1, dest_addr_npi=1, registered_delivery=1
        )
        assert answer.is_success
        receipt = await asyncio.wait_for(session.next(), 5)
        assert f"id:{answer.message_id} ".encode() in receipt.short_message
        await client.stop()
        assert [text.text for text in simulator.texts] == ["Hello"]


def aiosmpplib_read(kind: str, pdu: bytes) -> Any:
    protocol = importlib.import_module("aiosmpplib.protocol")
    header = protocol.SmppMessage.parse_header(pdu[:16])
    return getattr(protocol, kind).from_pdu(pdu, header, "gsm0338")


@pytest.mark.parametrize("text", ["Grüße {you} €5", "Как дела?"], ids=["GSM", "UCS-2"])
def test_aiosmpplib_reads_the_texts_that_we_write(text: str) -> None:
    peer("aiosmpplib")
    message = message_of(a_message(), a_sms(text).segments[0], Options(), 0)
    read = aiosmpplib_read("SubmitSm", write(Command.SUBMIT_SM, 5, write_message(message)))
    assert (read.short_message, read.source.number, read.destination.number) == (text, "28444", "447700900123")
    assert (read.registered_delivery, read.sequence_num) == (1, 5)


def test_aiosmpplib_reads_the_ids_that_we_write() -> None:
    peer("aiosmpplib")
    pdu = write(Command.SUBMIT_SM | 0x80000000, 5, write_message_id("aF17"))
    assert aiosmpplib_read("SubmitSmResp", pdu).message_id == "aF17"


def test_aiosmpplib_and_we_read_a_receipt_alike() -> None:
    peer("aiosmpplib")
    words = b"id:aF17 sub:001 dlvrd:001 submit date:2603040506 done date:2603040507 stat:DELIVRD err:000 text:x"
    body = write_message(a_delivery(words))
    theirs = aiosmpplib_read("DeliverSm", write(Command.DELIVER_SM, 5, body)).parse_receipt()
    ours = read_receipt(read_message(body))
    assert ours is not None
    assert (ours.id, ours.word) == (theirs["id"], theirs["stat"])


async def test_kannels_drive_smpp_takes_our_segments(tmp_path: Path) -> None:
    if not DRIVE_SMPP.exists():
        missing(f"{DRIVE_SMPP} of Debian's kannel-extras")
    bearerbox = await asyncio.start_server(_reading, "127.0.0.1", 0)  # it ends when nobody is there
    its_port = bearerbox.sockets[0].getsockname()[1]
    config = tmp_path / "drive.conf"
    config.write_text(
        f"group = core\nadmin-port = 13000\nsmsbox-port = {its_port}\nadmin-password = bar\n"
        f'log-file = "{tmp_path}/core.log"\nbox-deny-ip = "*.*.*.*"\nbox-allow-ip = "127.0.0.1"\n'
    )
    log, port = tmp_path / "drive.log", free_port()
    with log.open("wb") as out:
        arguments = ("-p", str(port), "-m", "40", "-c", str(config))
        process = await asyncio.create_subprocess_exec(str(DRIVE_SMPP), *arguments, stdout=out, stderr=out)
    try:
        options = {"bind": "pair", "system_type": "VMA"}  # it knows no bind_transceiver
        async with carrying(port, options=options, window=50) as carrier:
            outcomes = await asyncio.gather(*(carrier.submit(a_sms(f"Number {at}")) for at in range(100)))
            await until(lambda: log.read_text().count("type deliver_sm_resp") >= 40)
        assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
        assert log.read_text().count("Handling SMPP PDU of type submit_sm\n") == 100
        assert "Unhandled" not in log.read_text()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        bearerbox.close()


async def _reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass
    writer.close()
