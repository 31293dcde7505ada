import pytest

from slidewire.carriers.operators import Catalogue, Operator
from slidewire.carriers.prefixes import PrefixFileError, PrefixTable, read_prefixes
from slidewire.domain.finding import Finding, Source

CATALOGUE = Catalogue((Operator("31003", "Able", ("0001890",)), Operator("31004", "Plain")))
ABLE = Finding(Source.PREFIXES, operator="31003", name="Able")
PLAIN = Finding(Source.PREFIXES, operator="31004", name="Plain")
FILE = """\ufeffprefix,operator,line_type
# the whole of one area
1202,31003,

12025550,31004,mobile
+49171,0001890,
49302,,Landline
"""


def table(text: str) -> PrefixTable:
    return read_prefixes(text.splitlines(keepends=True), CATALOGUE)


@pytest.mark.parametrize(
    ("number", "finding"),
    [
        pytest.param("12029990123", ABLE, id="a short prefix"),
        pytest.param("12025550123", Finding(Source.PREFIXES, "", "31004", "Plain", "mobile"), id="the longest wins"),
        pytest.param("491710000000", ABLE, id="an alias"),
        pytest.param("493020000000", Finding(Source.PREFIXES, line_type="landline"), id="a line type alone"),
        pytest.param("1202", ABLE, id="a number as long as its prefix"),
        pytest.param("120", None, id="shorter than any"),
        pytest.param("4412", None, id="no prefix"),
    ],
)
def test_the_longest_prefix_wins(number: str, finding: Finding | None) -> None:
    assert table(FILE).find(number) == finding


def test_columns_may_come_in_any_order_and_cells_quoted() -> None:
    assert table('operator,prefix\r\n"31004","1202"\r\n').rows == {"1202": PLAIN}


def test_an_empty_file_has_no_columns() -> None:
    with pytest.raises(PrefixFileError, match="line 1: the header lacks prefix and operator"):
        table("")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("prefix\n", "line 1: the header lacks operator", id="a column is missing"),
        pytest.param("prefix,operator,mms\n", "line 1: the header's columns are", id="an unknown column"),
        pytest.param("prefix,operator,prefix\n", "line 1: the header's columns are", id="a column twice"),
        pytest.param("prefix,operator\n1202\n", "line 2: 1 cells, the header has 2", id="a cell is missing"),
        pytest.param("prefix,operator\n\n12a,31003\n", "line 3: '12a' is no prefix", id="a letter"),
        pytest.param("prefix,operator\n00491,31003\n", "line 2: '00491' is no prefix", id="00"),
        pytest.param("prefix,operator\n٤٩,31003\n", "line 2: '٤٩' is no prefix", id="other digits"),
        pytest.param("prefix,operator\n" + "1" * 16 + ",31003\n", "is no prefix", id="too long"),
        pytest.param("prefix,operator\n1202,verizon\n", "line 2: operator 'verizon' is neither", id="no operator"),
        pytest.param("prefix,operator\n1202,\n", "line 2: neither an operator nor", id="nothing told"),
        pytest.param("prefix,operator,line_type\n1,31003,\x00\n", "line 2: ", id="a control character"),
        pytest.param(
            "prefix,operator\n1202,31003\n1202,31004\n", "line 3: prefix 1202 was given another", id="two operators"
        ),
        pytest.param('prefix,operator\n"1202,31003\n', "line 2: it is no CSV", id="an open quote"),
    ],
)
def test_a_line_that_cannot_be_used_is_told(text: str, words: str) -> None:
    with pytest.raises(PrefixFileError) as refused:
        table(text)
    assert words in str(refused.value)


def test_the_same_line_twice_is_no_harm() -> None:
    assert table("prefix,operator\n1202,31003\n1202,0001890\n").rows == {"1202": ABLE}
