"""Passwords of the older way to authenticate: argon2 over the MD5 form that clients may send (security 10).

Hashing takes tens of milliseconds: never on the event loop.
"""

import hashlib
import os
import re

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

#: OWASP's first choice for argon2id: passes, lanes, kibibytes.
_PASSES, _LANES, _MEMORY = 2, 1, 19_456
_SALT, _LENGTH = 16, 32
_MD5_FORM = re.compile("[0-9a-fA-F]{32}")
#: Verified for users that do not exist: it takes as long, and no password fits.
NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_PASSES},p={_LANES}$c2xpZGV3aXJlLW5vYm9keQ$" + "A" * 43


def has_md5_form(password: str) -> bool:
    """Whether a password looks like the MD5 of one; such a one cannot be set, for it could not be told apart."""
    return _MD5_FORM.fullmatch(password) is not None


def md5_form(given: str) -> str:
    """What is hashed, whichever form a client sent: 32 hex digits in lower case."""
    if has_md5_form(given):
        return given.lower()
    return hashlib.md5(given.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def hash_password(password: str) -> str:
    """What is stored of ``password``."""
    kdf = Argon2id(salt=os.urandom(_SALT), length=_LENGTH, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY)
    return kdf.derive_phc_encoded(md5_form(password).encode())


def verify(form: str, stored: str) -> bool:
    """Whether ``form``, as md5_form gives it, belongs to what is stored."""
    try:
        Argon2id.verify_phc_encoded(form.encode(), stored)
    except InvalidKey:
        return False
    return True
