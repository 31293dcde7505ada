"""Addresses that fail too often are locked out for a while; those who were right before are not."""

from dataclasses import dataclass

from slidewire.api.lockout import Lockout, LockoutTerms

THERE = "192.0.2.7"
RIGHT = 42


@dataclass
class Watch:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def failed(lockout: Lockout, times: int, address: str = THERE) -> Lockout:
    for _ in range(times):
        lockout.count_failure(address)
    return lockout


def test_so_many_failures_lock_an_address_for_so_long() -> None:
    watch = Watch()
    lockout = failed(Lockout(LockoutTerms(3, 60), watch), 2)
    assert lockout.wait(THERE) == 0
    failed(lockout, 1)
    assert (lockout.wait(THERE), lockout.wait("192.0.2.8")) == (60, 0)
    watch.now += 59.5
    assert lockout.wait(THERE) == 1
    watch.now += 0.5
    assert lockout.wait(THERE) == 0


def test_failures_that_lie_far_apart_lock_nobody() -> None:
    watch = Watch()
    lockout = Lockout(LockoutTerms(3, 60), watch)
    for _ in range(10):
        failed(lockout, 2)
        watch.now += 61
    assert lockout.wait(THERE) == 0


def test_failures_during_a_lock_do_not_make_it_longer() -> None:
    watch = Watch()
    lockout = failed(Lockout(LockoutTerms(3, 60), watch), 100)
    watch.now += 60
    assert lockout.wait(THERE) == 0


def test_one_network_of_ipv6_is_one_address() -> None:
    lockout = Lockout(LockoutTerms(3, 60), Watch())
    for each in ("2001:db8::1", "2001:db8::2", "2001:db8::3"):
        lockout.count_failure(each)
    assert (lockout.wait("2001:db8::4"), lockout.wait("2001:db8:0:1::4")) == (60, 0)


def test_no_failures_are_counted_where_that_is_off_or_on_this_machine() -> None:
    assert failed(Lockout(LockoutTerms(0, 60), Watch()), 100).wait(THERE) == 0
    assert failed(Lockout(LockoutTerms(3, 60), Watch()), 100, "127.0.0.1").wait("127.0.0.1") == 0


def test_credentials_are_known_where_they_were_right_for_a_day() -> None:
    watch = Watch()
    lockout = Lockout(LockoutTerms(3, 60), watch)
    lockout.note_success(THERE, RIGHT)
    assert (lockout.knows(THERE, RIGHT), lockout.knows("192.0.2.8", RIGHT), lockout.knows(THERE, 43)) == (
        True,
        False,
        False,
    )
    watch.now += 86_400
    assert not lockout.knows(THERE, RIGHT)


def test_memory_is_bounded() -> None:
    lockout = Lockout(LockoutTerms(3, 60), Watch())
    for n in range(30_000):
        lockout.count_failure(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        lockout.note_success("192.0.2.1", n)
    assert (len(lockout._records), len(lockout._known["192.0.2.1"])) == (20_000, 64)
