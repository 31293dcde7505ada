"""The server keys: they hash what customers present, so that a stolen database speaks for nobody, and seal secrets
(security 10, 17). The present one comes from the settings, else from a file of ours, whose first line it is.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from slidewire.runtime.clock import now
from slidewire.settings import Settings, SettingsError
from slidewire.store.accounts import key_digests
from slidewire.store.database import Database
from slidewire.store.directory import Directory
from slidewire.store.links import LinkKey
from slidewire.store.sealed import Sealer
from slidewire.store.server_keys import ServerKeys, key_name

_FILE = "server.key"
_LOCK = "server.key.lock"
#: Characters below which a key that was set by hand is refused.
_SHORTEST = 16


def server_keys(settings: Settings, folder: Path) -> ServerKeys:
    """The keys of the settings, else those of the file in ``folder``, made there once. Raises SettingsError."""
    others = tuple(_checked(each, "other_server_keys") for each in settings.other_server_keys)
    if settings.server_key:
        return ServerKeys.of(_checked(settings.server_key, "server_key"), *others)
    path = folder / _FILE
    if not path.exists():
        _make(path)
    file = _KeyFile(path)
    file.read()
    return ServerKeys(lambda: (*file.read(), *others))


def directory_of(database: Database, keys: ServerKeys) -> Directory:
    """All accounts, their keys and secrets found under any server key."""
    return Directory(database, lambda word: key_digests(word, keys.every), Sealer(keys, os.urandom).open, now)


def link_key_of(keys: ServerKeys) -> LinkKey:
    """What page links are hashed with, and found by."""
    return LinkKey.of(*keys.every)


@contextmanager
def key_file(folder: Path) -> Iterator["KeyFileEdit"]:
    """The file of the server keys, for one who changes it: others wait. Raises SettingsError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield KeyFileEdit(folder / _FILE)


class KeyFileEdit:
    """Changes of the file, each whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, random: bytes) -> str:
        """Make a key of ``random`` the present one, the others known besides; its name."""
        fresh = random.hex().encode()
        _write(self._path, (fresh, *_KeyFile(self._path).read()))
        return key_name(fresh)

    def forget(self, name: str) -> None:
        """Take out the key called so, never the present one."""
        present, *others = _KeyFile(self._path).read()
        _write(self._path, (present, *(key for key in others if key_name(key) != name)))


class _KeyFile:
    """Reads the file again when it has changed: a rotation beside a running gateway is seen at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] = ()
        self._keys: tuple[bytes, ...] = ()

    def read(self) -> Sequence[bytes]:
        """The keys, the present one first; those seen last where the file is away. Raises SettingsError."""
        with suppress(OSError):
            status = os.stat(self._path)  # noqa: PTH116  # for every secret that is opened: half the price
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen and (keys := _lines(self._path)):
                self._seen, self._keys = seen, keys
        if not self._keys:
            raise SettingsError(f"{self._path}: no server key can be read from it; restore it from your backup")
        return self._keys


def _lines(path: Path) -> tuple[bytes, ...]:
    return tuple(filter(None, map(bytes.strip, path.read_bytes().splitlines())))


def _checked(key: str, name: str) -> bytes:
    if len(key) < _SHORTEST:
        raise SettingsError(f"{name}: at least {_SHORTEST} characters")
    return key.encode()


def _make(path: Path) -> None:
    """Write a new key so that it is whole or not there, and never over another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _beside(path, (secrets.token_hex(32).encode(),))
    with suppress(FileExistsError):  # another process was quicker: its key is the one
        os.link(fresh, path)
    fresh.unlink()


def _write(path: Path, keys: Sequence[bytes]) -> None:
    """Replace the file; once this returns it is on the disk (nothing may be sealed under a key that could be lost)."""
    _beside(path, keys).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _beside(path: Path, keys: Sequence[bytes]) -> Path:
    """A file with these keys, synced, that is not in its place yet."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b"\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    return fresh
