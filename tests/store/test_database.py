"""Which databases are spoken, and what is said of the others."""

from pathlib import Path

import pytest

from slidewire.store.database import Database, DatabaseError, open_database
from slidewire.store.facts import add_to_fact
from slidewire.store.sql import run
from slidewire.store.sqlite import SqliteDatabase


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("sqlite://", id="nothing"),
        pytest.param("sqlite:///:memory:", id="memory"),
        pytest.param("mysql://somebody:secret@host/name", id="another kind"),
    ],
)
def test_refuses_a_database_that_keeps_nothing(url: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        open_database(url)
    assert "secret" not in str(refused.value)


async def test_makes_the_folder_that_it_is_told(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/a/b/slidewire.db")
    assert isinstance(database, SqliteDatabase)
    await database.close()
    assert (tmp_path / "a" / "b").is_dir()


async def test_a_look_finds_what_is_committed(database: Database) -> None:
    await database.write(lambda c: add_to_fact(c, "n", 3))
    found = await database.look(lambda place: run(place, "SELECT value FROM meta WHERE name = ?", "n").fetchone())
    assert tuple(found) == (3,)
