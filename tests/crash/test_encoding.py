"""A gateway killed while it encodes a saved message: the next one ends the work, and its customer is told once."""

import asyncio
import re
import signal
import subprocess
import urllib.request
from pathlib import Path

from bench.peers import Plan, add_account, start_gateway, wait_ready, write_config
from tests.content import clips
from tests.fakes.catcher import Catcher
from tests.fakes.origin import Origin, Page
from tests.story.house import until

from slidewire.demo.loopback import free_port


def _post(port: int, key: str, inside: str) -> str:
    body = f"<REQUEST><API_KEY>{key}</API_KEY>{inside}</REQUEST>".encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/API/wxml/1.3/", body, timeout=60) as answer:
        return str(answer.read().decode())


def _start(config: Path, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    process = start_gateway(config, folder / "gateway.log")
    wait_ready(port)
    return process


async def test_what_was_answered_is_encoded_after_the_next_start(tmp_path: Path) -> None:
    film = clips.flashes(tmp_path / "film.mp4", 20)
    port = free_port()
    config = write_config(Plan(tmp_path, free_port()), port)
    async with Origin() as origin, Catcher() as customer:
        key = await asyncio.to_thread(add_account, config, customer.url)
        address = origin.page("/film.mp4", Page(film.read_bytes(), content_type="video/mp4"))

        async def ask(inside: str) -> str:
            return await asyncio.to_thread(_post, port, key, inside)

        async def under_way() -> bool:
            return re.search("<MMSSTATUS>encoding [1-9]", await ask("<ACTION>getMMSTemplates</ACTION>")) is not None

        async def told() -> bool:
            return bool(customer.posts)

        gateway = await asyncio.to_thread(_start, config, port, tmp_path)
        try:
            slide = f"<SLIDE><VIDEO><URL>{address}</URL></VIDEO></SLIDE>"
            answer = await ask(f"<ACTION>saveMMS</ACTION><NAME>n</NAME><SUBJECT>s</SUBJECT>{slide}")
            found = re.search("<MMSID>([0-9]+)</MMSID>", answer)
            assert found, answer
            await until(under_way, 60, "an encoding under way")
            gateway.send_signal(signal.SIGKILL)
            gateway.wait()
            gateway = await asyncio.to_thread(_start, config, port, tmp_path)
            await until(told, 120, "the end of the encoding")
        finally:
            gateway.send_signal(signal.SIGTERM)
            await asyncio.to_thread(gateway.wait)
    assert [post.fields for post in customer.posts] == [{"ORIGIN": "MMS_MT", "CODE": "N003", "MMSID": found[1]}]
