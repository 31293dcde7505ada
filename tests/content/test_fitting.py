"""The search for the best JPEG: pure, over pictures that are formulas."""

import math
from dataclasses import dataclass, field

import pytest

from slidewire.content.fitting import (
    DECENT_QUALITY,
    MAX_QUALITY,
    MIN_SIDE,
    USED_ENOUGH,
    CannotFitError,
    Size,
    coarseness,
    inside,
    quality_of,
    search,
)


@dataclass
class Formula:
    """A picture whose size follows a law of its own."""

    dense: float = 0.16  #: bytes for each pixel at quality 82
    by_quality: float = 0.58
    by_pixels: float = 0.85
    gain: float = 0.97  #: of the optimised encode
    made: list[tuple[Size, int, bool]] = field(default_factory=list)

    def size(self, size: Size, quality: int) -> float:
        pixels = size[0] * size[1]
        scale = math.pow(coarseness(quality) / coarseness(82), -self.by_quality)
        return self.dense * 5e6 * math.pow(pixels / 5e6, self.by_pixels) * scale + 300

    def __call__(self, size: Size, quality: int, optimised: bool) -> bytes:
        self.made.append((size, quality, optimised))
        return bytes(round(self.size(size, quality) * (self.gain if optimised else 1)))


PICTURES = [
    pytest.param(Formula(), id="a usual photograph"),
    pytest.param(Formula(dense=0.05), id="a smooth one"),
    pytest.param(Formula(dense=0.45, by_quality=0.5), id="a busy one"),
    pytest.param(Formula(by_quality=0.9, by_pixels=1.0), id="a soft one"),
    pytest.param(Formula(by_quality=0.33, by_pixels=0.6, gain=0.8), id="a drawing"),
]


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("budget", [20_000, 60_000, 150_000, 300_000, 600_000, 1_000_000, 3_000_000])
@pytest.mark.parametrize("guess", [0.5, 1.0, 2.0])
def test_uses_its_budget_in_few_encodes(picture: Formula, budget: int, guess: float) -> None:
    picture.made.clear()
    found = search(picture, (2592, 1944), budget, picture.size((2592, 1944), 82) * guess)
    assert len(found.data) <= budget
    assert found.quality == MAX_QUALITY or len(found.data) >= 0.85 * budget
    assert found.encodes == len(picture.made) <= 6
    assert picture.made[-1][2], "the one that is taken is an optimised one"
    if found.size != (2592, 1944) and picture.by_pixels > 0.8:
        assert found.quality <= 82, "a larger box would have been decent"


@pytest.mark.parametrize("picture", PICTURES)
def test_nothing_is_enlarged(picture: Formula) -> None:
    found = search(picture, (300, 200), 1_000_000, 10_000)
    assert (found.size, found.quality, found.encodes) == ((300, 200), MAX_QUALITY, 1)


def test_makes_the_box_smaller_before_the_picture_coarse() -> None:
    found = search(Formula(), (2592, 1944), 100_000, 800_000)
    assert found.quality >= DECENT_QUALITY - 5
    assert found.size[0] / found.size[1] == pytest.approx(4 / 3, rel=0.01)


def test_says_how_small_it_could_be_when_nothing_fits() -> None:
    with pytest.raises(CannotFitError) as told:
        search(Formula(), (2592, 1944), 300, 800_000)
    assert told.value.size == len(Formula()(inside((2592, 1944), (MIN_SIDE, MIN_SIDE)), 30, True))


@pytest.mark.parametrize("cliff", [55, 65, 75, 85])
@pytest.mark.parametrize("below", [5_000, 20_000, 50_000, 80_000])
def test_a_quality_that_jumps_over_the_budget_ends_the_search(cliff: int, below: int) -> None:
    made: list[tuple[Size, int]] = []

    def jumps(size: Size, quality: int, optimised: bool) -> bytes:
        made.append((size, quality))
        return bytes((below if quality < cliff else 120_000) * size[0] * size[1] // 1_000_000)

    found = search(jumps, (1000, 1000), 100_000, 100_000)
    assert 0 < len(found.data) <= 100_000
    assert found.encodes == len(made) <= 10
    for at, (size, quality) in enumerate(made):
        if quality >= cliff:
            assert all(later < quality for box, later in made[at + 1 :] if box == size), "too big once is too big"


@pytest.mark.parametrize(
    ("size", "box", "made"),
    [
        pytest.param((4000, 3000), (2592, 1944), (2592, 1944), id="the shape of the box"),
        pytest.param((3000, 4000), (2592, 1944), (1458, 1944), id="upright"),
        pytest.param((100, 50), (2592, 1944), (100, 50), id="small already"),
        pytest.param((20_000, 10), (2592, 1944), (2592, 1), id="a thread"),
    ],
)
def test_fits_inside_a_box_and_keeps_its_shape(size: Size, box: Size, made: Size) -> None:
    assert inside(size, box) == made


@pytest.mark.parametrize("quality", range(30, MAX_QUALITY + 1))
def test_quality_and_coarseness_are_one_anothers_inverse(quality: int) -> None:
    assert quality_of(coarseness(quality) * 0.9999) == quality


def test_knows_what_is_enough() -> None:
    assert 0.85 < USED_ENOUGH < 1
