"""Secrets at rest: AES-256-GCM under a key made of the server key (security 17).

A sealed secret is a line of text that says which key it needs. It belongs to one place (``about``: the row and the
setting): copied to another, it does not open.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from slidewire.store.server_keys import ServerKeys, by_name, key_name

_FORM = "sealed1"
_PURPOSE = b"name of the key of secrets at rest"
_NONCE = 12  #: bytes, as GCM wants them
#: Seconds that what was opened is kept, and how many; a server key that is taken away ends with it.
_LATELY = 1.0
_MOST_KEPT = 1_000


class SealError(Exception):
    """A sealed secret cannot be opened, in words for the admin; never with the secret."""


class Sealer:
    """Seals under the present server key, and opens what was sealed under any that is known."""

    def __init__(self, keys: ServerKeys, random: Callable[[int], bytes]) -> None:
        """``random``: so many bytes that nobody can foresee."""
        self._keys = keys
        self._random = random

    def seal(self, secret: bytes, about: str) -> str:
        """``secret`` as it may be written to a disk."""
        key, nonce = self._keys.present, self._random(_NONCE)
        closed = nonce + _cipher(key).encrypt(nonce, secret, about.encode())
        return f"{_FORM}:{key_name(key, _PURPOSE)}:{base64.b64encode(closed).decode()}"

    def is_present(self, sealed: str) -> bool:
        """Whether the present key made it."""
        return sealed.split(":", 2)[1:2] == [key_name(self._keys.present, _PURPOSE)]

    def open(self, sealed: str, about: str) -> bytes:
        """What was sealed. Raises SealError."""
        form, _, rest = sealed.partition(":")
        name, _, closed = rest.partition(":")
        if form != _FORM:
            raise SealError("this is no sealed secret")
        key = by_name(self._keys, _PURPOSE).get(name)
        if key is None:
            raise SealError("the secret was sealed under another server key: set it anew")
        try:
            raw = base64.b64decode(closed, validate=True)
            return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], about.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise SealError("the sealed secret was changed, or belongs to another place") from None


class LatelyOpened:
    """Opens what is asked for again and again, an account's secret at each of its postbacks, once a second.

    All that is kept goes at once when its second is over: no longer than that does it outlive its server key.
    """

    def __init__(self, open_secret: Callable[[str, str], bytes], monotonic: Callable[[], float]) -> None:
        """``open_secret``: Sealer.open; ``monotonic``: seconds."""
        self._open_secret = open_secret
        self._monotonic = monotonic
        self._kept: dict[tuple[str, str], bytes] = {}
        self._ends = 0.0

    def open(self, sealed: str, about: str) -> bytes:
        """What was sealed. Raises SealError."""
        now = self._monotonic()
        if now >= self._ends or len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
            self._ends = now + _LATELY
        secret = self._kept.get((sealed, about))
        if secret is None:
            secret = self._kept[sealed, about] = self._open_secret(sealed, about)
        return secret


def sealed_under(sealed: str, keys: ServerKeys) -> bytes | None:
    """The server key that made it; None when it is not known."""
    return by_name(keys, _PURPOSE).get("".join(sealed.split(":", 2)[1:2]))


def _cipher(server_key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(server_key, b"secrets at rest", hashlib.sha256))
