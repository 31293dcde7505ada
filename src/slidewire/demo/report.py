"""The demo's steps as they are seen: a live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text


@dataclass(slots=True)
class Step:
    """One step with what it found out."""

    title: str
    seconds: float = 0.0
    facts: list[str] = field(default_factory=list)


class Report:
    """``with report.step("..."):`` around each; the step is told when it is done."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._expected = steps
        self._started = time.monotonic()
        self.steps: list[Step] = []
        self.stopped_at = ""  #: the step that did not come to its end

    @property
    def seconds(self) -> float:
        """Since the first line."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """What is appended to the list is told below the step."""
        step, started = Step(title), time.monotonic()
        self.stopped_at = title
        with self._console.status(Text(f"{title} ...")) if self._console.is_terminal else _nothing():
            yield step.facts
        self.stopped_at = ""
        step.seconds = time.monotonic() - started
        self.steps.append(step)
        self._tell(step)

    def line(self, text: str = "", style: str = "") -> None:
        """A line besides the steps."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    def _tell(self, step: Step) -> None:
        number = f"{len(self.steps)}/{self._expected}"
        mark = Text.assemble((f" {number} ", "bold green"), (step.title, "bold"), f"  {step.seconds:.2f} s")
        self._console.print(mark, soft_wrap=True)
        for fact in step.facts:
            self._console.print(Text(f"     {fact}", style="dim"), soft_wrap=True)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
