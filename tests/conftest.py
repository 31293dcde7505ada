"""What every test has: its databases, and an environment without our settings."""

import os

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["tests.fixtures.alone", "tests.fixtures.database"]

# Several helpers share a machine: how long one example takes says nothing.
settings.register_profile("slidewire", deadline=None)
settings.load_profile("slidewire")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever runs the tests may have set a gateway up: none of it may reach them."""
    for name in [name for name in os.environ if name.startswith("SLIDEWIRE_")]:
        del os.environ[name]
    # structlog's own way tells every local variable of every frame: seconds for each traceback of a failure provoked
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    # gateways that tests start need not compile all of our modules each time
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
