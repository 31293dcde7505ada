"""The server keys that are known: the present one makes everything new, the others open what was made under them.

What is stored names its key by a short name, never by the key; each purpose has names of its own.
"""

import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

_NAME: Final = b"name of the server key"


class ServerKeys:
    """The present key and those besides, as they are now."""

    def __init__(self, read: Callable[[], Sequence[bytes]]) -> None:
        """``read`` gives the present key first, and is asked each time: a rotation needs no restart."""
        self._read = read

    @classmethod
    def of(cls, *keys: bytes) -> "ServerKeys":
        """Keys that do not change, the present one first."""
        return cls(lambda: keys)

    @property
    def present(self) -> bytes:
        """What everything new is made under."""
        return self._read()[0]

    @property
    def every(self) -> tuple[bytes, ...]:
        """All of them, the present one first."""
        return tuple(self._read())


@lru_cache(maxsize=64)  # each call of the API asks for it
def key_name(server_key: bytes, purpose: bytes = _NAME) -> str:
    """What a key is called in rows, in files and on screens; it tells nothing of the key."""
    return hmac.digest(server_key, purpose, "sha256").hex()[:8]


def by_name(keys: ServerKeys, purpose: bytes = _NAME) -> dict[str, bytes]:
    """Every key by its name, the present one first."""
    return {key_name(key, purpose): key for key in keys.every}
