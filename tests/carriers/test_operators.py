import pytest

from slidewire.carriers.operators import Catalogue, CatalogueError, Operator, has_published_form

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
