"""What the tasks of a message remember in their bodies from one step to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slidewire.domain.events import Reason
from slidewire.domain.message import Slide
from slidewire.domain.task import SAVED, Task

#: How often a message waits for audio and video to be encoded again: what was made may be gone when it is looked for.
REFITS = 3
#: A doubt that the message's operator had: it has no second one.
_DOUBTED = "doubted"


def resent_of(task: Task) -> int:
    """How often the message was sent again because nobody knew whether it had been taken."""
    count = task.body.get("resent", 0)
    return count if isinstance(count, int) else 0


def shrink_of(task: Task) -> int:
    """How often the message was made smaller because the carrier found it too big."""
    count = task.body.get("shrink", 0)
    return count if isinstance(count, int) else 0


def after_probe(body: Mapping[str, object], lengths: Mapping[int, int]) -> dict[str, object]:
    """What the task that follows a probe remembers."""
    kept = {name: value for name, value in body.items() if name not in {"then", "errors"}}
    return kept | {"lengths": {str(slide): seconds for slide, seconds in lengths.items()}} if lengths else kept


def may_refit(task: Task) -> bool:
    """Whether audio and video may be encoded once more: they are a template's, and that was not tried too often."""
    return task.body.get(SAVED) is True and refits_of(task) < REFITS


def refits_of(task: Task) -> int:
    """How often audio and video were encoded again for the message."""
    count = task.body.get("refits", 0)
    return count if isinstance(count, int) else 0


def lasting(slides: Sequence[Slide], task: Task) -> tuple[Slide, ...]:
    """The slides, each shown as long as its audio or video lasts (api.md 2.1)."""
    lengths = task.body.get("lengths")
    if not isinstance(lengths, dict):
        return tuple(slides)
    return tuple(replace(slide, duration=lengths.get(str(at), slide.duration)) for at, slide in enumerate(slides))


def fallback_body(reason: Reason, detail: str = "") -> dict[str, object]:
    """What an SMS's task remembers of why it is one."""
    return {"reason": reason.name, "detail": detail} if detail else {"reason": reason.name}


def fallback_reason(task: Task) -> str:
    """Why the message went as an SMS, for STATUSDETAILS (settled 27)."""
    words = Reason[str(task.body.get("reason", "NONE"))].value
    detail = task.body.get("detail", "")
    return f"{words}: {detail}" if detail else words


def was_doubted(task: Task) -> bool:
    """Whether the operator was looked up once more already."""
    return _DOUBTED in task.body


def doubted_body(task: Task) -> dict[str, object]:
    """What ``task`` remembers when it goes on by another route: its size is another matter there."""
    return {name: value for name, value in task.body.items() if name != "shrink"} | {_DOUBTED: True}
