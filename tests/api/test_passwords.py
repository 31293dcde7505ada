"""USER and PASS: who is found, what is remembered, and what too many get."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.api.door import KEY, PASSWORD, USER, open_door, send_mms
from tests.builders import an_account

from slidewire.api.passwords import PasswordCheck
from slidewire.domain.account import Account
from slidewire.domain.request import OverloadedError
from slidewire.store.passwords import hash_password

SAID = "correct horse battery"


class Book:
    """One account with a user name; counts how often it is asked."""

    def __init__(self) -> None:
        self.account = an_account()
        self.stored = hash_password(SAID)

    async def find(self, user: str) -> tuple[Account, str] | None:
        return (self.account, self.stored) if user == "acme" else None


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def clock() -> list[float]:
    return [1_000.0]


@pytest.fixture
def check(book: Book, clock: list[float]) -> Iterator[PasswordCheck]:
    made = PasswordCheck(book.find, lambda: clock[0])
    yield made
    made.close()


async def test_the_right_pair_is_the_account(check: PasswordCheck, book: Book) -> None:
    assert await check.find("acme", SAID) == book.account
    assert [await check.find(*pair) for pair in (("acme", "wrong"), ("nobody", SAID), ("acme", ""))] == [None] * 3


async def test_a_right_pair_is_remembered_for_minutes_and_no_wrong_one(
    check: PasswordCheck, clock: list[float]
) -> None:
    assert await check.find("acme", SAID)
    assert await check.find("acme", "wrong") is None
    check.close()  # nothing can be hashed any more
    assert await check.find("acme", SAID)
    with pytest.raises(RuntimeError):
        await check.find("acme", "wrong")
    clock[0] += 300
    with pytest.raises(RuntimeError):
        await check.find("acme", SAID)


async def test_a_new_password_ends_what_was_remembered(check: PasswordCheck, book: Book) -> None:
    assert await check.find("acme", SAID)
    book.stored = hash_password("another password")
    assert await check.find("acme", SAID) is None


async def test_settings_that_changed_are_seen_with_a_remembered_pair(check: PasswordCheck, book: Book) -> None:
    assert await check.find("acme", SAID)
    book.account = replace(book.account, disabled=True)
    assert await check.find("acme", SAID) == book.account


async def test_too_many_at_once_are_asked_to_come_back(check: PasswordCheck) -> None:
    answers = await asyncio.gather(*(check.find("acme", f"wrong {n}") for n in range(30)), return_exceptions=True)
    assert [type(each) for each in answers].count(OverloadedError) == 10


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param(f"<USER>{USER}</USER><PASS>{PASSWORD}</PASS>", "Success", id="both right"),
        pytest.param(f"<USER>{USER}</USER><PASS>wrong</PASS>", "E104", id="a wrong password"),
        pytest.param(f"<USER>nobody</USER><PASS>{PASSWORD}</PASS>", "E104", id="an unknown user"),
        pytest.param(f"<USER>{USER}</USER>", "E104", id="no password"),
        pytest.param(f"<API_KEY>wrong</API_KEY><USER>{USER}</USER><PASS>{PASSWORD}</PASS>", "E104", id="a key counts"),
        pytest.param(f"<API_KEY>{KEY}</API_KEY><USER>nobody</USER><PASS>x</PASS>", "Success", id="a right key too"),
        pytest.param(f"<USER>{USER}</USER><PASS><B>{PASSWORD}</B></PASS>", "E104", id="an element for a password"),
    ],
)
async def test_a_call_is_believed_by_user_and_password(fields: str, code: str) -> None:
    async with open_door() as door:
        assert code in (await door.post(send_mms(fields, api_key=None))).body
