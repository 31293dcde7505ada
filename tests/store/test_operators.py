from tests.builders import now_ms

from slidewire.domain.finding import Finding, KeptFinding, Source
from slidewire.store.database import Database
from slidewire.store.operators import drop_old_findings, find_kept, forget_findings, keep_findings

ABLE = Finding(Source.PROVIDER, network="311480", operator="31003", name="Able", line_type="mobile")
PLAIN = Finding(Source.TRAFFIC, operator="31004")


def kept(number: str, finding: Finding = ABLE, until: int = 2) -> KeptFinding:
    return KeptFinding(number, finding, 1, until)


async def test_what_is_kept_is_found_until_it_is_forgotten(database: Database) -> None:
    one, other = kept("12025550123"), kept("12025550124", PLAIN)
    assert await database.write(lambda c: keep_findings(c, [one, other])) == [None, None]
    assert await database.read(lambda c: find_kept(c, one.number)) == one
    assert await database.read(lambda c: find_kept(c, other.number)) == other
    assert await database.read(lambda c: find_kept(c, "12025550125")) is None
    await database.write(lambda c: forget_findings(c, [one.number, "12025550125"]))
    assert await database.read(lambda c: find_kept(c, one.number)) is None
    assert await database.read(lambda c: find_kept(c, other.number)) == other


async def test_the_later_finding_of_a_number_takes_the_place_of_the_earlier(database: Database) -> None:
    first, second, third = kept("1202"), kept("1202", PLAIN, until=5), kept("1202", until=9)
    await database.write(lambda c: keep_findings(c, [first, second]))
    assert await database.read(lambda c: find_kept(c, "1202")) == second
    await database.write(lambda c: keep_findings(c, [third]))
    assert await database.read(lambda c: find_kept(c, "1202")) == third


async def test_old_findings_are_dropped_a_few_at_a_time(database: Database) -> None:
    now = now_ms()
    rows = [kept(str(n), until=now - 5 + n) for n in range(10)]  # 0 to 5 are too old
    await database.write(lambda c: keep_findings(c, rows))
    assert await database.write(lambda c: drop_old_findings(c, now, 4)) == 4
    assert await database.write(lambda c: drop_old_findings(c, now, 4)) == 2
    assert await database.write(lambda c: drop_old_findings(c, now, 4)) == 0
    left = [await database.read(lambda c, n=n: find_kept(c, str(n))) for n in range(10)]  # type: ignore[misc]
    assert left == [None] * 6 + rows[6:]
