"""What admins write, read strictly: senders, keys, receivers, names. What cannot be used is told plainly."""

from collections.abc import Sequence
from dataclasses import dataclass

from slidewire.domain.ids import new_key
from slidewire.domain.phone import NumberError, read_number, strict_digits
from slidewire.domain.senders import SenderKind, classify
from slidewire.provisioning.refusals import wrong

#: A key given by hand below either is weak (security 10): ours have 32 characters of 56 different ones.
LEAST_LENGTH, LEAST_DISTINCT = 20, 8
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key and whether it is a poor one."""

    key: str
    weak: bool


def is_weak(word: str) -> bool:
    """Whether ``word`` is short or poor for a secret (security 10)."""
    return len(word) < LEAST_LENGTH or len(set(word)) < LEAST_DISTINCT


def read_key(word: str | None, *, weak_allowed: bool) -> GivenKey:
    """The key that was given, or a new one. Raises RefusedError, also for a weak one that was not allowed."""
    if word is None:
        return GivenKey(new_key(), weak=False)
    if not word or len(word) > LONGEST_KEY or not (word.isascii() and word.isprintable()) or " " in word:
        problem = f"a key has 1 to {LONGEST_KEY} printable ASCII characters without blanks"
        raise wrong(problem, "Leave --key out: a safe one is made.")
    weak = is_weak(word)
    if weak and not weak_allowed:
        raise wrong(
            f"this key is weak: under {LEAST_LENGTH} characters, or under {LEAST_DISTINCT} different ones",
            "Leave --key out: a safe one is made. Or say --weak-key if it must be this one.",
        )
    return GivenKey(word, weak)


def read_senders(numbers: Sequence[str]) -> tuple[str, ...]:
    """Each as it is stored: short codes bare, long codes in E.164 without plus. Raises RefusedError."""
    read = []
    for number in numbers:
        try:
            digits = strict_digits(number)
            short = classify(digits) is SenderKind.SHORT_CODE and "+" not in number
            read.append(digits if short else read_number(digits).digits)
        except NumberError as error:
            advice = "Give a short code (24680) or a number in international form (+12025550143)."
            raise wrong(f"sender {number}: {error}", advice) from None
    return tuple(dict.fromkeys(read))


def read_receiver(number: str) -> str:
    """A phone as it is stored: E.164 without plus. Raises RefusedError."""
    try:
        return read_number(number).digits
    except NumberError as error:
        raise wrong(f"{number}: {error}", "Give it in international form: +12025550143.") from None


def check_printable(text: str, what: str) -> None:
    """Refuse control characters: names and settings are printed, stored and posted. Raises RefusedError."""
    if text and not text.isprintable():
        raise wrong(f"{what} has control characters", "Give plain text.")
