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


def sealed_under(sealed: str, keys: ServerKeys) -> bytes | None:
    """The server key that made it; None when it is not known."""
    return by_name(keys, _PURPOSE).get("".join(sealed.split(":", 2)[1:2]))


def _cipher(server_key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(server_key, b"secrets at rest", hashlib.sha256))
