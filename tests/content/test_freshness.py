"""RFC 9111 for a private cache, explicit freshness only: a fetch too many harms nobody (settled 21)."""

import time

import pytest

from slidewire.content.freshness import MAX_AGE, Freshness, freshness, http_date

NOW = 1_750_000_000.0
DATE = "Sun, 15 Jun 2025 15:06:40 GMT"
LATER = "Sun, 15 Jun 2025 15:16:40 GMT"
EARLIER = "Sun, 15 Jun 2025 15:05:40 GMT"
STALE = Freshness(0.0, shareable=True)
ASK = Freshness(0.0, shareable=False)
NEVER = Freshness(0.0, shareable=False, storable=False)


def fresh(seconds: float) -> Freshness:
    return Freshness(seconds, shareable=True)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        pytest.param({}, STALE, id="nothing said: no heuristics"),
        pytest.param({"last-modified": EARLIER, "etag": '"x"'}, STALE, id="validators alone"),
        pytest.param({"cache-control": "max-age=60"}, fresh(60), id="max-age"),
        pytest.param({"cache-control": 'Max-Age="60"'}, fresh(60), id="quoted, any case"),
        pytest.param({"cache-control": " public , max-age = 60 , immutable"}, fresh(60), id="blanks and others"),
        pytest.param({"cache-control": ",,max-age=60,,"}, fresh(60), id="empty members"),
        pytest.param({"cache-control": 'x="a, b=1", max-age=60'}, fresh(60), id="a comma in quotes"),
        pytest.param({"cache-control": "private, max-age=60"}, fresh(60), id="private: so are we"),
        pytest.param({"cache-control": "max-age=60, s-maxage=600"}, fresh(60), id="s-maxage is for others"),
        pytest.param({"cache-control": "s-maxage=600"}, STALE, id="s-maxage alone"),
        pytest.param({"cache-control": "max-age=60, must-revalidate"}, fresh(60), id="must-revalidate: not yet"),
        pytest.param({"cache-control": "max-age=0"}, STALE, id="max-age=0"),
        pytest.param({"cache-control": "max-age=-5"}, STALE, id="negative"),
        pytest.param({"cache-control": "max-age=5.5"}, STALE, id="a fraction"),
        pytest.param({"cache-control": "max-age=soon"}, STALE, id="a word"),
        pytest.param({"cache-control": "max-age"}, STALE, id="no value"),
        pytest.param({"cache-control": "max-age=\u0666"}, STALE, id="other digits"),
        pytest.param({"cache-control": "max-age=60, max-age=90"}, NEVER, id="two that contradict"),
        pytest.param({"cache-control": "max-age=60, max-age=60"}, fresh(60), id="two that agree"),
        pytest.param({"cache-control": "max-age=9" + "9" * 400}, fresh(MAX_AGE), id="beyond all bounds"),
        pytest.param({"cache-control": "no-store, max-age=60"}, NEVER, id="no-store"),
        pytest.param({"cache-control": "no-cache"}, ASK, id="no-cache"),
        pytest.param({"cache-control": 'no-cache="set-cookie", max-age=60'}, ASK, id="no-cache of a field"),
        pytest.param({"cache-control": "max-age=60, "}, fresh(60), id="a trailing comma"),
        pytest.param({"cache-control": "max-age=60; no-store"}, NEVER, id="a list with another sign"),
        pytest.param({"pragma": "no-cache", "expires": LATER, "date": DATE}, ASK, id="the old way to say no"),
        pytest.param({"pragma": "no-cache", "cache-control": "max-age=60"}, fresh(60), id="the new way rules"),
        pytest.param({"cache-control": "max-age=60", "vary": "*"}, NEVER, id="varies by everything"),
        pytest.param({"cache-control": "max-age=60", "vary": "Accept"}, fresh(60), id="by what we always send alike"),
        pytest.param({"expires": LATER, "date": DATE}, fresh(600), id="Expires"),
        pytest.param({"expires": LATER}, STALE, id="Expires without Date: our clock is not the origin's"),
        pytest.param({"expires": "0", "date": DATE}, STALE, id="Expires: 0"),
        pytest.param({"expires": EARLIER, "date": DATE}, STALE, id="Expires before Date"),
        pytest.param({"expires": LATER, "date": DATE, "cache-control": "max-age=60"}, fresh(60), id="max-age rules"),
        pytest.param({"cache-control": "max-age=60", "age": "50"}, fresh(10), id="Age"),
        pytest.param({"cache-control": "max-age=60", "age": "70"}, STALE, id="older than fresh"),
        pytest.param({"cache-control": "max-age=60", "age": "x"}, fresh(60), id="an Age that is none"),
        pytest.param({"cache-control": "max-age=90", "date": EARLIER}, fresh(30), id="a Date of a minute ago"),
        pytest.param({"cache-control": "max-age=90", "date": EARLIER, "age": "80"}, fresh(10), id="the older counts"),
        pytest.param({"cache-control": "max-age=90", "date": LATER}, fresh(90), id="a Date to come"),
    ],
)  # fmt: skip
def test_reads_what_headers_allow(headers: dict[str, str], allowed: Freshness) -> None:
    assert freshness(headers, NOW) == allowed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param(DATE, NOW, id="the usual form"),
        pytest.param("Sunday, 15-Jun-25 15:06:40 GMT", NOW, id="the oldest form"),
        pytest.param("Sun Jun 15 15:06:40 2025", NOW, id="the C form"),
        pytest.param("Fri Jun  6 15:06:40 2025", NOW - 9 * 86400, id="a day of one digit"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0, id="long ago"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0, id="two digits of the last century"),
        pytest.param("Sun, 15 Jun 2025 15:06:40 CET", None, id="another zone"),
        pytest.param("Sun, 15 Juin 2025 15:06:40 GMT", None, id="another language"),
        pytest.param("1750000000", None, id="a number"),
        pytest.param("", None, id="nothing"),
        pytest.param("-1", None, id="minus one"),
    ],
)
def test_reads_dates(text: str, seconds: float | None) -> None:
    assert http_date(text) == seconds


@pytest.mark.parametrize("text", ['"' * 60_000, "a=" * 30_000, ", " * 30_000, "\\" * 60_000, 'a="\\"' * 12_000])
def test_reads_in_linear_time(text: str) -> None:
    started = time.process_time()
    freshness({"cache-control": text}, NOW)
    assert time.process_time() - started < 0.5
