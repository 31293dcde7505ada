"""``slidewire operator ...``, and what ``check`` says of the lookup."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import Ran, slidewire
from tests.fakes.raw_server import RawServer, answering, http_answer

SETTINGS = """
[[operators]]
id = "31003"
mms = false

[[operators]]
id = "o2-de"
name = "O2"
country = "DE"
networks = ["26203"]
"""
LOOKUP = """
[lookup]
prefixes = "prefixes.csv"
default = "31003"

[lookup.http]
url = "{url}/{{number}}"
network = "network"
allow_private = ["127.0.0.0/8"]
"""
PREFIXES = "prefix,operator\n1202,0001570\n49,o2-de\n"


def written(folder: Path, text: str, prefixes: str = PREFIXES) -> Path:
    (folder / "slidewire.toml").write_text(text)
    (folder / "prefixes.csv").write_text(prefixes)
    return folder


def test_lists_our_operators_before_those_that_are_shipped(tmp_path: Path) -> None:
    listed = slidewire(written(tmp_path, SETTINGS), "operator", "list", "--json").json
    first = {name: listed[0][name] for name in ("id", "aliases", "name", "country", "mms")}
    assert first == {"id": "31003", "aliases": ["0001890"], "name": "Verizon", "country": "US", "mms": False}
    assert "311480" in listed[0]["networks"]
    german = {"id": "o2-de", "aliases": [], "name": "O2", "country": "DE", "mms": True, "networks": ["26203"]}
    assert listed[1] == german
    only = slidewire(tmp_path, "operator", "list", "--country", "de")
    assert only.out.splitlines() == [
        "ID     ALIASES  NAME  COUNTRY  MMS  NETWORKS",
        "o2-de           O2    DE       yes  26203",
    ]


def test_shows_what_an_operators_phones_are_sent(tmp_path: Path) -> None:
    ours = """
