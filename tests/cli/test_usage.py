"""Usage on the command line."""

from pathlib import Path

import pytest
from tests.cli.command import slidewire

from slidewire.domain.usage import Channel, Usage
from slidewire.runtime.offline import open_store
from slidewire.settings import Settings
from slidewire.store.usage import add_usage


async def test_a_month_is_told_as_table_csv_and_json(tmp_path: Path) -> None:
    made = slidewire(tmp_path, "account", "add", "acme").json
    settings = Settings(database=f"sqlite:///{tmp_path}/slidewire.db", content=f"file:{tmp_path}/content")
    used = Usage("2026-11", Channel.SMS, "31003", messages=2, segments=5)
    async with open_store(settings) as database:
        await database.write(lambda c: add_usage(c, [(made["id"], used)]))
    told = slidewire(tmp_path, "usage", "--month", "2026-11", "--account", "acme", "--json").json
    assert told == [
        {
            "account": made["id"],
            "month": "2026-11",
            "channel": "SMS",
            "operator": "31003",
            "messages": 2,
            "segments": 5,
            "bytes": 0,
            "failed": 0,
            "refused": 0,
        }
    ]
    assert slidewire(tmp_path, "usage", "--month", "2026-11", "--csv").out.splitlines() == [
        "account,month,channel,operator,messages,segments,bytes,failed,refused",
        f"{made['id']},2026-11,SMS,31003,2,5,0,0,0",
    ]
    assert len(slidewire(tmp_path, "usage", "--month", "2026-11").out.splitlines()) == 2
    assert slidewire(tmp_path, "usage", "--month", "2026-12").out == "nothing was used in 2026-12\n"


@pytest.mark.parametrize("words", [("--month", "2026-13"), ("--month", "november"), ("--csv", "--json")])
def test_what_cannot_be_told_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert slidewire(tmp_path, "usage", *words).code == 2


def test_what_is_left_of_prepaid_messages_is_told(tmp_path: Path) -> None:
    made = slidewire(tmp_path, "account", "add", "acme", "--set", "prepaid=500", "--json").json
    assert f"{made['id']} has 500 of 500 prepaid messages left" in slidewire(tmp_path, "usage").out
    assert slidewire(tmp_path, "account", "show", "acme", "--json").json["prepaid_left"] == 500
    assert "prepaid: 500 of 500 messages left" in slidewire(tmp_path, "account", "show", "acme").out
