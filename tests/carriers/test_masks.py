"""The table of countries whose networks take a mask, and tables of an admin's own."""

from pathlib import Path

import pytest

from slidewire.carriers.masks import read_table, shipped
from slidewire.carriers.tables import TableError
from slidewire.domain.senders import MaskRule
from slidewire.runtime.budgets import masks_of
from slidewire.settings import Settings, SettingsError

HEAD = "country,masks,note\n"


def test_the_shipped_table_refuses_where_networks_do() -> None:
    refused = {country for country, rule in shipped().items() if rule is MaskRule.NO}
    assert refused == {"US", "CA", "PR", "CN"}
    assert "DE" not in shipped()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param("XX,no,", "line 2: 'XX' is no country of two capitals", id="no country"),
        pytest.param("us,no,", "line 2: 'us' is no country of two capitals", id="small letters"),
        pytest.param("US,maybe,", "line 2: masks 'maybe' is not one of: yes, no, replaced, registered", id="a word"),
        pytest.param("US,no", "line 2: 2 columns where there are 3", id="a column short"),
        pytest.param("US,no,\nUS,yes,", "line 3: US was told on a line before", id="twice"),
    ],
)
def test_a_table_that_cannot_be_used_names_its_line(row: str, words: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(HEAD + row)
    assert str(refused.value) == words


def test_ones_own_rows_go_before_the_shipped_ones(tmp_path: Path) -> None:
    table = tmp_path / "masks.csv"
    table.write_text(HEAD + "US,yes,we have an agreement\nFR,no,\n")
    masks = masks_of(Settings(mask_countries=str(table)))
    assert (masks["US"], masks["FR"], masks["CA"]) == (MaskRule.YES, MaskRule.NO, MaskRule.NO)
    assert shipped()["US"] is MaskRule.NO


def test_a_table_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mask_countries: .*nowhere\.csv"):
        masks_of(Settings(mask_countries=str(tmp_path / "nowhere.csv")))
