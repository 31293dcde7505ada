"""Secrets as they come in and as they are kept: keys hashed, a signing secret sealed (security 10, 17)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slidewire.domain.account import secret_place
from slidewire.domain.secret import MADE, read_signing_secret, write_signing_secret
from slidewire.provisioning.refusals import wrong

#: The word for a secret of our making.
_NEW = "new"
_NAME = "postback_secret"


@dataclass(frozen=True, slots=True)
class Strongbox:
    """How secrets are kept; handed over by whoever holds the server key."""

    digests: Callable[[str], Sequence[str]]  #: of an API key: what may be stored of it, that of a new one first
    seal: Callable[[bytes, str], str]  #: a secret, and the place that it is for
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ReadWords:
    """Account settings in words, and the signing secret among them as it is told once; empty: there is none."""

    words: dict[str, str]
    secret: str = ""


def read_secret(words: Mapping[str, str], box: Strongbox) -> ReadWords:
    """``words`` with their secret in its written form, a new one where ``new`` was asked for.

    Raises RefusedError for what is none, without showing it.
    """
    given = words.get(_NAME)
    if not given:
        return ReadWords(dict(words))
    if given == _NEW:
        secret = write_signing_secret(box.random(MADE))
    else:
        try:
            secret = write_signing_secret(read_signing_secret(given))
        except ValueError as error:
            advice = "Say postback_secret=new: a good one is made and printed."
            raise wrong(f"account setting {_NAME}: the secret {error}", advice) from None
    return ReadWords({**words, _NAME: secret}, secret)


def sealed(read: ReadWords, account_id: str, box: Strongbox) -> dict[str, str]:
    """The words as they may be kept."""
    if not read.secret:
        return read.words
    return read.words | {_NAME: box.seal(read_signing_secret(read.secret), secret_place(account_id))}
