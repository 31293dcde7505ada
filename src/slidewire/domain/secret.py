"""The secret that postbacks are signed with, as customers write it: Standard Webhooks' form."""

import base64
import binascii

_PREFIX = "whsec_"
#: Bytes that a secret may have (Standard Webhooks 1.0).
SHORTEST, LONGEST = 24, 64
#: Bytes of one that we make.
MADE = 32


def read_signing_secret(text: str) -> bytes:
    """The bytes of ``whsec_...``, or of the base64 behind it. Raises ValueError, without the text."""
    try:
        secret = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"is not {_PREFIX} and base64 behind it") from None
    if not SHORTEST <= len(secret) <= LONGEST:
        raise ValueError(f"has {len(secret)} bytes, not {SHORTEST} to {LONGEST}")
    return secret


def write_signing_secret(secret: bytes) -> str:
    """``secret`` as it is read again, and as every Standard Webhooks library takes it."""
    return _PREFIX + base64.b64encode(secret).decode()
