"""A message saved with saveMMS, to be sent as often as its account likes.

Every ``..._at`` is Unix time in milliseconds, UTC. Nothing here changes once made.
"""

from dataclasses import dataclass
from enum import Enum, unique

from slidewire.domain.message import Dialect, Kind, Part, Slide
from slidewire.domain.postback import PostbackCode
from slidewire.domain.task import Task, TaskKind

#: What is encoded when a message is saved: networks take few forms of it (settled 19).
ENCODED = frozenset({Kind.AUDIO, Kind.VIDEO})


@unique
class TemplateState(Enum):
    """Whether a template can be sent."""

    ENCODING = "encoding"  #: E626
    READY = "ready"
    FAILED = "failed"  #: a file of it could not be encoded: never to be sent (api.md 3.1)


@dataclass(frozen=True, slots=True)
class Template:
    """What was saved, with how far its encoding has come."""

    id: str  #: names its tasks: uuid7 in 32 hex digits
    account_id: str
    mms_id: int
    dialect: Dialect
    created_at: int
    name: str
    slides: tuple[Slide, ...]  #: of files that are encoded by now, what came out
    subject: str = ""  #: merge tags and all
    fallback_text: str = ""
    fallback_allowed: bool = True
    link_wanted: bool = True
    state: TemplateState = TemplateState.READY
    encoded: int = 0  #: files that were encoded, in their order
    progress: int = 0  #: hundredths of the next one
    problem: str = ""  #: why it failed, in words for the customer

    @property
    def to_encode(self) -> tuple[tuple[int, Part], ...]:
        """The files that encoding is about, each with its slide (from 0), in their order."""
        return to_encode(self.slides)

    @property
    def percent(self) -> int:
        """How far its encoding has come, 100 when it is over."""
        count = len(self.to_encode)
        if self.state is not TemplateState.ENCODING or not count:
            return 100
        return (self.encoded * 100 + self.progress) // count

    @property
    def size(self) -> int:
        """Bytes of its files and texts."""
        return sum(len(slide.text.encode()) + sum(part.content.size for part in slide.parts) for slide in self.slides)


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """Some of an account's templates, and how many there are on all pages."""

    total: int
    templates: tuple[Template, ...]


def to_encode(slides: tuple[Slide, ...]) -> tuple[tuple[int, Part], ...]:
    """The files that must be encoded before ``slides`` can be sent, each with its slide (from 0)."""
    return tuple((at, part) for at, slide in enumerate(slides) for part in slide.parts if part.kind in ENCODED)


def template_postback(template: Template, code: PostbackCode, task_id: str, at: int, url: str = "") -> Task:
    """The task that tells the customer about a template; ``url``: of the file at fault (api.md 4.3)."""
    body: dict[str, object] = {
        "code": code.name,
        "at": at,
        "mms_id": template.mms_id,
        "dialect": template.dialect.value,
    }
    if url:
        body["url"] = url
    return Task(
        id=task_id,
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue(template.account_id),
        account_id=template.account_id,
        message_id=template.id,
        due_at=at,
        body=body,
    )
