"""``slidewire send`` against a playground: what the caller and its scripts are told of each fate."""

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.command import Running, running, slidewire
from tests.fakes.raw_server import RawServer, answering, http_answer

from slidewire.demo.example import read_example

REQUEST = """<?xml version="1.0"?>
<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>{to}</TO><FROM>24680</FROM>
<NAME>a</NAME><SUBJECT>b</SUBJECT><SLIDE><TEXT>c</TEXT></SLIDE></REQUEST>"""

M1 = """<request><action>sendMMS</action><api-key>-</api-key><to>12025550143</to><from>24680</from><mood>x</mood>
<name>a</name><message-subject>b</message-subject><slide><message-text>c</message-text></slide></request>"""
J2 = {
    "action": "sendmms",
    "to": "12025550143",
    "from": "24680",
    "mood": "x",
    "name": "a",
    "message-subject": "b",
    "slide": [{"message-text": "c"}],
}


@dataclass(frozen=True)
class Ground:
    """A running playground and its settings, for the commands beside it."""

    running: Running
    settings: Path
    folder: Path

    def request(self, to: str = "12025550143") -> str:
        """A request file of text alone."""
        file = self.folder / "request.xml"
        file.write_text(REQUEST.format(key=read_example().key, to=to))
        return str(file)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One playground for the module: it takes seconds to draw its picture."""
    folder = tmp_path_factory.mktemp("playground")
    with running(folder, "playground", "--free-ports", "--folder", "here") as process:
        process.wait_for("Postbacks, as they come")
        yield Ground(process, folder / "here" / "slidewire.toml", folder)
        process.tell(signal.SIGINT)
        assert process.ended() == 0


def test_follows_a_message_to_the_phone(ground: Ground) -> None:
    ran = slidewire(ground.folder, "send", ground.request(), "--config", str(ground.settings))
    found = re.match(r"accepted: ([0-9a-f]{32}) to 12025550143\n", ran.out)
    assert found is not None
    assert (ran.code, re.findall(r"Z  (\w+)", ran.out)) == (0, ["submitted", "delivered"])
    for code in ("N101", "N102"):
        ground.running.wait_for(rf"postback {code}  Message Sent.*  {found[1]}\n")


def test_a_message_that_is_saved_is_told_by_its_id(ground: Ground) -> None:
    file = ground.folder / "save.xml"
    file.write_text(REQUEST.format(key=read_example().key, to="").replace("sendMMS", "saveMMS"))
    ran = slidewire(ground.folder, "send", str(file), "--config", str(ground.settings))
    found = re.fullmatch("done: MMSID ([0-9]+)\n", ran.out)
    assert found is not None
    assert ran.code == 0
    ground.running.wait_for(rf"postback N003 .*{found[1]}\n")


def test_the_address_and_the_key_can_be_given(ground: Ground) -> None:
    url = ground.running.wait_for(r"the API +(\S+)")[1]
    ran = slidewire(ground.folder, "send", ground.request(), "--url", url, "--key", "nobody")
    assert (ran.code, ran.out.splitlines()[0]) == (1, "refused: E104 User Authentication Failed.")


def test_a_message_that_is_not_delivered_ends_with_1(ground: Ground) -> None:
    request = ground.request(to="12025550102")  # the phone rejects it
    ran = slidewire(ground.folder, "send", request, "--config", str(ground.settings), "--json")
    assert (ran.code, ran.json["accepted"], ran.json["status"]) == (1, True, "rejected")
    assert [event["event"] for event in ran.json["events"]] == ["submitted", "rejected"]


@pytest.mark.parametrize("dialect", ["m1", "j2"])
def test_the_other_dialects_are_known_by_the_look_of_them(ground: Ground, dialect: str) -> None:
    file = ground.folder / f"request-{dialect}"
    file.write_text(M1 if dialect == "m1" else json.dumps(J2))
    config = ("--config", str(ground.settings), "--json")
    ran = slidewire(ground.folder, "send", str(file), "--key", read_example().key, *config)
    assert (ran.code, ran.json["status"], ran.json["to"]) == (0, "delivered", "12025550143")
    assert ran.json["warnings"] == "ignored, for it is not known: mood"
    refused = slidewire(ground.folder, "send", str(file), "--key", "nobody", *config)
    assert (refused.code, refused.json["error_code"], refused.json["words"]) == (
        1,
        "E104",
        "User Authentication Failed.",
    )


def test_json_without_a_key_is_not_posted(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(J2))
    ran = slidewire(tmp_path, "send", str(file))
    assert (ran.code, ran.err.splitlines()[0]) == (2, f"slidewire: {file}: a JSON request holds no key")


def test_the_wait_can_end_before_the_message_does(ground: Ground) -> None:
    request = ground.request(to="12025550105")  # nothing is ever reported
    ran = slidewire(ground.folder, "send", request, "--config", str(ground.settings), "--wait", "2s")
    assert (ran.code, "still submitted after 2 s" in ran.out) == (1, True)


def test_without_a_wait_the_answer_is_all(ground: Ground) -> None:
    ran = slidewire(ground.folder, "send", ground.request(), "--config", str(ground.settings), "--wait", "0s")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)


def test_a_message_of_another_machine_is_not_followed(ground: Ground, tmp_path: Path) -> None:
    url = ground.running.wait_for(r"the API +(\S+)")[1]
    ran = slidewire(tmp_path, "send", ground.request(), "--url", url)
    assert (ran.code, "it is not in this database" in ran.out) == (0, True)


def test_other_commands_find_what_the_playground_did(ground: Ground) -> None:
    accounts = slidewire(ground.folder, "account", "list", "--json", "--config", str(ground.settings)).json
    assert [(each["name"], each["senders"]) for each in accounts] == [("playground", ["24680"])]
    checked = slidewire(ground.folder, "check", "--json", "--config", str(ground.settings))
    assert (checked.code, {each["result"] for each in checked.json}) == (0, {"ok"})


async def test_an_answer_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    file = tmp_path / "request.xml"
    file.write_text(REQUEST.format(key="k", to="1"))
    async with RawServer(answering(http_answer(b"<html>\x1b[2J</html>"))) as server:
        ran = await asyncio.to_thread(slidewire, tmp_path, "send", str(file), "--url", server.url("/x?key=secret"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("slidewire: the answer is none of the API's (HTTP 200)")


async def test_what_an_answer_says_is_made_visible(tmp_path: Path) -> None:
    file = tmp_path / "request.xml"
    file.write_text(REQUEST.format(key="k", to="1"))
    body = b"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E1</ERRORCODE><ERRORINFO>\x1b[2J&#27;</ERRORINFO></RESPONSE>"
    async with RawServer(answering(http_answer(body))) as server:
        ran = await asyncio.to_thread(slidewire, tmp_path, "send", str(file), "--url", server.url("/"))
    assert ran.out.splitlines()[0].startswith("refused: E1 \\x1b[2J")
    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("http://127.0.0.1:1/x?key=secret", "http://127.0.0.1:1/x could not be called", id="nobody there"),
        pytest.param("nonsense", "nonsense could not be called", id="no address"),
    ],
)
def test_an_address_that_does_not_answer_is_told_without_its_query(tmp_path: Path, url: str, words: str) -> None:
    file = tmp_path / "request.xml"
    file.write_text(REQUEST.format(key="k", to="1"))
    ran = slidewire(tmp_path, "send", str(file), "--url", url)
    assert (ran.code, ran.out, "secret" in ran.err) == (1, "", False)
    assert ran.err.startswith(f"slidewire: {words}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "send", "nowhere.xml")
    assert (ran.code, ran.err.splitlines()[0]) == (1, "slidewire: nowhere.xml: there is no such file")


def test_settings_are_json_where_json_is_asked(ground: Ground) -> None:
    ran = slidewire(ground.folder, "send", ground.request(), "--config", str(ground.settings), "--json", "--wait", "0s")
    assert json.loads(ran.out) | {"tracking_id": "", "mms_id": ""} == {
        "accepted": True,
        "tracking_id": "",
        "mms_id": "",
        "to": "12025550143",
        "error_code": "",
        "words": "MMS request accepted and queued for delivery",
        "warnings": "",
    }
