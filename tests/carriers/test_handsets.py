"""What is known of phones by what they call themselves, and how a table of them is read."""

import time

import pytest

from slidewire.carriers.handsets import HandsetTable, Known, read_table, shipped
from slidewire.carriers.tables import TableError
from slidewire.domain.handset import Handset
from slidewire.domain.message import Kind

HEAD = "profile,agent,name,bytes,width,height,shows,source"
TABLE = HandsetTable(
    read_table(f"""{HEAD}
*/a?.xml,able/*,Able,100000,640,480,vcard,me
,*baker*,Baker,,,,none,me
*,,Any,300000,,,,me
""")
)
ABLE = Known("Able", 100_000, 640, 480, frozenset({Kind.VCARD}))


@pytest.mark.parametrize(
    ("handset", "known"),
    [
        pytest.param(Handset("http://x/y/A1.XML"), ABLE, id="by its profile, whatever the capitals"),
        pytest.param(Handset("", "Able/2.0 (x)"), ABLE, id="by its user agent"),
        pytest.param(Handset("", "x Baker 7"), Known("Baker", shows=frozenset()), id="one that shows nothing"),
        pytest.param(Handset("http://x/a.xml"), Known("Any", 300_000), id="a sign short; the row for any"),
        pytest.param(Handset("", "Able"), None, id="by neither"),
        pytest.param(Handset(), None, id="a phone of which nothing was told"),
        pytest.param(None, None, id="no phone"),
    ],
)
def test_a_phone_is_known_by_what_it_calls_itself(handset: Handset | None, known: Known | None) -> None:
    assert TABLE.find(handset) == known


def test_a_long_word_costs_little() -> None:
    table = HandsetTable(read_table(f"{HEAD}\n{'*a' * 20}*b,,Slow,,,,,me\n"))
    started = time.process_time()
    for n in range(100):
        assert table.find(Handset("a" * 490 + str(n))) is None
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(",,Able,,,,,me", "neither a profile nor an agent", id="known by nothing"),
        pytest.param("*,,,,,,,me", "no name", id="without a name"),
        pytest.param("*,,Able,x,,,,me", "'x' is no number from 1 to 2147483647", id="bytes"),
        pytest.param("*,,Able,,1,,,me", "width and height are told together or not at all", id="half a box"),
        pytest.param(
            "*,,Able,,,,image,me", "'image' is not one of: vcard, ical, pdf, passbook, none", id="no kind of object"
        ),
        pytest.param("*,,Able", "3 columns where there are 8", id="too few columns"),
    ],
)
def test_a_table_that_cannot_be_used_names_its_line(row: str, words: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(f"# ours\n{HEAD}\n{row}\n")
    assert str(refused.value) == f"line 3: {words}"


@pytest.mark.parametrize(
    ("handset", "name"),
    [
        pytest.param(Handset("http://www.apple.com/mms/uaprof.rdf"), "iPhone", id="an iPhone"),
        pytest.param(Handset("http://wap.samsungmobile.com/SM-G900V.xml"), "Samsung Galaxy S5", id="a Galaxy"),
        pytest.param(Handset("http://nds1.nds.nokia.com/uaprof/N6060r100.xml"), "Nokia 6060", id="a Nokia 6060"),
        pytest.param(Handset("http://www.google.com/oha/rdf/ua-profile-kila.xml"), "", id="any Android: not known"),
    ],
)
def test_the_shipped_table_knows(handset: Handset, name: str) -> None:
    known = HandsetTable(shipped()).find(handset)
    assert (known.name if known else "") == name
