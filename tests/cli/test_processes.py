"""One gateway of several processes: whatever falls is started again, and a restart drops no request."""

import http.client
import json
import os
import signal
import socket
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.cli.command import LIMIT, Running, running, slidewire
from tests.story.house import request

from bench import peers
from slidewire.demo.loopback import free_port

CALLERS = 6


@dataclass
class House:
    """A gateway of several processes, and an MMSC that takes everything."""

    config: Path
    port: int
    key: str
    sink: int
    gateway: Running

    def children(self) -> dict[int, str]:
        """Process id -> role, of those that the supervisor has."""
        found = {}
        for pid in peers.tree(self.gateway.process.pid)[1:]:
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"slidewire.cli.child" in words:
                    found[pid] = json.loads(words[3])["role"]
        return found

    def of_role(self, role: str) -> int:
        return next(pid for pid, each in self.children().items() if each == role)


@dataclass
class Load:
    """Callers that post one message after the other over connections that they keep."""

    house: House
    answers: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.threads = [threading.Thread(target=self._call, args=(number,)) for number in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(LIMIT)

    def _call(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=LIMIT)
        count = 0
        while not self.stopped.is_set():
            count += 1
            text = f"bench {number * 1_000_000 + count:08d}"
            self.answers[ask(connection, self.house.key, text)] += 1
        connection.close()


def ask(connection: http.client.HTTPConnection, key: str, text: str) -> str:
    """Success or the code of a failure; what went wrong on the connection else."""
    try:
        connection.request("POST", "/API/wxml/1.3/", request(f"<SLIDE><TEXT>{text}</TEXT></SLIDE>", API_KEY=key))
        body = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return repr(error)
    return "Success" if "<STATUS>Success" in body else body.partition("<ERRORCODE>")[2][:4]


def until(condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < ends, f"waited for {what}"
        time.sleep(0.02)


@contextmanager
def house(folder: Path, database: str, *words: str) -> Iterator[House]:
    (folder / "unused.jpg").write_bytes(b"")
    with peers.running(["bench.sink", "--image", str(folder / "unused.jpg")], folder / "sink.log") as (_, sink):
        port = free_port()
        config = peers.write_config(peers.Plan(folder, sink, database=database), port)
        config.write_text(config.read_text().replace('log_level = "warning"', 'log_level = "info"'))
        key = slidewire(folder, "account", "add", "acme", "--sender", "24680").json["key"]
        with running(folder, "serve", *(words or ("--processes", "2"))) as gateway:
            peers.wait_ready(port, LIMIT)
            yield House(config, port, key, sink, gateway)


def test_a_restart_under_load_drops_no_request(database_url: str, tmp_path: Path) -> None:
    with house(tmp_path, database_url) as here:
        first, load = here.children(), Load(here)
        assert sorted(first.values()) == ["api", "worker"]
        load.start()
        until(lambda: load.answers["Success"] > 20, "some messages")
        here.gateway.tell(signal.SIGHUP)
        here.gateway.wait_for("every process is replaced")
        before = load.answers["Success"]
        until(lambda: load.answers["Success"] > before + 20, "some more messages")
        load.stop()
        assert set(load.answers) == {"Success"}
        until(lambda: not first.keys() & here.children().keys(), "the first processes to end")
        until(lambda: peers.tally(here.sink)["distinct"] == load.answers["Success"], "every message at the MMSC")
        assert peers.tally(here.sink)["doubles"] == 0
        here.gateway.tell(signal.SIGTERM)
        assert here.gateway.ended() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_is_killed_is_started_again(database_url: str, tmp_path: Path) -> None:
    with house(tmp_path, database_url) as here:
        until(lambda: len(here.children()) == 2, "both")
        connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=LIMIT)
        for number, role in enumerate(("worker", "api"), start=1):
            killed = here.of_role(role)
            os.kill(killed, signal.SIGKILL)
            until(lambda killed=killed: killed not in here.children(), "its end")  # type: ignore[misc]  # a default
            until(lambda: len(here.children()) == 2, "another")
            assert ask(connection, here.key, f"bench {number:08d}") == "Success"
            connection.close()
        until(lambda: peers.tally(here.sink)["distinct"] == 2, "both messages at the MMSC")
        fell = [event for event in here.gateway.events() if event["event"] == "a process fell"]
        assert [(event["role"], event["code"]) for event in fell] == [("worker", -9), ("api", -9)]


def figures(here: House) -> dict[tuple[str, ...], float]:
    """What /metrics tells: (name, values of its labels) -> value."""
    address = tomllib.loads(here.config.read_text())["admin_listen"]
    with closing(http.client.HTTPConnection(address, timeout=LIMIT)) as connection:
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
    families = text_string_to_metric_families(page)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_figures_are_those_of_all_processes_and_outlive_each(database_url: str, tmp_path: Path) -> None:
    with house(tmp_path, database_url) as here:
        until(lambda: len(here.children()) == 2, "both")
        began = figures(here)["slidewire_start_time_seconds",]
        connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=LIMIT)
        for number, killed in enumerate(("api", ""), start=1):
            until(lambda: len(here.children()) == 2, "both")
            assert ask(connection, here.key, f"bench {number:08d}") == "Success"
            connection.close()
            expected = {
                ("slidewire_requests_total", "sendmms", "w13", "Success"): number,  # counted in one process
                ("slidewire_submissions_total", "sink", "MMS", "accepted"): number,  # and in the other
                ("slidewire_processes",): 2,
                ("slidewire_start_time_seconds",): began,
                ("slidewire_uncounted_total",): 0,
            }
            until(lambda told=expected: figures(here).items() >= told.items(), f"{number} of each")  # type: ignore[misc]  # a default
            if killed:
                pid = here.of_role(killed)
                os.kill(pid, signal.SIGKILL)
                until(lambda pid=pid: pid not in here.children(), "its end")  # type: ignore[misc]  # a default


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_settings_are_read_anew_and_bad_ones_change_nothing(database_url: str, tmp_path: Path) -> None:
    with house(tmp_path, database_url, "--role", "api", "--processes", "1") as here:
        words = here.config.read_text()
        here.config.write_text(f"nonsense = 1\n{words}")
        here.gateway.tell(signal.SIGHUP)
        here.gateway.wait_for("everything stays as it is")
        here.config.write_text(f"{words}\n[limits]\ntext = 3\n")
        here.gateway.tell(signal.SIGHUP)
        here.gateway.wait_for("every process is replaced")

        def answer() -> str:  # of a connection of its own: an old one may still be answered by whoever leaves
            with closing(http.client.HTTPConnection("127.0.0.1", here.port, timeout=LIMIT)) as connection:
                return ask(connection, here.key, "longer")

        until(lambda: answer() == "E334", "the new limit")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_end_of_the_supervisor_ends_everybody(database_url: str, tmp_path: Path) -> None:
    with house(tmp_path, database_url) as here:
        until(lambda: len(here.children()) == 2, "both")
        left = list(here.children())
        here.gateway.tell(signal.SIGKILL)
        here.gateway.process.wait(LIMIT)
        until(lambda: not any(_lives(pid) for pid in left), "the children to end")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_stopping_takes_no_longer_than_its_limit(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        routes = f'[{{"name": "a", "kind": "mm7", "url": "http://127.0.0.1:{silent.getsockname()[1]}/mm7"}}]'
        environment = {
            "SLIDEWIRE_ROUTES": routes,
            "SLIDEWIRE_STOP_LIMIT": "1s",
            "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0",
        }
        port = free_port()
        environment["SLIDEWIRE_LISTEN"] = f"127.0.0.1:{port}"
        with running(tmp_path, "serve", "--processes", "2", **environment) as gateway:
            peers.wait_ready(port, LIMIT)
            key = slidewire(tmp_path, "account", "add", "acme", "--sender", "24680").json["key"]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
            assert ask(connection, key, "waits for its answer") == "Success"
            connection.close()
            taken, _ = silent.accept()
            with taken:
                assert taken.recv(1)  # it is on the wire, and nobody will answer
                gateway.tell(signal.SIGTERM)
                assert gateway.ended() == 0
    assert "ended where it stands" in "".join(gateway.err) or "is ended" in "".join(gateway.err)


def test_what_cannot_start_ends_with_its_own_words(tmp_path: Path) -> None:
    environment = {
        "SLIDEWIRE_LISTEN": "127.0.0.1:0",
        "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0",
        "SLIDEWIRE_DATABASE": "postgresql://nobody@127.0.0.1:1/x",
        "SLIDEWIRE_DATABASE_WAIT": "0s",
    }
    with running(tmp_path, "serve", "--processes", "2", **environment) as gateway:
        assert gateway.ended() == 1
    assert "slidewire: the database cannot be reached" in "".join(gateway.err)
