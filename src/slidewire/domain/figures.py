"""What is counted while the gateway works: the table of it, and sheets of memory that outlive who counts in them.

No label ever names an account, a number, an address or a message (security 13): labels are words of ours, and routes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, unique
from typing import TypeAlias

from slidewire.domain.frozen import frozen

#: Upper bounds in seconds.
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@unique
class Kind(Enum):
    """How a figure moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@frozen
class Figure:
    """One line of docs/how-to/metrics.md."""

    name: str
    kind: Kind
    words: str  #: its HELP
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()  #: of a histogram: upper, in seconds, without infinity

    @property
    def width(self) -> int:
        """Cells of one series: of a histogram each bucket, what is above them all, and the sum."""
        return len(self.bounds) + 2 if self.bounds else 1


REQUESTS = Figure(
    "slidewire_requests_total",
    Kind.COUNTER,
    "Requests that were answered: code is Success or that of the fault.",
    ("action", "dialect", "code"),
)
REQUEST_SECONDS = Figure(
    "slidewire_request_duration_seconds",
    Kind.HISTOGRAM,
    "From the head of a request to its answer.",
    ("action",),
    _QUICK,
)
FETCHES = Figure(
    "slidewire_media_fetches_total",
    Kind.COUNTER,
    "Files asked of their origins; what the fetch cache had is not asked for.",
    ("outcome",),
)
SUBMISSIONS = Figure(
    "slidewire_submissions_total",
    Kind.COUNTER,
    "Submissions that carriers were handed; an SMS is one, whatever its segments.",
    ("route", "channel", "outcome"),
)
SUBMISSION_SECONDS = Figure(
    "slidewire_submission_duration_seconds",
    Kind.HISTOGRAM,
    "From handing a submission to the carrier to its outcome; of an SMS with the wait for the route's pace.",
    ("route",),
    _SLOW,
)
SEGMENTS = Figure(
    "slidewire_sms_segments_total", Kind.COUNTER, "SMS segments that carriers were handed.", ("route", "outcome")
)
RECEIPTS = Figure(
    "slidewire_receipts_total",
    Kind.COUNTER,
    "Receipts that were taken, repeated ones too; of an SMS one for each segment.",
    ("route", "status"),
)
INBOUND = Figure(
    "slidewire_inbound_messages_total",
    Kind.COUNTER,
    "Messages of phones that were taken, repeated ones too; an SMS is counted by its segments.",
    ("route", "channel"),
)
POSTBACKS = Figure(
    "slidewire_postbacks_total",
    Kind.COUNTER,
    "Attempts to post: received, failed (it will be tried again), given up.",
    ("outcome",),
)
POSTBACK_SECONDS = Figure(
    "slidewire_postback_duration_seconds",
    Kind.HISTOGRAM,
    "From a post to the answer of the customer's server.",
    bounds=_SLOW,
)
UNCOUNTED = Figure("slidewire_uncounted_total", Kind.COUNTER, "What was not counted for want of room: should stay 0.")
STARTED = Figure(
    "slidewire_start_time_seconds", Kind.GAUGE, "Since when this gateway counts: its start, or its supervisor's."
)
#: What processes count; everything else is looked at when it is asked for.
COUNTED = (
    REQUESTS,
    REQUEST_SECONDS,
    FETCHES,
    SUBMISSIONS,
    SUBMISSION_SECONDS,
    SEGMENTS,
    RECEIPTS,
    INBOUND,
    POSTBACKS,
    POSTBACK_SECONDS,
    UNCOUNTED,
)

BUILD = Figure("slidewire_build_info", Kind.GAUGE, "Always 1; the version is in its label.", ("version",))
PROCESSES = Figure(
    "slidewire_processes", Kind.GAUGE, "Processes of this gateway on this machine, the supervisor not counted."
)
MEMORY = Figure(
    "slidewire_resident_memory_bytes", Kind.GAUGE, "Memory that these processes hold, shared pages in each."
)
DATABASE = Figure("slidewire_database_up", Kind.GAUGE, "1: the database answers; 0: what comes from it is left out.")
PAUSED = Figure(
    "slidewire_paused", Kind.GAUGE, "1: the disk is nearly full (free_space), and nothing is accepted or sent."
)
ROUTE_UP = Figure("slidewire_route_up", Kind.GAUGE, "0: the route cannot be reached.", ("route",))
LANES = Figure("slidewire_route_lanes_held", Kind.GAUGE, "Lanes of the route that a process holds.", ("route",))
SHARE = Figure(
    "slidewire_route_rate_share",
    Kind.GAUGE,
    "Share of its rate at which a route sends: below 1 it is throttled.",
    ("route",),
)
TASKS = Figure(
    "slidewire_tasks",
    Kind.GAUGE,
    "Tasks that wait or are under way, are scheduled, or are parked; at most 100000 are counted.",
    ("kind", "route", "state"),
)
AGE = Figure(
    "slidewire_queue_age_seconds",
    Kind.GAUGE,
    "How long the oldest task has been due; of accounts' queues the oldest of all.",
    ("kind", "route"),
)
LEDGER = Figure(
    "slidewire_ledger_messages",
    Kind.GAUGE,
    "Messages accepted in the last hour, by what became of them; of more than 100000 the newest.",
    ("route", "state"),
)
LEDGER_SECONDS = Figure(
    "slidewire_ledger_seconds", Kind.GAUGE, "How far back the ledger reaches: less than 3600 where there were more."
)
#: What is looked at when it is asked for.
LOOKED_AT = (
    BUILD,
    STARTED,
    PROCESSES,
    MEMORY,
    DATABASE,
    PAUSED,
    ROUTE_UP,
    LANES,
    SHARE,
    TASKS,
    AGE,
    LEDGER,
    LEDGER_SECONDS,
)

