"""The console's two cookies, and the word in every form that only its own page knows (security 9).

``session`` says who is signed in. ``form`` stands for who is not: a visitor who comes from elsewhere has none of them
(SameSite=Strict), and must not lose the first by it.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from slidewire.console.desk import ROOT

_PURPOSE: Final = b"a form of the console"
#: No token of ours is longer.
_LONGEST: Final = 128
SESSION: Final = "slidewire-console"
FORM: Final = "slidewire-form"


def cookie_name(name: str, *, secure: bool) -> str:
    """What a cookie is called; with https nobody but this host can set it."""
    return f"__Host-{name}" if secure else name


def set_cookie(name: str, token: str, *, secure: bool) -> tuple[bytes, bytes]:
    """The header that sets a cookie until the browser is closed; an empty token takes it away."""
    words = [f"{cookie_name(name, secure=secure)}={token}", "HttpOnly", "SameSite=Strict"]
    words += ["Path=/", "Secure"] if secure else [f"Path={ROOT}"]
    if not token:
        words.append("Max-Age=0")
    return b"set-cookie", "; ".join(words).encode("latin-1")


def read_cookie(headers: Iterable[tuple[bytes, bytes]], name: str, *, secure: bool) -> str:
    """The token in a cookie; empty when there is none, or none of ours. The first of a name counts."""
    wanted = cookie_name(name, secure=secure)
    for header, value in headers:
        if header != b"cookie":
            continue
        for pair in value.decode("latin-1").split(";"):
            key, _, token = pair.strip().partition("=")
            if key == wanted and 0 < len(token) <= _LONGEST and token.isascii() and token.isalnum():
                return token
    return ""


def form_word(token: str) -> str:
    """What a form of a page holds that was shown to the bearer of ``token``."""
    return hmac.digest(token.encode(), _PURPOSE, hashlib.sha256).hex()


def is_own_form(token: str, word: str) -> bool:
    """Whether a form that came with the cookie ``token`` was ours."""
    return bool(token) and hmac.compare_digest(form_word(token).encode(), word.encode("utf-8", "replace"))
