"""A page server for each test, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.pages.kit import PageHouse, page_house

from slidewire.store.database import Database


@pytest.fixture
async def pages(database: Database, tmp_path: Path) -> AsyncIterator[PageHouse]:
    """Pages that answer under every host."""
    async with page_house(database, tmp_path) as house:
        yield house
