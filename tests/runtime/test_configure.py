"""Settings of which one speaks for another."""

from typing import Any

import msgspec
import pytest

from slidewire.runtime.configure import references_of
from slidewire.settings import Settings

DAY = 86_400_000


@pytest.mark.parametrize(
    ("tree", "days"),
    [
        pytest.param({}, 90, id="as it is set"),
        pytest.param({"retention": {"references": "1d"}}, 30, id="less than a message may say"),
        pytest.param({"retention": {"references": "1d"}, "delivery": {"validity": "41d"}}, 41, id="less than any has"),
    ],
)
def test_references_outlive_messages(tree: dict[str, Any], days: int) -> None:
    assert references_of(msgspec.convert(tree, Settings, strict=False)) == days * DAY
