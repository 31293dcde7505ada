"""Ids that sort by the time they were made; keys and page tokens that nobody guesses.

Ids never go back within a process, whatever the clock does (durability 26).
"""

import re
import secrets
import threading
from collections.abc import Callable

_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_COUNTER_BITS = 12
#: The last 64 bits of an id: 62 of them random.
_RANDOM, _VARIANT = (1 << 62) - 1, 1 << 63
#: Random bytes that are asked for at once: of 128 ids. Each asking gives the interpreter away.
_AHEAD = 1024
_ID = re.compile(r"[0-9a-f]{32}")
#: 11 of 56 signs: 63.9 bits, and an SMS that is one segment long has room for them.
_TOKEN_LENGTH = 11
_TOKEN = re.compile(f"[{_ALPHABET}]{{{_TOKEN_LENGTH}}}")


class IdMaker:
    """Makes uuid7 in 32 hex digits: 48 bits of milliseconds, a counter, 62 random bits."""

    def __init__(self, clock: Callable[[], int], random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self._random = b""  # asked for many ids at once: each asking is a call into the system
        self._last = 0  # milliseconds and counter in one number, so that "never back" is one comparison
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """The next id: greater than every one this maker gave before."""
        fresh = self._clock() << _COUNTER_BITS
        with self._lock:
            self._last = max(self._last + 1, fresh)
            stamp = self._last
            here = self._random or self._random_bytes(_AHEAD)
            self._random = here[8:]
        tail = int.from_bytes(here[:8]) & _RANDOM | _VARIANT
        return f"{stamp >> _COUNTER_BITS:012x}7{stamp & 0xFFF:03x}{tail:016x}"


def first_id(at: int) -> str:
    """What stands before every id that was made at ``at`` (Unix milliseconds) or later."""
    return f"{at:012x}" + "0" * 20


def id_time(identifier: str) -> int:
    """When ``identifier`` was made, Unix milliseconds. Raises ValueError when it is no id of ours."""
    if not _ID.fullmatch(identifier):
        raise ValueError("no id of ours")
    return int(identifier[:12], 16)


def new_key(length: int = 32) -> str:
    """An API key: letters and digits that nobody mistakes for one another, about 5.8 bits each."""
    number = secrets.randbelow(len(_ALPHABET) ** length)  # asked for once: each asking is a call into the system
    signs = []
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[at])
    return "".join(signs)


def new_token() -> str:
    """The token of a page link: what nobody guesses, typed without doubt, in 11 signs of every SMS alphabet."""
    return new_key(_TOKEN_LENGTH)


def token_of(number: int) -> str:
    """The token that ``number`` stands for: random bits in, the same token again for the same ones."""
    signs = []
    for _ in range(_TOKEN_LENGTH):
        number, sign = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[sign])
    return "".join(signs)


def is_token(text: str) -> bool:
    """Whether ``text`` has the form of a page link's token."""
    return _TOKEN.fullmatch(text) is not None
