"""Addresses that do not receive: what is kept of why, and that one which was turned on is believed at once."""

from dataclasses import replace

from tests.builders import Clock, now_ms
from tests.work.kit import POSTBACK_URL, a_kit

from slidewire.store.database import Database
from slidewire.store.endpoints import Endpoint, failing_endpoints, forget_endpoint
from slidewire.work.endpoints import Endpoints

MINUTE = 60_000


async def test_one_that_was_turned_on_elsewhere_is_not_off(database: Database) -> None:
    means = a_kit(database).means
    account = means.account("acct-1")
    assert account is not None
    endpoints = Endpoints(means, 0.000_001)
    await endpoints.failed(account, "HTTP 500")
    while not await endpoints.failed(account, "HTTP 501"):
        pass
    assert await endpoints.is_off(account)
    await database.write(lambda c: forget_endpoint(c, "acct-1"))
    assert not await endpoints.is_off(account)
    await means.commits.close()


async def test_the_latest_error_is_kept_once_a_minute_and_when_it_is_turned_off(database: Database) -> None:
    clock = Clock(now_ms())
    kit = a_kit(database)
    means = replace(kit.means, now=clock)
    account = means.account("acct-1")
    assert account is not None
    endpoints, began = Endpoints(means, 600.0), clock()
    kept = []
    for words, later in (("first", 0), ("second", MINUTE - 1), ("third", 1), ("x" * 400, 9 * MINUTE), ("last", 1)):
        clock.advance(later)
        await endpoints.failed(account, words)
        kept.append((await database.read(failing_endpoints))["acct-1"])
    first = Endpoint("acct-1", POSTBACK_URL, began, None, "first", began)
    third = replace(first, error="third", error_at=began + MINUTE)
    off = replace(first, error="x" * 300, error_at=began + 10 * MINUTE, off_at=began + 10 * MINUTE)
    assert kept == [first, first, third, off, off]
    await means.commits.close()
