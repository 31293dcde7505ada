"""Programs of others that a test needs: skipped for a user who lacks one, a failure where everything must be there."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip, or fail in CI (interfaces.md, Make targets)."""
    words = f"{what} is not here: make test installs it where it may"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)
