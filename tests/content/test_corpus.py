"""How well and how quickly images are fitted, over a small corpus: the figures that the product promises."""

from statistics import mean

from tests.content.sources import SHARES, sources

from slidewire.content import images
from slidewire.content.images import CannotFitError, Goal


def test_few_encodes_use_the_budget_well() -> None:
    """The mean of encodes is at most 2.5, and at least 85 % of a budget is used wherever more would be better."""
    encodes, wasted = [], []
    for name, (mime, data) in sources().items():
        for share in SHARES:
            budget = int(len(data) * share)
            try:
                fitted = images.fit(data, mime, Goal(budget, 2592, 1944))
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
