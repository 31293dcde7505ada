"""Several images share the room by their need, not equally."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.content.sharing import STEP, need, share, stepped
from slidewire.domain.message import Content

BOX = (2592, 1944)


def a_content(size: int, type_: str = "image/jpeg", width: int = 800, height: int = 600) -> Content:
    return Content("ab" * 32, size, type_, width, height)


@pytest.mark.parametrize(
    ("needs", "room", "shares"),
    [
        pytest.param([100], 500, [500], id="one alone has all"),
        pytest.param([900], 500, [500], id="one that needs more"),
        pytest.param([100, 900], 500, [100, 400], id="the small one its need, the large one the rest"),
        pytest.param([900, 100, 900], 500, [200, 100, 200], id="the large ones evenly"),
        pytest.param([100, 300], 800, [200, 600], id="what is left over, by need"),
        pytest.param([], 500, [], id="none"),
    ],
)
def test_shares(needs: list[int], room: int, shares: list[int]) -> None:
    assert share(needs, room) == shares


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=9), st.integers(0, 10**7))
def test_never_gives_more_than_there_is_and_nobody_less_than_fair(needs: list[int], room: int) -> None:
    shares = share(needs, room)
    assert sum(shares) <= room
    assert all(mine >= min(own, room // len(needs)) for mine, own in zip(shares, needs, strict=True))


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        pytest.param(a_content(123_456), 16 * STEP, id="a JPEG that fits the box: its own bytes"),
        pytest.param(a_content(49_152, "image/gif"), 6 * STEP, id="a GIF"),
        pytest.param(
            a_content(9_000_000, "image/jpeg", 8000, 6000), 1_298_137, id="one to be made smaller: a good JPEG"
        ),
        pytest.param(a_content(2_000_000, "image/png"), 131_072, id="a large PNG: a good JPEG"),
        pytest.param(a_content(20_000, "image/webp"), 20_000, id="a small WebP"),
    ],
)
def test_needs(content: Content, needed: int) -> None:
    assert need(content, BOX) == needed


def test_budgets_come_in_steps() -> None:
    large = a_content(9_000_000, "image/jpeg", 8000, 6000)
    assert {stepped(budget, large, BOX) for budget in range(300_000, 301_000)} == {36 * STEP}
    assert stepped(5000, large, BOX) == 5000


def test_an_image_that_fits_has_one_budget_for_all_routes() -> None:
    small = a_content(30_000)
    assert {stepped(budget, small, BOX) for budget in (100_000, 300_000, 1_000_000)} == {6 * STEP}
