"""A route's rate over four real workers, one of them killed: never more than it says, and hardly less."""

import pytest
from bench.lanes import LANES, RATE, Course, shared

#: The whole minute is `slidewire bench --only lanes`.
COURSE = Course(seconds=14.0)


@pytest.mark.alone
def test_four_workers_share_a_rate_and_one_of_them_is_killed(database_url: str) -> None:
    found = shared(COURSE, database_url)
    print(found)
    assert found["most_in_a_clock_second"] <= COURSE.most_a_second
    assert found["most_in_ten_seconds"] <= COURSE.most_in_ten
    before = found["by_second"][3 : 3 + round(COURSE.seconds / 2)]
    # a lane is idle until its dead holder's lease has ended; what a busy machine loses besides is for the bench
    assert sum(before) / len(before) > RATE * 0.8
    assert found["mean_rate"] > RATE * (LANES - 1) / LANES * 0.8
