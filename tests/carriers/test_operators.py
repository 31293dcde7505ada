import pytest

from slidewire.carriers.operators import (
    Catalogue,
    CatalogueError,
    Operator,
    has_published_form,
    merged,
    shipped_operators,
)

VERIZON = Operator("31003", "Verizon", ("0001890", "31003"), "US")
PAGERS = Operator("9999", "Pagers", mms=False)


@pytest.mark.parametrize(
    ("word", "operator"),
    [
        pytest.param("31003", VERIZON, id="its id"),
        pytest.param("0001890", VERIZON, id="an alias"),
        pytest.param(" 31003\n", VERIZON, id="trimmed"),
        pytest.param("9999", PAGERS, id="one that cannot MMS"),
        pytest.param("1890", None, id="zeros count"),
        pytest.param("verizon", None, id="a name is no id"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_resolves(word: str, operator: Operator | None) -> None:
    assert Catalogue((VERIZON, PAGERS)).resolve(word) is operator


@pytest.mark.parametrize(
    ("operators", "words"),
    [
        pytest.param(
            (VERIZON, Operator("0001890")), "'0001890' names two operators: '31003' and '0001890'", id="twice"
        ),
        pytest.param((Operator("  "),), "blank", id="a blank id"),
        pytest.param((Operator("1", aliases=(" 2",)),), "' 2' is blank or has white space", id="white space"),
        pytest.param((Operator("*"),), "any operator", id="the star"),
        pytest.param((Operator("1", networks=("310",)),), "'310' is no MCC with its MNC", id="an MCC alone"),
        pytest.param(
            (Operator("1", networks=("31003",)), Operator("2", networks=("31003",))),
            "network 31003 belongs to two operators: '1' and '2'",
            id="a network twice",
        ),
    ],
)
def test_refuses_a_catalogue_that_cannot_tell(operators: tuple[Operator, ...], words: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        Catalogue(operators)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("word", "has"),
    [("0001890", True), ("3100", True), ("310", False), ("00018901", False), ("31003a", False), ("٣١٠٠٣", False)],
)
def test_the_published_form(word: str, has: bool) -> None:
    assert has_published_form(word) is has


@pytest.mark.parametrize(
    ("network", "operator"),
    [
        pytest.param("311480", "31003", id="three digits of MNC"),
        pytest.param("26203", "o2", id="two"),
        pytest.param("262003", "o2", id="two, written with three"),
        pytest.param("31026", "31004", id="three, written with two"),
        pytest.param("31003", None, id="an id is no network"),
        pytest.param("", None, id="nothing"),
        pytest.param("310", None, id="an MCC alone"),
    ],
)
def test_networks(network: str, operator: str | None) -> None:
    able, o2 = Operator("31003", networks=("311480",)), Operator("o2", networks=("26203",))
    found = Catalogue((able, o2, Operator("31004", networks=("310026",)))).of_network(network)
    assert (found and found.id) == operator


def test_the_shipped_catalogue_is_sound() -> None:
    catalogue = Catalogue(shipped_operators())
    verizon = catalogue.resolve("0001890")
    assert verizon is not None
    assert (verizon.id, verizon.country, verizon.mms) == ("31003", "US", True)
    assert catalogue.of_network("311480") is verizon
    published = {"31002", "31003", "31004", "31005", "31062", "0001470", "0001570", "0001650", "0001770", "0001190"}
    published |= {"0001670", "0001840", "0001510", "0001910", "0001280", "0001950", "0001370", "0001830", "0001680"}
    published |= {"0001630", "0001400", "0001220", "0001290", "0001700", "0001580", "0001440", "0001800", "0001730"}
    assert published | {"0001760", "0001640", "0001890"} == set(catalogue.words())
    assert all(has_published_form(word) for word in catalogue.words())
    assert {operator.country for operator in catalogue} == {"US", "CA"}


SHIPPED = (
    Operator("31003", "Verizon", ("0001890",), "US", networks=("311480", "311481")),
    Operator("31004", "T-Mobile", ("0001570",), "US", networks=("310260",)),
)


@pytest.mark.parametrize(
    ("own", "result"),
    [
        pytest.param((), SHIPPED, id="none of our own"),
        pytest.param(
            (Operator("31003", mms=False),),
            (Operator("31003", "Verizon", ("0001890",), "US", False, ("311480", "311481")), SHIPPED[1]),
            id="a shipped one that takes no MMS",
        ),
        pytest.param(
            (Operator("vzw", "Mine", ("0001890",), "XX", networks=("99901",)),),
            (
                Operator("vzw", "Mine", ("0001890", "31003"), "XX", networks=("99901", "311480", "311481")),
                SHIPPED[1],
            ),
            id="named by an alias",
        ),
        pytest.param(
            (Operator("a", aliases=("31003",)), Operator("b", aliases=("0001890",), networks=("311481", "310260"))),
            (
                Operator("a", "Verizon", ("31003",), "US", networks=("311480",)),
                Operator("b", aliases=("0001890",), networks=("311481", "310260")),
                Operator("31004", "T-Mobile", ("0001570",), "US"),
            ),
            id="words and networks of others are theirs",
        ),
    ],
)
def test_own_operators_take_shipped_ones_over(own: tuple[Operator, ...], result: tuple[Operator, ...]) -> None:
    assert merged(own, SHIPPED) == list(result)
    Catalogue(merged(own, SHIPPED))
