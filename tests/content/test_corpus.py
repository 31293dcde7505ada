"""How well and how quickly images are fitted, over a small corpus: the figures that the product promises."""

from statistics import mean

from tests.content import makers

from slidewire.content import images
from slidewire.content.images import CannotFitError, Goal

SOURCES = {
    "a photograph": makers.saved(makers.photo(1600, 1200, 1), quality=92),
    "one of low quality": makers.saved(makers.photo(1200, 1600, 2), quality=60),
    "one of full quality": makers.saved(makers.photo(1000, 1000, 3), quality=98, subsampling=0),
    "a progressive one": makers.saved(makers.photo(1200, 900, 4), quality=85, progressive=True),
    "a grey one": makers.saved(makers.photo(1200, 900, 5).convert("L"), quality=88),
    "a drawing": makers.saved(makers.screenshot(1200, 900), quality=90),
    "a smooth one": makers.saved(makers.photo(60, 60, 6).resize((1500, 1500)), quality=95),
    "a turned one": makers.saved(makers.photo(1200, 900, 7), quality=90, exif=makers.exif(6)),
}
SHARES = (0.03, 0.06, 0.12, 0.25, 0.45, 0.7, 0.95, 1.2)


def test_few_encodes_use_the_budget_well() -> None:
    """The mean of encodes is at most 2.5, and at least 85 % of a budget is used wherever more would be better."""
    encodes, wasted = [], []
    for name, data in SOURCES.items():
        for share in SHARES:
            budget = int(len(data) * share)
            try:
                fitted = images.fit(data, "image/jpeg", Goal(budget, 2592, 1944))
            except CannotFitError:
                assert budget < 2_500, (name, budget)
                continue
            assert len(fitted.data) <= budget
            if fitted.encodes:
                encodes.append(fitted.encodes)
            used = len(fitted.data) / budget
            if len(data) > budget and fitted.quality < 90 and used < 0.85:
                wasted.append((name, budget, fitted.width, fitted.quality, used))
    assert len(encodes) > 40
    assert mean(encodes) <= 2.5, encodes
    assert wasted == []