[[operators]]
id = "31003"
image_formats = ["png", "jpeg"]
mms_bytes = { short-code = 900_000 }
"""
    shown = slidewire(written(tmp_path, ours), "operator", "show", "0001890", "--json").json
    assert (shown["id"], shown["name"], shown["mms"]) == ("31003", "Verizon", True)
    rest = {"width": 2592, "height": 1944, "formats": ["jpeg", "png"], "vcard": "text/vcard"}
    assert shown["budgets"] == [
        {"sender": "short-code", "bytes": 900_000, "said_by": "operator 31003, short code"} | rest,
        {"sender": "long-code", "bytes": 1_000_000, "said_by": "operator Verizon"} | rest,
        {"sender": "toll-free", "bytes": 600_000, "said_by": "operator Verizon, toll-free"} | rest,
        {"sender": "alphanumeric", "bytes": 1_000_000, "said_by": "operator Verizon"} | rest,
    ]
    table = slidewire(tmp_path, "operator", "show", "31003").out
    assert "short-code    900000   2592   1944    jpeg png  text/vcard  operator 31003, short code" in table
    unknown = slidewire(tmp_path, "operator", "show", "4711")
    assert (unknown.code, unknown.out, "no operator is called 4711" in unknown.err) == (1, "", True)


async def looked_up(folder: Path, answer: bytes, number: str) -> Ran:
    async with RawServer(answering(answer)) as server:
        written(folder, SETTINGS + LOOKUP.format(url=server.url("").rstrip("/")))
        return await asyncio.to_thread(slidewire, folder, "operator", "lookup", number, "--json")


async def test_shows_what_each_link_says(tmp_path: Path) -> None:
    answer = http_answer(b'{"network": "26203"}')
    ran = await looked_up(tmp_path, answer, "+12025550123")

    def row(link: str, operator: str = "", network: str = "", name: str = "", says: str = "") -> dict[str, Any]:
        return {
            "link": link,
            "operator": operator,
            "network": network,
            "name": name,
            "line_type": "",
            "says": says,
        }

    assert ran.json == [
        row("cache", says="nothing kept"),
        row("prefixes", "31004", name="T-Mobile"),
        row("provider", "o2-de", "26203", "O2"),
        row("default", "31003", name="Verizon"),
    ]
    broken = await looked_up(tmp_path, http_answer(b"", "404 Not Found"), "33140000000")
    assert [each["says"] for each in broken.json][1:3] == ["no prefix", "knows nothing of the number"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        pytest.param("0012025550123", "not with 00", id="no international form"),
        pytest.param("12025550123", "there is no [lookup] in the settings", id="nothing is set up"),
    ],
)
def test_what_cannot_be_looked_up_is_told(tmp_path: Path, number: str, told: str) -> None:
    ran = slidewire(tmp_path, "operator", "lookup", number)
    assert ran.code != 0
    assert told in ran.err


@pytest.mark.parametrize(
    ("text", "prefixes", "told"),
    [
        pytest.param(
            '[lookup]\nprefixes = "prefixes.csv"',
            "prefix,operator\n\n12a,31004\n",
            "lookup.prefixes: prefixes.csv: line 3: '12a' is no prefix",
            id="a line of the file",
        ),
        pytest.param(
            '[lookup]\nprefixes = "none.csv"', "", "lookup.prefixes: none.csv: No such file or directory", id="no file"
        ),
        pytest.param('[lookup]\ndefault = "nobody"', "", "lookup.default = 'nobody': no operator", id="no operator"),
        pytest.param('[lookup]\ncache = "long"', "", "lookup.cache: 'long' is no time", id="no time"),
        pytest.param(
            '[lookup.http]\nnetwork = "n"', "", "lookup.http: Object missing required field `url`", id="no url"
        ),
        pytest.param(
            '[lookup.http]\nurl = "https://a.example.net/"\nnetwork = "n"',
            "",
            "lookup.http: neither url nor body has {number} in it",
            id="no number",
        ),
        pytest.param(
            '[lookup.http]\nurl = "https://a.example.net/{number}"\nnetwork = "n"\nallow_private = ["home"]',
            "",
            "lookup.http.allow_private: ",
            id="no network",
        ),
        pytest.param(
            '[[operators]]\nid = "a"\nnetworks = ["31003"]\n[[operators]]\nid = "b"\nnetworks = ["31003"]',
            "",
            "operators: network 31003 belongs to two operators: 'a' and 'b'",
            id="a network of two",
        ),
    ],
)
def test_a_mistake_stops_the_start_and_is_told(tmp_path: Path, text: str, prefixes: str, told: str) -> None:
    ran = slidewire(written(tmp_path, text, prefixes), "serve")
    assert ran.code == 2
    assert told in ran.err


async def test_check_reads_the_file_and_tries_the_provider(tmp_path: Path) -> None:
    async with RawServer(answering(http_answer(b""))) as server:
        written(tmp_path, SETTINGS + LOOKUP.format(url=server.url("").rstrip("/")))
        ran = await asyncio.to_thread(slidewire, tmp_path, "check", "--json")
        told = {each["name"]: (each["result"], each["words"]) for each in ran.json if "lookup" in each["name"]}
        assert told == {
            "lookup prefixes": ("ok", "2 prefixes"),
            "lookup provider": ("ok", f"127.0.0.1, port {server.port}, takes connections"),
        }
        assert server.requests == []
        environment = {"SLIDEWIRE_LOOKUP_HTTP_ALLOW_PRIVATE": ""}
        ran = await asyncio.to_thread(slidewire, tmp_path, "check", "--json", **environment)
        [refused] = [each for each in ran.json if each["name"] == "lookup provider"]
        assert refused["result"] == "failed"
        assert "allow_private" in refused["words"]


def test_check_warns_of_a_lookup_that_often_cannot_tell(tmp_path: Path) -> None:
    ran = slidewire(written(tmp_path, '[lookup]\nprefixes = "prefixes.csv"', "prefix,operator\n"), "check", "--json")
    assert json.dumps("warning") in json.dumps([e["result"] for e in ran.json if e["name"] == "lookup"])
