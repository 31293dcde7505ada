"""getSendingStatistics: the time that is asked about, judged without I/O (api.md 3.7)."""

from dataclasses import dataclass

from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault
from slidewire.domain.moments import DAY_MS, read_moment
from slidewire.domain.request import StatisticsRequest
from slidewire.domain.words import Words


@dataclass(frozen=True, slots=True)
class Period:
    """Messages accepted from ``since`` on and before ``until``, Unix milliseconds."""

    since: int
    until: int
    warnings: tuple[str, ...] = ()


def check_statistics(request: StatisticsRequest, rules: Rules) -> Period:
    """The time that is asked about. Raises FaultError E506, E507, E508, E509."""
    words = Words(request)
    start, end = words.of("start_date"), words.of("end_date")
    if not start or not end:
        raise Fault.DATES_REQUIRED.error()
    since = read_moment(start)
    if since is None or since < 0:
        raise Fault.BAD_FIRST_DATE.error()
    until = read_moment(end, ends=True)
    if until is None or until <= since:
        raise Fault.BAD_LAST_DATE.error("it is before the first" if until is not None else "")
    if until - since > rules.statistics_ms:
        raise Fault.PERIOD_TOO_LONG.error(f"at most {rules.statistics_ms // DAY_MS} days")
    return Period(since, until, tuple(words.warnings))
