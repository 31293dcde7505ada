"""Which databases are spoken, and what is said of the others."""

from pathlib import Path

import pytest

from slidewire.store.database import DatabaseError, open_database
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
