"""A plan for each story, on both databases."""

from pathlib import Path

import pytest
from tests.story.house import Plan


@pytest.fixture
def plan(database_url: str, tmp_path: Path) -> Plan:
    """An empty house's plan; a story changes what it is about."""
    return Plan(database_url, tmp_path)
