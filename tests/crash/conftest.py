"""Databases that keep what was committed, whatever is killed."""

from pathlib import Path

import pytest
from tests.fixtures.database import KINDS
from tests.fixtures.postgres import Server

from slidewire.demo.loopback import free_port


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database whose commits are on disk."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/slidewire.db"
    server: Server = request.getfixturevalue("durable_postgres_server")
    return server.create(f"crash_{free_port()}")
