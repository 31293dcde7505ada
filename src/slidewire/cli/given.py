"""What people type on the command line and only there: what comes on standard input, NAME=VALUE, times."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from slidewire.cli.errors import WRONG_USE, CommandError

_LONGEST_PASSWORD = 200
LEAST_PASSWORD = 12


def given_key(key: str | None) -> str | None:
    """The key as it was given; ``-`` takes it from standard input, where no list of processes shows it."""
    return sys.stdin.readline().strip() if key == "-" else key


def read_password(word: str | None) -> str:
    """A new password, or with ``-`` the one on standard input. Raises CommandError."""
    from slidewire.domain.ids import new_key
    from slidewire.store.passwords import has_md5_form

    if word is None:
        return new_key()
    if word != "-":
        raise CommandError(
            "a password is not given as an argument: others could read it", "Say -, and type it.", WRONG_USE
        )
    said = sys.stdin.readline().rstrip("\r\n")
    if not LEAST_PASSWORD <= len(said) <= _LONGEST_PASSWORD or not said.isprintable() or said != said.strip():
        problem = f"a password has {LEAST_PASSWORD} to {_LONGEST_PASSWORD} printable characters, no blanks around them"
        raise CommandError(problem, "Leave --password out: a safe one is made.", WRONG_USE)
    if has_md5_form(said):
        raise CommandError("32 hexadecimal digits look like the MD5 form of a password", "Choose another.", WRONG_USE)
    return said


def read_words(pairs: Sequence[str], postback: str | None = None) -> dict[str, str]:
    """NAME=VALUE settings and the postback address as words for ``read_settings``. Raises CommandError."""
    words = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"{pair!r} is not NAME=VALUE", "As in --set max_slides=5", WRONG_USE)
        words[name.strip()] = value.strip()
    if postback is not None:
        words["postback_url"] = postback
    return words


def read_moment(text: str, option: str) -> int:
    """``2h`` (back from now) or an ISO 8601 time (UTC unless it says otherwise) in Unix milliseconds.

    Raises CommandError naming ``option``.
    """
    from slidewire.runtime.clock import now
    from slidewire.settings import read_span

    try:
        return now() - round(read_span(text) * 1000)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        problem = f"{option} {text}: neither a span such as 2h nor a time such as 2031-01-07T12:00:00Z"
        raise CommandError(problem, code=WRONG_USE) from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def read_seconds(text: str, option: str) -> float:
    """``10s``, ``2m``, ``1d`` in seconds. Raises CommandError naming ``option``."""
    from slidewire.settings import read_span

    try:
        return read_span(text)
    except ValueError as error:
        raise CommandError(f"{option}: {error}", code=WRONG_USE) from None
