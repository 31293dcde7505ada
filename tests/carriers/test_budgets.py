"""Which limits a message to one phone has, and how a table of them is read."""

import csv
from dataclasses import replace
from importlib import resources

import pytest

from slidewire.carriers.budgets import Budget, BudgetTable, Case, Limits, Row, read_table, shipped
from slidewire.carriers.operators import shipped_operators
from slidewire.carriers.tables import TableError
from slidewire.domain.senders import SenderKind

LONG, SHORT, TOLL_FREE = SenderKind.LONG_CODE, SenderKind.SHORT_CODE, SenderKind.TOLL_FREE
HEAD = "operator,networks,country,name,sender,bytes,width,height,vcard,source"  #: of tables from before formats
FULL = "operator,networks,country,name,sender,bytes,width,height,vcard,formats,source"
OTHERWISE = Limits(300_000, 2592, 1944, "text/vcard", ("jpeg", "gif", "png"))
SHIPPED = read_table(f"""# a comment
{HEAD}
31003 0001890,311480,US,Verizon,,1000000,1000,900,,A
31003 0001890,311480,US,Verizon,short-code,1200000,,,,A
31007,,US,Small,,400000,,,,A
31009,,US,Words,,,,,text/x-vcard,A
,,US,,,900000,800,700,,R
,,US,,toll-free,600000,,,,R
""")


def a_case(*words: str, country: str = "US", kind: SenderKind = LONG, route: object = (), network: str = "") -> Case:
    return Case(route, words, (network,), country, kind)  # type: ignore[arg-type]  # the rows' own routes are well formed


@pytest.mark.parametrize(
    ("case", "budget"),
    [
        pytest.param(
            a_case("31003"), Budget(1_000_000, 1000, 900, "text/vcard", "operator Verizon"), id="an operator's id"
        ),
        pytest.param(
            a_case("x", network="311480"),
            Budget(1_000_000, 1000, 900, "text/vcard", "operator Verizon"),
            id="its MCC-MNC",
        ),
        pytest.param(
            a_case("31003", kind=SHORT),
            Budget(1_200_000, 1000, 900, "text/vcard", "operator Verizon, short code"),
            id="a row for the sender's kind, pixels from the row for any",
        ),
        pytest.param(
            a_case("31003", kind=TOLL_FREE),
            Budget(600_000, 1000, 900, "text/vcard", "country US, toll-free"),
            id="the country treats this sender kind apart",
        ),
        pytest.param(
            a_case("31007", kind=TOLL_FREE),
            Budget(400_000, 800, 700, "text/vcard", "operator Small"),
            id="the operator's general limit is smaller still",
        ),
        pytest.param(
            a_case("31009"),
            Budget(900_000, 800, 700, "text/x-vcard", "country US"),
            id="what the operator leaves open the country says",
        ),
        pytest.param(a_case(), Budget(900_000, 800, 700, "text/vcard", "country US"), id="no operator"),
        pytest.param(
            a_case("31003", country="ZZ"),
            Budget(1_000_000, 1000, 900, "text/vcard", "operator Verizon"),
            id="a network known by its id alone",
        ),
        pytest.param(a_case(country="GB"), Budget(300_000, 2592, 1944, "text/vcard", "default"), id="nothing known"),
        pytest.param(
            a_case("31003", kind=SHORT, route=((None, 50_000),)),
            Budget(50_000, 1000, 900, "text/vcard", "route"),
            id="the route's word for any sender",
        ),
        pytest.param(
            a_case("31003", kind=SHORT, route=((None, 50_000), (SHORT, 70_000), (LONG, 80_000))),
            Budget(70_000, 1000, 900, "text/vcard", "route"),
            id="the route's word for this sender kind",
        ),
        pytest.param(
            a_case("31003", route=((SHORT, 70_000),)),
            Budget(1_000_000, 1000, 900, "text/vcard", "operator Verizon"),
            id="the route speaks of another sender kind",
        ),
    ],
)
def test_the_first_row_that_says_it_decides(case: Case, budget: Budget) -> None:
    assert BudgetTable((), [SHIPPED], OTHERWISE).find(case) == budget


