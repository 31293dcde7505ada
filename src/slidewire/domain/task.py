"""One unit of work that is due at a time, and the names of the queues it waits in.

A queue holds what leaves by one door: ``deliver:<route>``, ``text:<route>``, ``uncertain:<route>``,
``probe:<account>``, ``encode:<account>``, ``refit:<account>``, ``expand:<account>``, ``notify:<account>``,
``receipt:``. What was scheduled waits beside those that leave now, in ``later-deliver:<route>`` and
``later-text:<route>``. Priority and account ride along, so that one door can be fair (durability 1;
domain/fairness.py).
"""

from dataclasses import field
from enum import Enum, unique

from slidewire.domain.frozen import frozen

#: Due when something else says so: the next postback of a chain (durability 24).
NEVER = 253_402_300_799_000
#: Priorities: a message that somebody asked for by itself, and one of a batch (docs/adr/0240).
ORDINARY, BULK = 5, 8


@unique
class TaskKind(Enum):
    """What a task does; a claim names the kinds that its process knows (durability 8)."""

    DELIVER = "deliver"
    TEXT = "text"  #: hands over the fallback SMS
    PROBE = "probe"  #: looks at a message's audio and video before it is sent (settled 19)
    ENCODE = "encode"  #: makes the next file of a template fit for phones
    REFIT = "refit"  #: makes audio and video of a saved message smaller for one network
    EXPAND = "expand"  #: makes the next messages of a batch (durability 16)
    UNCERTAIN = "uncertain"  #: waits for a receipt that tells whether a cut-off submission arrived
    NOTIFY = "notify"
    RECEIPT = "receipt"  #: a receipt that no submission is known for yet

    def queue(self, door: str = "") -> str:
        """The queue of this kind for one route or account."""
        return f"{self.value}:{door}"


#: What the body of a message's task says where its audio and video were encoded for a template.
SAVED = "saved"
#: Kinds whose tasks leave us: found marked by another lease they are uncertain, never fresh (durability 2).
SUBMITTING = frozenset({TaskKind.DELIVER, TaskKind.TEXT})
#: Kinds whose tasks stand for a message that has not left us; their validity may end meanwhile.
WAITING = frozenset({TaskKind.PROBE, TaskKind.REFIT, TaskKind.DELIVER, TaskKind.TEXT})


@frozen
class Task:
    """A row of the queue; gone when it is done."""

    id: str
    kind: TaskKind
    queue: str
    account_id: str
    message_id: str  #: of what it serves, a message, a template or a batch; the claim reads the message with it
    due_at: int  #: Unix milliseconds; while leased: the lease's end
    priority: int = ORDINARY
    attempt: int = 0  #: submissions or posts begun, the present one counted
    transaction_id: str = ""  #: of the present submission (durability 2)
    body: dict[str, object] = field(default_factory=dict)  #: what only its step understands

    @property
    def may_have_left(self) -> bool:
        """Whether it was sent again because nobody knew what had become of it: it may be with the phone."""
        return bool(self.body.get("resent"))


@frozen
class Hold:
    """Who takes a task in the very transaction that makes it due (performance 5)."""

    lease: str  #: the node
    ms: int  #: how long it may take


#: Stands before the queue of what leaves at a time of its own.
_LATER = "later-"


def later(queue: str) -> str:
    """Where tasks of ``queue`` wait for a time that was asked for."""
    return _LATER + queue


def is_later(queue: str) -> bool:
    """Whether tasks wait there for a time that was asked for."""
    return queue.startswith(_LATER)


def present(queue: str) -> str:
    """The queue that tasks of ``queue`` leave by: its own, whether or not they were scheduled."""
    return queue.removeprefix(_LATER)


def begun(task: Task) -> Task:
    """``task`` once somebody has taken it: another attempt, under an id of its own (durability 2)."""
    attempt = task.attempt + 1
    return Task(
        id=task.id,
        kind=task.kind,
        queue=present(task.queue),
        account_id=task.account_id,
        message_id=task.message_id,
        due_at=task.due_at,
        priority=task.priority,
        attempt=attempt,
        transaction_id=task.transaction_id or f"{task.message_id}-{attempt}",
        body=task.body,
    )


def door_of(queue: str) -> str:
    """The route or account that a queue is for."""
    return queue.partition(":")[2]
