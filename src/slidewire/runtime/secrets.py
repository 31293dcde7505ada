"""The server key: hashes what customers present, so that a stolen database speaks for nobody (security 10)."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from slidewire.settings import Settings, SettingsError

_FILE = "server.key"
#: Characters below which a key that was set by hand is refused.
_SHORTEST = 16


def server_key(settings: Settings, folder: Path) -> bytes:
    """The key of the settings, else the one in ``folder``, made there once. Raises SettingsError."""
    if settings.server_key:
        if len(settings.server_key) < _SHORTEST:
            raise SettingsError(f"server_key: at least {_SHORTEST} characters")
        return settings.server_key.encode()
    path = folder / _FILE
    if not path.exists():
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Write a new key so that it is whole or not there, and never over another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was quicker: its key is the one
        os.link(fresh, path)
    fresh.unlink()
