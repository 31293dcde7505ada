"""Trouble by chance: percentages that change the behaviour of any message, whatever its receiver's digits.

The random source is passed in, so that a seed plays the same trouble again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from slidewire.simulator.behaviours import Answer
from slidewire.simulator.status import Code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from slidewire.simulator.behaviours import Behaviour


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble: what it says in --help and which fields of the behaviour it sets."""

    says: str
    changes: Mapping[str, Any]
    answers: bool = False  #: it is about the answer: one such trouble at most strikes a submission


#: Name in --chaos -> the trouble.
TROUBLES: dict[str, Trouble] = {
    "throttle": Trouble("HTTP 429 with Retry-After", {"answer": Answer.THROTTLE}, answers=True),
    "error": Trouble("HTTP 503 without SOAP", {"answer": Answer.BUSY}, answers=True),
    "unavailable": Trouble("SOAP Fault 4006", {"answer": Answer.FAULT, "code": Code.UNAVAILABLE}, answers=True),
    "refuse": Trouble("SOAP Fault 2004", {"answer": Answer.FAULT, "code": Code.CONTENT_REFUSED}, answers=True),
    "garbage": Trouble("HTTP 200 with a page that is no SOAP", {"answer": Answer.GARBAGE}, answers=True),
    "cut": Trouble("taken, but the connection is cut without an answer", {"answer": Answer.CUT}, answers=True),
    "slow": Trouble("answered late", {"answer": Answer.SLOW}, answers=True),
    "report-loss": Trouble("no report", {"reports": ()}),
    "report-duplicate": Trouble("each report twice", {"copies": 2}),
    "report-early": Trouble("the report before the answer", {"early": True}),
    "swap": Trouble("Recipient and Sender swapped in the report", {"swapped": True}),
}


@dataclass(frozen=True, slots=True)
class Chaos:
    """Percent per trouble, 0 to 100; a missing one is 0."""

    percents: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, percent in self.percents.items():
            if name not in TROUBLES:
                raise ValueError(f"unknown chaos {name!r}; known are {', '.join(TROUBLES)}")
            if not 0 <= percent <= 100:
                raise ValueError(f"chaos {name} is {percent}; it is a percentage from 0 to 100")

    def all_percents(self) -> dict[str, float]:
        """Every trouble with its percentage, zeros included."""
        return {name: float(self.percents.get(name, 0)) for name in TROUBLES}

    def upset(self, behaviour: Behaviour, rng: Random) -> Behaviour:
        """The behaviour after chance had its say about answer and reports."""
        answered = False
        for name, trouble in TROUBLES.items():
            if (trouble.answers and answered) or rng.uniform(0, 100) >= self.percents.get(name, 0):
                continue
            behaviour = replace(behaviour, **trouble.changes)
            answered = answered or trouble.answers
        return behaviour


def parse_chaos(text: str) -> Chaos:
    """Read ``throttle=5,cut=2``; empty is no chaos. Raises ValueError with a sentence for the command line."""
    percents: dict[str, float] = {}
    for pair in filter(None, (pair.strip() for pair in text.split(","))):
        name, _, percent = pair.partition("=")
        try:
            percents[name.strip()] = float(percent)
        except ValueError:
            raise ValueError(f"{pair!r} is not NAME=PERCENT, as in throttle=5") from None
    return Chaos(percents)


def chaos_table() -> str:
    """The troubles as text, one a line."""
    return "\n".join(f"  {name:<17} {trouble.says}" for name, trouble in TROUBLES.items())
