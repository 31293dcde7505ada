"""What people type on the command line, read strictly: senders, keys, NAME=VALUE, times. Bad words are told plainly."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slidewire.cli.errors import WRONG_USE, CommandError

#: A key given by hand below either is weak (security 10): ours have 32 characters of 56 different ones.
LEAST_LENGTH, LEAST_DISTINCT = 20, 8
_LONGEST_KEY = 200
LEAST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key and whether it is a poor one."""

    key: str
    weak: bool


def read_key(key: str | None, weak_allowed: bool) -> GivenKey:
    """The key that was given, or a new one. Raises CommandError for a weak one that was not allowed.

    ``-`` takes it from standard input, where no list of processes shows it.
    """
    from slidewire.domain.ids import new_key

    if key is None:
        return GivenKey(new_key(), weak=False)
    word = sys.stdin.readline().strip() if key == "-" else key
    if not word or len(word) > _LONGEST_KEY or not (word.isascii() and word.isprintable()) or " " in word:
        problem = f"a key has 1 to {_LONGEST_KEY} printable ASCII characters without blanks"
        raise CommandError(problem, "Leave --key out: a safe one is made.", WRONG_USE)
    weak = len(word) < LEAST_LENGTH or len(set(word)) < LEAST_DISTINCT
    if weak and not weak_allowed:
        raise CommandError(
            f"this key is weak: under {LEAST_LENGTH} characters, or under {LEAST_DISTINCT} different ones",
            "Leave --key out: a safe one is made. Or say --weak-key if it must be this one.",
            WRONG_USE,
        )
    return GivenKey(word, weak)


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
    if not LEAST_PASSWORD <= len(said) <= _LONGEST_KEY or not said.isprintable() or said != said.strip():
        problem = f"a password has {LEAST_PASSWORD} to {_LONGEST_KEY} printable characters, no blanks around them"
        raise CommandError(problem, "Leave --password out: a safe one is made.", WRONG_USE)
    if has_md5_form(said):
        raise CommandError("32 hexadecimal digits look like the MD5 form of a password", "Choose another.", WRONG_USE)
    return said


def read_senders(numbers: Sequence[str]) -> tuple[str, ...]:
    """Each as it is stored: short codes bare, long codes in E.164 without plus. Raises CommandError."""
    from slidewire.domain.phone import NumberError, read_number, strict_digits
    from slidewire.domain.senders import SenderKind, classify

    read = []
    for number in numbers:
        try:
            digits = strict_digits(number)
            short = classify(digits) is SenderKind.SHORT_CODE and "+" not in number
            read.append(digits if short else read_number(digits).digits)
        except NumberError as error:
            raise CommandError(
                f"--sender {number}: {error}",
                "Give a short code (24680) or a number in international form (+12025550143).",
                WRONG_USE,
            ) from None
    return tuple(dict.fromkeys(read))


def read_receiver(number: str) -> str:
    """A phone as it is stored: E.164 without plus. Raises CommandError."""
    from slidewire.domain.phone import NumberError, read_number

    try:
        return read_number(number).digits
    except NumberError as error:
        advice = "Give it in international form: +12025550143."
        raise CommandError(f"{number}: {error}", advice, WRONG_USE) from None


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
    for name, value in words.items():
        check_printable(value, f"account setting {name}")
    return words


def check_printable(text: str, what: str) -> None:
    """Refuse blank text and control characters: names and settings are printed, stored and posted."""
    if text and not text.isprintable():
        raise CommandError(f"{what} has control characters", "Give plain text.", WRONG_USE)


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
