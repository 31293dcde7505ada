"""How long what a message holds is kept, and what is left of it afterwards: pure rules over account settings.

Three kinds of traces end separately; a message without any of them left is deleted (settled 11).
"""

from dataclasses import dataclass, replace
from enum import Enum, unique

from slidewire.domain.inbound import Inbound
from slidewire.domain.message import Message

DAY = 86_400_000  #: milliseconds
#: Days after which no page link can be live any more: a year and a day, whatever the calendar (settled 11).
_PAGES_OVER = 367
_MOST = 36_500  #: days
#: Digits of a number that stay, so that whoever looks at a list can tell two messages apart.
_LEFT = 2


@unique
class Trace(Enum):
    """What is kept of a message besides that there was one."""

    CONTENT = "content"  #: its media and its page
    TEXT = "text"  #: subject, texts, name, what carriers and customers answered
    NUMBERS = "numbers"  #: the receiver


ALL = frozenset(Trace)


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each kind is kept from when the message may leave on; 0: as long as the message itself."""

    content: int = 0
    text: int = 0
    numbers: int = 0

    def __str__(self) -> str:
        """As the setting is written."""
        days = {kind: getattr(self, kind.value) for kind in Trace}
        if len(set(days.values())) == 1:
            return str(self.content) if self.content else ""
        return ", ".join(f"{kind.value}={count}" for kind, count in days.items() if count)


KEPT = Retention()


@dataclass(frozen=True, slots=True)
class Rule:
    """What an account wants done to messages of an age."""

    name: str  #: tells how far it has got, so that a changed setting begins anew
    traces: frozenset[Trace]
    after: int  #: milliseconds from when the message may leave on: its acceptance, or the time it was scheduled for
    spares_open: bool = False  #: a message whose page is open, or for which a receipt may come, is left alone
    deletes: bool = False  #: nothing is left at all


def read_retention(text: str) -> Retention:
    """``30``, or ``content=7, text=30, numbers=365``; empty: kept. Raises ValueError."""
    if not text:
        return Retention()
    if text.isdigit() and text.isascii():
        return Retention(*[_read_days(text)] * 3)
    days = {}
    for word in text.split(","):
        kind, _, count = word.partition("=")
        days[Trace(kind.strip().lower()).value] = _read_days(count.strip())
    return Retention(**days)


def _read_days(text: str) -> int:
    if not (text.isdigit() and text.isascii() and 1 <= int(text) <= _MOST):
        raise ValueError(f"{text!r} is no number of days from 1 to {_MOST}")
    return int(text)


def kept_for(retention: Retention) -> int | None:
    """Milliseconds after which nothing is left of a message; None: something is kept for ever."""
    days = [getattr(retention, kind.value) for kind in Trace]
    return max(days) * DAY if all(days) else None


def rules_of(retention: Retention, redact: str, validity: int, longest: int = 0) -> tuple[Rule, ...]:
    """What ``retention_days`` and ``redact`` of an account ask for.

    ``validity``: milliseconds after which nothing can happen to a message any more that does not ask for more;
    ``longest``: to any.
    """
    kept = {kind: getattr(retention, kind.value) for kind in Trace}
    rules = [Rule(f"{kind.value} {days}", frozenset({kind}), days * DAY) for kind, days in kept.items() if days]
    if last := kept_for(retention):
        rules.append(Rule(f"all {last // DAY}", ALL, last, deletes=True))
    if traces := _REDACTED[redact]:
        over = validity + DAY
        rules.append(Rule(f"redact {redact} {over}", traces, over, spares_open=True))
        if longest > validity:  # those that the former has left alone for their own validity's sake
            rules.append(Rule(f"redact {redact} late {longest + DAY}", traces, longest + DAY, spares_open=True))
        rules.append(Rule(f"redact {redact} pages", traces, _PAGES_OVER * DAY))
    return tuple(rules)


#: The setting ``redact`` -> what goes as soon as nothing can happen to the message any more.
_REDACTED = {"none": frozenset[Trace](), "content": frozenset({Trace.CONTENT, Trace.TEXT}), "numbers": ALL}
REDACT_WORDS = tuple(_REDACTED)


def redacted(message: Message, traces: frozenset[Trace]) -> Message:
    """``message`` without ``traces``. Without content it has no slides, so that its page has ended (settled 11)."""
    if Trace.TEXT in traces:
        slides = tuple(replace(slide, text="") for slide in message.slides)
        message = replace(message, subject="", fallback_text="", name="", warnings=(), slides=slides)
    if Trace.CONTENT in traces:
        slides = tuple(replace(slide, parts=()) for slide in message.slides)
        message = replace(message, slides=tuple(slide for slide in slides if slide.text))
    if Trace.NUMBERS in traces:
        message = replace(message, receiver=masked(message.receiver), client_reference="", display_only=())
    return message


def inbound_redacted(message: Inbound, traces: frozenset[Trace]) -> Inbound:
    """What a phone sent, without ``traces``. A text is kept as a file too: it goes with the other texts."""
    if Trace.TEXT in traces:
        parts = tuple(part for part in message.parts if part.content.type != "text/plain")
        message = replace(message, text="", subject="", parts=parts)
    if Trace.CONTENT in traces:
        message = replace(message, parts=())
    if Trace.NUMBERS in traces:
        message = replace(message, phone=masked(message.phone), copies=tuple(map(masked, message.copies)))
    return message


def masked(number: str) -> str:
    """A number that nobody can call: its last digits only."""
    return "*" * (len(number) - _LEFT) + number[-_LEFT:]
