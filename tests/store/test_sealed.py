"""Secrets at rest open only under their key, in their place, unchanged (security 17)."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.store.sealed import Sealer, SealError
from slidewire.store.server_keys import ServerKeys

SEALER = Sealer(ServerKeys.of(b"a server key"), os.urandom)


@given(st.binary(max_size=100), st.text())
def test_opens_what_it_sealed(secret: bytes, about: str) -> None:
    sealed = SEALER.seal(secret, about.encode("utf-8", "replace").decode())
    assert sealed.isascii()
    assert sealed.isprintable()
    assert len(secret) < 4 or secret not in sealed.encode()
    assert SEALER.open(sealed, about.encode("utf-8", "replace").decode()) == secret


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert SEALER.seal(b"x", "a") != SEALER.seal(b"x", "a")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda s: s[:-6] + "AAAAA=", "changed, or belongs to another place", id="another end"),
        pytest.param(lambda s: s[:18], "changed, or belongs to another place", id="cut off"),
        pytest.param(lambda s: s[:17] + "%%%", "changed, or belongs to another place", id="no base64"),
        pytest.param(lambda s: s.replace("sealed1", "sealed2"), "no sealed secret", id="another form"),
        pytest.param(lambda s: "whsec_AAAA", "no sealed secret", id="plain"),
        pytest.param(lambda s: "", "no sealed secret", id="nothing"),
    ],
)
def test_what_was_changed_does_not_open(change: object, words: str) -> None:
    sealed = change(SEALER.seal(b"secret", "here"))  # type: ignore[operator]  # one of the lambdas above
    with pytest.raises(SealError, match=words):
        SEALER.open(sealed, "here")


def test_another_place_and_another_key_do_not_open() -> None:
    sealed = SEALER.seal(b"secret", "accounts/a/postback_secret")
    with pytest.raises(SealError, match="another place"):
        SEALER.open(sealed, "accounts/b/postback_secret")
    with pytest.raises(SealError, match="another server key: set it anew"):
        Sealer(ServerKeys.of(b"another"), os.urandom).open(sealed, "accounts/a/postback_secret")
