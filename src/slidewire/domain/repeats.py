"""The same content to the same receiver within minutes: a loop somewhere, or a caller that tries again. Pure."""

from dataclasses import replace
from hashlib import sha256

from slidewire.domain.message import Message
from slidewire.domain.task import Task
from slidewire.domain.turns import Waiting, Waits, waiting_body

_MOST_MINUTES = 1440
#: Milliseconds after which no account asks for what was seen.
LONGEST_WINDOW = _MOST_MINUTES * 60_000


def sameness(message: Message) -> str:
    """What two messages share that a phone shows alike: receiver, sender, and every word and byte."""
    words = [message.account_id, message.receiver, message.sender, message.mask, message.subject, message.fallback_text]
    for slide in message.slides:
        words += ["slide", slide.text, *(part.content.digest for part in slide.parts)]
    told = b"".join(b"%d:%s" % (len(word), word) for word in (each.encode() for each in words))
    return sha256(told).hexdigest()


#: What becomes of a repetition.
WARN, HOLD = "warn", "hold"


def warning_of(milliseconds: int, held: int = 0) -> str:
    """What is told of a repetition that comes so long after the one before. ``held``: for so many minutes."""
    told = f"the same content went to this receiver {max(milliseconds // 1000, 0)} s ago"
    return f"{told}; the message is held for {held} min" if held else told


def held_first(task: Task, until: int) -> Task:
    """``task`` as it waits for somebody to look, until then at most."""
    waiting = Waiting(Waits.REPEATED, max(until, task.due_at))
    return replace(task, due_at=waiting.until, body=waiting_body(task.body, waiting))


def read_hold(text: str) -> int:
    """Minutes, at least one. Raises ValueError."""
    if not (minutes := read_minutes(text)):
        raise ValueError("a message is held for at least one minute")
    return minutes


def read_minutes(text: str) -> int:
    """Minutes; 0: none. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 4 or int(text) > _MOST_MINUTES:
        raise ValueError(f"{text!r} is no number of minutes from 0 to {_MOST_MINUTES}")
    return int(text)
