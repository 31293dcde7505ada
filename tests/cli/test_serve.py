"""A gateway as a process: where it listens, accounts made beside it, how it stops."""

import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.cli.command import Running, running, slidewire

FREE = {"SLIDEWIRE_LISTEN": "127.0.0.1:0", "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0"}
REQUEST = """<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>12025550143</TO><FROM>24680</FROM>
<NAME>a</NAME><SUBJECT>b</SUBJECT><SLIDE><TEXT>c</TEXT></SLIDE></REQUEST>"""


def api_of(gateway: Running) -> str:
    """Where it says that it listens."""
    return gateway.wait_for(r'"api": "(http://127\.0\.0\.1:\d+)"')[1]


def send(api: str, key: str) -> str:
    """STATUS, or ERRORCODE of a refusal."""
    url = f"{api}/API/wxml/1.3/"
    with closing(urllib.request.urlopen(url, REQUEST.format(key=key).encode(), timeout=30)) as answer:
        said = answer.read().decode()
    found = re.search("<ERRORCODE>(.*?)</ERRORCODE>", said) or re.search("<STATUS>(.*?)</STATUS>", said)
    assert found is not None, said
    return found[1]


@contextmanager
def silent_mmsc() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mm7"


def test_an_account_made_beside_a_gateway_may_send_at_once(tmp_path: Path) -> None:
    with running(tmp_path, "serve", **FREE) as gateway:
        api = api_of(gateway)
        assert send(api, "nobody") == "E104"
        made = slidewire(tmp_path, "account", "add", "acme", "--sender", "24680").json
        assert send(api, made["key"]) == "E619"  # it is known; there is no route
        slidewire(tmp_path, "account", "disable", "acme")
        gateway.tell(signal.SIGTERM)
        assert gateway.ended() == 0
    assert [event["event"] for event in gateway.events()] == ["listening", "stopping", "stopped"]
    assert gateway.out == []


def test_a_second_signal_ends_it_where_it_stands(tmp_path: Path) -> None:
    with silent_mmsc() as url:
        routes = f'[{{"name": "a", "kind": "mm7", "url": "{url}"}}]'
        with running(tmp_path, "serve", SLIDEWIRE_ROUTES=routes, **FREE) as gateway:
            made = slidewire(tmp_path, "account", "add", "acme", "--sender", "24680").json
            assert send(api_of(gateway), made["key"]) == "Success"
            gateway.tell(signal.SIGINT)
            gateway.wait_for('"stopping"')
            gateway.tell(signal.SIGTERM)
            assert gateway.ended() == 130


def test_a_port_that_is_taken_is_told_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        ran = slidewire(tmp_path, "serve", **{**FREE, "SLIDEWIRE_ADMIN_LISTEN": address})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        f"slidewire: admin_listen = '{address}': Address already in use",
        "  Stop what uses it (`ss -ltnp` shows it), or set another port.",
    ]


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        pytest.param(
            {"SLIDEWIRE_LISTEN": "8080"}, 2, "listen = '8080': write it as 127.0.0.1:8080", id="no address to listen on"
        ),
        pytest.param(
            {"SLIDEWIRE_FREE_SPACE": "much"}, 2, "free_space: 'much' is no size", id="a size that cannot be read"
        ),
        pytest.param(
            {"SLIDEWIRE_DATABASE": "nonsense"}, 1, "database: write it as sqlite:///", id="a database that is none"
        ),
        pytest.param(
            {"SLIDEWIRE_DATABASE": "postgresql://nobody@127.0.0.1:1/x", "SLIDEWIRE_DATABASE_WAIT": "0s"},
            1,
            "the database cannot be reached",
            id="a server that is not there",
        ),
        pytest.param(
            {"SLIDEWIRE_ROUTES": '[{"name": "a", "kind": "pigeon"}]'}, 2, "routes.a: kind = 'pigeon'", id="a bad route"
        ),
        pytest.param(
            {"SLIDEWIRE_ROUTES": '[{"name": "a/b", "kind": "mm7", "url": "http://a/"}]'},
            2,
            "routes: name = 'a/b' is no part of an address",
            id="a route whose receipts could not come",
        ),
        pytest.param(
            {"SLIDEWIRE_ROUTES": '[{"name": "postback", "kind": "mm7", "url": "http://a/"}]'},
            2,
            "routes: name = 'postback' is what exchanges with customers are called",
            id="a route that owners would take for their own address",
        ),
        pytest.param(
            {"SLIDEWIRE_ROUTES": '[{"name": "a", "kind": "mm7", "url": "http://a/", "rise_every": "0s"}]'},
            2,
            "routes.a.rise_every = '0s': it is longer than nothing",
            id="a step in no time",
        ),
        pytest.param({"SLIDEWIRE_FETCH_TOTAL": "soon"}, 2, "fetch.total: 'soon' is no time", id="a time that is none"),
        pytest.param(
            {"SLIDEWIRE_POSTBACKS_ALLOW_PRIVATE": "home"},
            2,
            "postbacks.allow_private: 'home' is not network",
            id="a network that is none",
        ),
        pytest.param(
            {
                "SLIDEWIRE_ROUTES": '[{"name": "a", "kind": "mm7", "url": "http://a/", "report_username": "u"}]',
            },
            2,
            "routes.a: route a: report_username needs a report_password",
            id="a route that nobody could report to",
        ),
    ],
)
def test_what_cannot_start_says_why(tmp_path: Path, environment: dict[str, str], code: int, words: str) -> None:
    ran = slidewire(tmp_path, "serve", **(FREE | environment))
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"slidewire: {words}")


def test_the_simulator_says_where_it_listens_and_stops(tmp_path: Path) -> None:
    with running(tmp_path, "simulator", "--mm7-port", "0", "--http-port", "0", "--vasp-id", "gw") as simulator:
        handset = simulator.wait_for(r'"handset": "(http://127\.0\.0\.1:\d+)"')[1]
        with closing(urllib.request.urlopen(f"{handset}/api/messages", timeout=30)) as answer:
            assert answer.read() == b"[]"
        simulator.tell(signal.SIGTERM)
        assert simulator.ended() == 0
