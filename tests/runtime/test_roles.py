"""What holds in whichever role a process runs."""

from pathlib import Path

import pytest

from slidewire.demo.loopback import get
from slidewire.runtime.gateway import Gateway
from slidewire.settings import Settings


@pytest.mark.parametrize("role", ["all", "api", "worker"])
async def test_a_full_disk_is_known_from_the_start(tmp_path: Path, role: str) -> None:
    settings = Settings(
        listen="127.0.0.1:0",
        admin_listen="127.0.0.1:0",
        database=f"sqlite:///{tmp_path / 'slidewire.db'}",
        content=f"file:{tmp_path / 'content'}",
        free_space="900000GB",
    )
    gateway = Gateway(settings, role=role)
    addresses = await gateway.start()
    try:
        with pytest.raises(OSError, match="answered 503"):
            await get(f"{addresses.api}/readyz")
    finally:
        await gateway.stop()
