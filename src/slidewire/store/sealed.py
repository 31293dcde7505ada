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

_FORM = "sealed1"
_NONCE = 12  #: bytes, as GCM wants them


class SealError(Exception):
    """A sealed secret cannot be opened, in words for the admin; never with the secret."""


class Sealer:
    """Seals and opens."""

    def __init__(self, server_key: bytes, random: Callable[[int], bytes]) -> None:
        """``random``: so many bytes that nobody can foresee."""
        self._cipher = AESGCM(hmac.digest(server_key, b"secrets at rest", hashlib.sha256))
        self._key_id = hmac.digest(server_key, b"name of the key of secrets at rest", hashlib.sha256).hex()[:8]
        self._random = random

    def seal(self, secret: bytes, about: str) -> str:
        """``secret`` as it may be written to a disk."""
        nonce = self._random(_NONCE)
        closed = nonce + self._cipher.encrypt(nonce, secret, about.encode())
        return f"{_FORM}:{self._key_id}:{base64.b64encode(closed).decode()}"

    def open(self, sealed: str, about: str) -> bytes:
        """What was sealed. Raises SealError."""
        form, _, rest = sealed.partition(":")
        key_id, _, closed = rest.partition(":")
        if form != _FORM:
            raise SealError("this is no sealed secret")
        if key_id != self._key_id:
            raise SealError("the secret was sealed under another server key: set it anew")
        try:
            raw = base64.b64decode(closed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], about.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise SealError("the sealed secret was changed, or belongs to another place") from None
