"""Secrets at rest open only under their key, in their place, unchanged (security 17)."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.store.sealed import LatelyOpened, Sealer, SealError
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


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_what_was_opened_is_not_opened_again_within_a_second() -> None:
    opened: list[str] = []
    clock, sealed = Clock(), SEALER.seal(b"secret", "here")

    def open_secret(sealed: str, about: str) -> bytes:
        opened.append(about)
        return SEALER.open(sealed, about)

    lately = LatelyOpened(open_secret, clock)
    assert [lately.open(sealed, "here") for _ in range(3)] == [b"secret"] * 3
    clock.seconds += 0.9
    lately.open(sealed, "here")
    clock.seconds += 0.1
    lately.open(sealed, "here")
    assert opened == ["here", "here"]


def test_what_was_opened_does_not_outlive_its_server_key() -> None:
    known, clock = [b"the present one", b"a former one"], Clock()
    sealed = Sealer(ServerKeys.of(b"a former one"), os.urandom).seal(b"secret", "here")
    lately = LatelyOpened(Sealer(ServerKeys(lambda: known), os.urandom).open, clock)
    assert lately.open(sealed, "here") == b"secret"
    known.pop()
    clock.seconds += 1.0
    with pytest.raises(SealError, match="another server key"):
        lately.open(sealed, "here")


def test_what_was_opened_opens_in_its_place_only_and_another_text_is_another_secret() -> None:
    lately = LatelyOpened(SEALER.open, Clock())
    sealed = SEALER.seal(b"secret", "here")
    assert lately.open(sealed, "here") == b"secret"
    assert lately.open(SEALER.seal(b"a new one", "here"), "here") == b"a new one"
    for _ in range(2):
        with pytest.raises(SealError, match="another place"):
            lately.open(sealed, "there")


def test_no_more_than_a_thousand_are_kept() -> None:
    opened: list[str] = []

    def open_secret(_sealed: str, about: str) -> bytes:
        opened.append(about)
        return b"secret"

    lately = LatelyOpened(open_secret, Clock())
    for number in range(1001):
        lately.open("sealed", str(number))
    lately.open("sealed", "1000")
    lately.open("sealed", "0")
    assert opened == [str(number) for number in (*range(1001), 0)]
