"""``slidewire check``: each thing that a gateway needs, tried, with its result."""

import asyncio
import json
import socket
from pathlib import Path

import pytest
from tests.cli.command import Ran, slidewire
from tests.content import clips
from tests.fakes.bucket import NAME, a_bucket
from tests.fakes.raw_server import RawServer, answering, http_answer


def grades(ran: Ran) -> dict[str, str]:
    """What was tried -> how it ended, of those that have a name of their own."""
    return {each["name"]: each["result"] for each in ran.json}


def words(ran: Ran, name: str) -> list[str]:
    return [each["words"] for each in ran.json if each["name"] == name]


def routes(*urls: str, smsc: int = 0) -> str:
    mm7 = [{"name": f"r{n}", "kind": "mm7", "url": url} for n, url in enumerate(urls)]
    smpp = {"name": "sms", "kind": "smpp", "host": "127.0.0.1", "port": smsc, "system_id": "s"}
    return json.dumps([*mm7, smpp] if smsc else mm7)


def test_a_new_folder_lacks_a_route_and_a_migration_only(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "check", "--json")
    assert (ran.code, grades(ran)) == (
        0,
        {"settings": "ok", "database": "warning", "content": "ok", "ffmpeg": "ok", "routes": "warning"},
    )
    slidewire(tmp_path, "migrate")
    assert grades(slidewire(tmp_path, "check", "--json"))["database"] == "ok"


def test_tells_each_result_on_a_line(tmp_path: Path) -> None:
    slidewire(tmp_path, "migrate")
    ran = slidewire(tmp_path, "check")
    assert [line.split(":")[0] for line in ran.out.splitlines()] == [
        "ok       settings",
        "ok       database",
        "ok       content",
        "ok       ffmpeg",
        "warning  routes",
    ]


def test_tells_which_ffmpeg_is_used_and_what_it_makes(tmp_path: Path) -> None:
    [told] = words(slidewire(tmp_path, "check", "--json", SLIDEWIRE_MEDIA_FFMPEG=clips.ffmpeg()), "ffmpeg")
    assert told.startswith(f"{clips.ffmpeg()} ")
    assert told.endswith(" opens no playlist and makes 3gp, aac, amr, m4a, mp3, mp4")


def test_an_ffmpeg_that_opens_anything_fails_the_check(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "check", "--json", SLIDEWIRE_MEDIA_FFMPEG="true")
    assert (ran.code, grades(ran)["ffmpeg"]) == (1, "failed")
    assert "opened a file that a playlist" in words(ran, "ffmpeg")[0]


async def test_tries_every_route(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}/mm7"
    async with RawServer(answering(http_answer(b""))) as server:
        urls = (server.url("/mm7"), closed, server.url("/mm7").replace("http", "https"))
        environment = {"SLIDEWIRE_ROUTES": routes(*urls, smsc=server.port)}
        ran = await asyncio.to_thread(slidewire, tmp_path, "check", "--json", **environment)
    assert ran.code == 1
    found = grades(ran)
    assert [found[f"route {name}"] for name in ("r0", "r1", "r2", "sms")] == ["ok", "failed", "failed", "ok"]
    assert "Connect" in words(ran, "route r1")[0]


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        pytest.param("settings", {"SLIDEWIRE_FETCH_CONNECT": "soon"}, id="settings that a gateway would refuse"),
        pytest.param("content", {"SLIDEWIRE_FREE_SPACE": "900000GB"}, id="too little free space"),
        pytest.param("content", {"SLIDEWIRE_CONTENT": "file:/proc/none"}, id="a folder that takes no files"),
        pytest.param("database", {"SLIDEWIRE_DATABASE": "sqlite:////proc/none/x.db"}, id="no place for a database"),
        pytest.param(
            "database", {"SLIDEWIRE_DATABASE": "postgresql://u@127.0.0.1:1/x"}, id="a database that is not there"
        ),
    ],
)
def test_what_fails_ends_with_1(tmp_path: Path, name: str, environment: dict[str, str]) -> None:
    ran = slidewire(tmp_path, "check", "--json", **environment)
    assert (ran.code, grades(ran)[name]) == (1, "failed")


@pytest.mark.postgres
def test_warns_when_no_standby_would_have_what_was_answered(tmp_path: Path, shared_postgres_url: str) -> None:
    ran = slidewire(tmp_path, "check", "--json", SLIDEWIRE_DATABASE=shared_postgres_url)
    found = words(ran, "database")
    assert ran.code == 0
    assert found[0] == "reached, written, in its newest form"
    assert [each for each in found if "synchronous standby" in each] != []


def test_a_bucket_is_tried_and_one_that_is_away_fails_the_check(tmp_path: Path) -> None:
    with a_bucket() as bucket:
        given = {f"SLIDEWIRE_S3_{name.upper()}": value for name, value in bucket.settings.items()}
        given |= {"SLIDEWIRE_CONTENT": f"s3://{NAME}/x", "SLIDEWIRE_S3_TIMEOUT": "1s"}
        assert words(slidewire(tmp_path, "check", "--json", **given), "bucket") == [
            f"{NAME} takes, gives and deletes; copies in content"
        ]
        bucket.stop()
        ran = slidewire(tmp_path, "check", "--json", **given)
        assert (ran.code, grades(ran)["bucket"]) == (1, "failed")


def test_a_bucket_with_an_impossible_name_is_refused_by_its_setting(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "check", SLIDEWIRE_CONTENT="s3://No_Such/x")
    assert ran.code == 1
    assert "write it as s3://bucket/prefix" in ran.out
