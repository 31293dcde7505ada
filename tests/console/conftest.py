"""The console over both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.console.kit import Office, office

from slidewire.store.database import Database


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """Two accounts, one admin."""
    async with office(database, tmp_path) as opened:
        yield opened