def test_the_settings_come_before_the_admins_table_and_that_before_ours() -> None:
    own = read_table(f"{HEAD}\n31003,,,Ours,,500000,,,,\n,,DE,,,700000,,,,\n,,US,,,800000,,,,")
    settings = [Row(Limits(250_000, 640, 480), ("31007",), name="31007")]
    table = BudgetTable(settings, [own, SHIPPED], OTHERWISE)
    found = {words: table.find(a_case(*words)) for words in [("31003",), ("31007",), ()]}
    assert {words: (each.bytes, each.width, each.said_by) for words, each in found.items()} == {
        ("31003",): (500_000, 1000, "operator Ours"),
        ("31007",): (250_000, 640, "operator 31007"),
        (): (800_000, 800, "country US"),
    }
    assert table.find(a_case(country="DE")).bytes == 700_000
    assert table.find(a_case("31007", kind=TOLL_FREE)).bytes == 250_000, "an admin's word is not outbid"


def test_image_formats_are_asked_like_every_other_field() -> None:
    own = read_table(f"{FULL}\n31003,,,,,,,,,png jpeg,ours\n,,US,,,,,,,jpeg,ours\n,,US,,toll-free,,,,,gif jpeg,ours")
    settings = [Row(Limits(formats=("jpeg",)), ("31007",))]
    table = BudgetTable(settings, [own, SHIPPED], OTHERWISE)
    cases = [
        a_case("31003"),
        a_case("31007"),
        a_case(),
        a_case(kind=TOLL_FREE),
        a_case(country="DE"),
        replace(a_case("31003"), formats=("jpeg", "gif")),
    ]
    assert [table.find(case).formats for case in cases] == [
        ("jpeg", "png"),
        ("jpeg",),
        ("jpeg",),
        ("jpeg", "gif"),
        ("jpeg", "gif", "png"),
        ("jpeg", "gif"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", f"the first line must be {FULL}", id="nothing"),
        pytest.param("a,b\n", f"the first line must be {FULL}", id="another head"),
        pytest.param(f"{HEAD}\n1,,,,,5\n", "line 2: 6 columns where there are 10", id="too few columns"),
        pytest.param(f"# x\n{HEAD}\n,,,,,5,,,,\n", "line 3: neither an operator nor a country", id="for nobody"),
        pytest.param(f"{HEAD}\n,,us,,,5,,,,\n", "line 2: 'us' is no country of two capitals", id="a country"),
        pytest.param(
            f"{HEAD}\n1,,,,fax,5,,,,\n",
            "line 2: sender 'fax' is not one of: short-code, long-code, toll-free, alphanumeric",
            id="a sender kind",
        ),
        pytest.param(f"{HEAD}\n1,,,,,-5,,,,\n", "line 2: '-5' is no number from 1 to 2147483647", id="a sign"),
        pytest.param(f"{HEAD}\n1,,,,,0,,,,\n", "line 2: '0' is no number from 1 to 2147483647", id="zero"),
        pytest.param(
            f"{HEAD}\n1,,,,,{'9' * 5000},,,,\n",
            f"line 2: '{'9' * 40}' is no number from 1 to 2147483647",
            id="without end",
        ),
        pytest.param(f"{HEAD}\n1,,,,,٣,,,,\n", "line 2: '٣' is no number from 1 to 2147483647", id="other digits"),
        pytest.param(f"{HEAD}\n1,,,,,,5,,,\n", "line 2: width and height are told together or not at all", id="half"),
        pytest.param(
            f"{HEAD}\n1,,,,,,,,text/html,\n",
            "line 2: vcard 'text/html' is not one of: text/vcard, text/x-vcard",
            id="a type",
        ),
        pytest.param(
            f"{HEAD}\n1,,,,,5,,,,\n2 1,,,,,6,,,,\n", "line 3: 1 was told on a line before", id="an operator twice"
        ),
        pytest.param(
            f"{HEAD}\n,12,US,,,5,,,,\n", "line 2: '12' is no MCC with its MNC, such as 311480", id="no network"
        ),
        pytest.param(
            f"{HEAD}\n1,31148,,,,5,,,,\n2,31148,,,,6,,,,\n",
            "line 3: network 31148 was told on a line before",
            id="a network twice",
        ),
        pytest.param(
            f"{HEAD}\n,,US,,,5,,,,\n,,US,,,6,,,,\n",
            "line 3: the country US was told on a line before",
            id="a country twice",
        ),
        pytest.param(f'{HEAD}\n1,,,"x,,5,,,,\n', "line 2: unexpected end of data", id="an open quote"),
        pytest.param(
            f"{FULL}\n1,,,,,,,,,jpeg webp,\n",
            "line 2: image format 'webp' is not one of: jpeg, gif, png",
            id="a format that never leaves",
        ),
        pytest.param(
            f"{FULL}\n1,,,,,,,,,gif png,\n",
            "line 2: image formats without jpeg: every picture must be able to become one that is taken",
            id="no JPEG",
        ),
    ],
)
def test_a_table_that_cannot_be_used_names_its_line(text: str, words: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(text)
    assert str(refused.value) == words


def test_a_table_may_come_from_a_spreadsheet() -> None:
    [row] = read_table(f'\ufeff{HEAD}\r\n31003,"311480 311481",US,"A, and B",toll-free,5,6,7,text/x-vcard,me\r\n\r\n')
    networks = ("311480", "311481")
    assert row == Row(Limits(5, 6, 7, "text/x-vcard"), ("31003",), networks, "US", TOLL_FREE, "A, and B")


def test_an_id_that_looks_like_a_network_is_none() -> None:
    table = BudgetTable(
        (), [read_table(f"{HEAD}\n,20801,FR,Orange,,600000,,,,\n20802,,FR,Ours,,500000,,,,")], OTHERWISE
    )
    assert table.find(a_case("20801")).said_by == "default"
    assert table.find(a_case(network="20802")).said_by == "default"


def test_every_operator_that_comes_with_us_has_a_row_of_the_same_name_or_none() -> None:
    table = BudgetTable((), [shipped()], OTHERWISE)
    said = {
        each.name: table.find(Case((), each.words, each.networks, "ZZ", LONG)).said_by for each in shipped_operators()
    }
    assert {name for name, by in said.items() if by == "default"} == {
        "Alltel", "Nextel", "TracFone", "Virgin Plus", "Telebec", "NorthernTel", "Aliant",
    }  # fmt: skip
    alike = {"Bell": "Bell Mobility", "Cricket": "Cricket Wireless", "Telus": "TELUS", "MetroPCS": "T-Mobile"}
    named = {name: by for name, by in said.items() if by != "default"}
    assert named == {name: f"operator {alike.get(name, name)}" for name in named}


def test_every_shipped_row_has_a_source_that_the_head_names() -> None:
    assert shipped()
    text = resources.files("slidewire.carriers").joinpath("budgets.csv").read_text("utf-8")
    named = {line[2] for line in text.splitlines() if line.startswith("# ") and line[3:5] == "  "}
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    assert {source for row in rows for source in (row["source"] or "none").split()} == named


@pytest.mark.parametrize(
    ("case", "size"),
    [
        pytest.param(a_case("31002", kind=SHORT), 600_000, id="AT&T, short code"),
        pytest.param(a_case("0001890"), 1_000_000, id="Verizon, long code"),
        pytest.param(a_case("0001670", kind=TOLL_FREE), 600_000, id="Cricket, toll-free"),
        pytest.param(a_case(network="20801", country="FR"), 614_400, id="Orange France"),
        pytest.param(a_case(country="FR"), 600_000, id="any in France"),
        pytest.param(a_case(country="MA"), 100_000, id="any in Morocco"),
        pytest.param(a_case(country="GB"), 300_000, id="a country without a row"),
    ],
)
def test_the_shipped_table_says(case: Case, size: int) -> None:
    assert BudgetTable((), [shipped()], OTHERWISE).find(case).bytes == size
