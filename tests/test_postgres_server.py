"""The PostgreSQL that the tests start: the one that is named, or none."""

import re
from pathlib import Path

import pytest

from tests.fixtures.postgres import NAMED, NoPostgresError, start_server


def test_no_other_server_stands_in_for_the_one_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, str(tmp_path))
    with pytest.raises(NoPostgresError, match=re.escape(f"can run is in {tmp_path}")):
        start_server()
