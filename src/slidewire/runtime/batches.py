"""Requests taken and batches made: what answers them, and what makes their messages, in one process or in two."""

from dataclasses import dataclass

from slidewire.api.doors import BatchDoors
from slidewire.domain.checks import Rules
from slidewire.intake.accept import Intake
from slidewire.intake.batches import Batches, BatchTools
from slidewire.intake.tools import Tools
from slidewire.runtime.configure import span
from slidewire.settings import Settings
from slidewire.work.expand import Expand, Maker
from slidewire.work.means import Means


@dataclass(frozen=True, slots=True)
class Taking:
    """What makes messages of requests."""

    tools: Tools
    intake: Intake
    rules: Rules
    batches: Batches


def taking(tools: Tools, means: Means, rules: Rules) -> Taking:
    """Put together once for each process: it remembers what is pinned."""
    intake = Intake(tools)
    return Taking(tools, intake, rules, Batches(BatchTools(tools, intake, means.database, rules)))


def batch_doors(batches: Batches, settings: Settings) -> BatchDoors:
    """What the API reaches batches by."""
    return BatchDoors(batches.accept, batches.progress, settings.batches.receivers)


def expand_step(means: Means, taken: Taking) -> Expand:
    """The step that makes the messages of batches."""
    return Expand(means, Maker(taken.batches.make, taken.batches.bring_back, taken.intake.kept))


def keep_of(settings: Settings) -> int:
    """Milliseconds that a batch can be asked about."""
    return round(span(settings.batches.keep, "batches.keep") * 1000)
