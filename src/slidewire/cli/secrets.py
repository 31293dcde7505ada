"""Secrets among account settings: read as people write them, sealed before they are kept (security 17)."""

import os
from typing import TYPE_CHECKING

from slidewire.cli.errors import WRONG_USE, CommandError

if TYPE_CHECKING:
    from slidewire.settings import Settings

#: The word for a secret of our making.
_NEW = "new"
_NAME = "postback_secret"


def read_secret(words: dict[str, str]) -> str:
    """The secret in ``words`` as it is told once: as given, or a new one; empty when there is none.

    ``words`` keep its bytes' written form. Raises CommandError for what is none, without showing it.
    """
    from slidewire.domain.secret import MADE, read_signing_secret, write_signing_secret

    if not words.get(_NAME):
        return ""
    if words[_NAME] == _NEW:
        words[_NAME] = write_signing_secret(os.urandom(MADE))
        return words[_NAME]
    try:
        words[_NAME] = write_signing_secret(read_signing_secret(words[_NAME]))
    except ValueError as error:
        advice = "Say postback_secret=new: a good one is made and printed."
        raise CommandError(f"account setting {_NAME}: the secret {error}", advice, WRONG_USE) from None
    return words[_NAME]


def sealed(words: dict[str, str], account_id: str, settings: "Settings") -> dict[str, str]:
    """``words`` as they may be kept."""
    from slidewire.domain.account import secret_place
    from slidewire.domain.secret import read_signing_secret
    from slidewire.runtime.offline import sealer

    if not words.get(_NAME):
        return words
    secret = read_signing_secret(words[_NAME])
    return words | {_NAME: sealer(settings).seal(secret, secret_place(account_id))}