#: Name of a figure and the values of its labels -> its cells.
Series: TypeAlias = dict[tuple[str, tuple[str, ...]], tuple[float, ...]]

#: Bytes for the names of series, behind the eight that say how many are used; and cells.
_NAMES, _CELLS = 262_144, 16_384
_HEAD = 8
#: Bytes of one sheet.
SHEET = _NAMES + 8 * _CELLS


class Figures:
    """What one process counts, in a sheet of memory that it may share with those who read it.

    A sheet that holds figures is counted on: what a process counted stays when it ends. One thread counts.
    """

    def __init__(self, sheet: memoryview, clock: Callable[[], float]) -> None:
        """``sheet``: SHEET bytes, zeroes at first. ``clock``: seconds from anywhere."""
        self.clock = clock
        self._used = sheet[:_HEAD].cast("Q")
        self._names = sheet[_HEAD:_NAMES]
        self._cells = sheet[_NAMES:SHEET].cast("d")
        self._places: dict[tuple[str, tuple[str, ...]], int] = {}
        self._next = 0  # cell
        widths = {figure.name: figure.width for figure in (*COUNTED, STARTED)}
        for name, labels, width in _series(bytes(self._names[: self._used[0]])):
            if width == widths.get(name):  # another version of us may have counted in other buckets
                self._places[name, labels] = self._next
            self._next += width
        self._lost = self._place_of(UNCOUNTED, ())

    def add(self, figure: Figure, *labels: str, by: int = 1) -> None:
        """Count ``by`` more."""
        place = self._places.get((figure.name, labels))
        if place is None:
            place = self._place_of(figure, labels)
        self._cells[place] += by

    def time(self, figure: Figure, seconds: float, *labels: str) -> None:
        """Something took so long."""
        place = self._places.get((figure.name, labels))
        if place is None:
            place = self._place_of(figure, labels)
            if place == self._lost:
                self._cells[place] += 1
                return
        cells, bounds = self._cells, figure.bounds
        cells[place + bisect_left(bounds, seconds)] += 1
        cells[place + len(bounds) + 1] += seconds

    def begin(self, seconds: float) -> None:
        """Counting begins at this time (Unix), unless it has begun before."""
        place = self._place_of(STARTED, ()) if (at := self._places.get((STARTED.name, ()))) is None else at
        self._cells[place] = self._cells[place] or seconds

    def _place_of(self, figure: Figure, labels: tuple[str, ...]) -> int:
        """Room for a series that is new; without room it is counted as uncounted."""
        plain = ("".join(char if char.isprintable() else "?" for char in each) for each in labels)
        entry = "\t".join((str(figure.width), figure.name, *plain)).encode() + b"\n"
        used, place = self._used[0], self._next
        if used + len(entry) > len(self._names) or place + figure.width > _CELLS:
            return self._lost
        self._names[used : used + len(entry)] = entry
        self._used[0] = used + len(entry)  # readers see it from here on, with cells that are still 0
        self._places[figure.name, labels] = place
        self._next = place + figure.width
        return place


def uncounted() -> Figures:
    """For whoever counts what nobody reads."""
    return Figures(memoryview(bytearray(SHEET)), lambda: 0.0)


def read_sheet(sheet: bytes) -> Series:
    """Everything that a sheet holds."""
    view = memoryview(sheet)
    [used], cells = view[:_HEAD].cast("Q"), view[_NAMES:SHEET].cast("d")
    series: Series = {}
    at = 0
    for name, labels, width in _series(sheet[_HEAD : _HEAD + used]):
        series[name, labels] = tuple(cells[at : at + width])
        at += width
    return series


def summed(sheets: Iterable[Series], figures: Iterable[Figure] = COUNTED) -> Series:
    """All sheets together; what another version of us counted in another way is left out."""
    known: Mapping[str, Figure] = {each.name: each for each in figures}
    total: Series = {}
    for sheet in sheets:
        for key, cells in sheet.items():
            figure = known.get(key[0])
            if figure is None or len(cells) != figure.width or len(key[1]) != len(figure.labels):
                continue
            total[key] = tuple(map(sum, zip(total[key], cells, strict=True))) if key in total else cells
    return total


def _series(names: bytes) -> Iterable[tuple[str, tuple[str, ...], int]]:
    for line in names.decode().splitlines():
        width, name, *labels = line.split("\t")
        yield name, tuple(labels), int(width)
