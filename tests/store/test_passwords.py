"""Passwords as they are stored: argon2 over the MD5 form, whichever form is sent."""

import hashlib

import pytest

from slidewire.store.passwords import NOBODY, has_md5_form, hash_password, md5_form, verify

SAID = "correct horse battery"
MD5 = hashlib.md5(SAID.encode()).hexdigest()


def test_both_forms_of_a_password_fit_what_is_stored() -> None:
    stored = hash_password(SAID)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (SAID in stored, MD5 in stored) == (False, False)
    assert [verify(md5_form(each), stored) for each in (SAID, MD5, MD5.upper(), "wrong", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_the_same_password_is_stored_differently_each_time() -> None:
    assert hash_password(SAID) != hash_password(SAID)


@pytest.mark.parametrize("said", ["", SAID, MD5, "A" * 256, "\ud800"])
def test_nobodys_password_fits_nothing_and_breaks_nothing(said: str) -> None:
    assert not verify(md5_form(said), NOBODY)


def test_the_md5_form_is_known_by_its_look() -> None:
    assert [has_md5_form(each) for each in (MD5, MD5.upper(), MD5[:-1], MD5 + "0", "g" * 32)] == [
        True,
        True,
        False,
        False,
        False,
    ]
