"""Valid things with nothing special about them; a test names only what it is about."""

import json
import time
from dataclasses import dataclass, replace
from typing import Any

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.batches import Batch, Draft
from slidewire.domain.ids import IdMaker
from slidewire.domain.message import Content, Dialect, Kind, Message, Part, Slide
from slidewire.domain.request import CheckedRequest
from slidewire.domain.task import Task, TaskKind

HOUR = 3_600_000
DAY = 24 * HOUR


def now_ms() -> int:
    """Unix milliseconds: PostgreSQL ends leases by its own clock, so stored times must be near it."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Clock:
    """A clock that goes only when it is told to. Unix milliseconds."""

    now: int = 1_750_000_000_000

    def __call__(self) -> int:
        return self.now

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds


an_id = IdMaker(now_ms)


def a_content(**changes: Any) -> Content:
    """A JPEG of 30 kB."""
    content = Content(digest="ab" * 32, size=30_000, type="image/jpeg", width=1280, height=960)
    return replace(content, **changes)


def a_part(**changes: Any) -> Part:
    """An image."""
    return replace(Part(Kind.IMAGE, "http://127.0.0.1/a.jpg", a_content()), **changes)


def a_slide(**changes: Any) -> Slide:
    """A slide with text and an image."""
    return replace(Slide(text="Hello", duration=10, parts=(a_part(),)), **changes)


def a_message(**changes: Any) -> Message:
    """An accepted message to a mobile in the United States."""
    now = changes.get("accepted_at", now_ms())
    message = Message(
        id=an_id(),
        account_id="acct-1",
        mms_id=1_000_001,
        dialect=Dialect.W13,
        sender="28444",
        receiver="12025550123",
        country="US",
        accepted_at=now,
        expires_at=now + 3 * DAY,
        link_expires_at=now + 365 * DAY,
        name="A campaign",
        slides=(a_slide(),),
        subject="A subject",
        route="mmsc-a",
    )
    return replace(message, **changes)


def a_task(message: Message | None = None, **changes: Any) -> Task:
    """The first task of ``message``: its delivery, due for a second."""
    message = message or a_message()
    task = Task(
        id=an_id(),
        kind=TaskKind.DELIVER,
        queue=TaskKind.DELIVER.queue(message.route),
        account_id=message.account_id,
        message_id=message.id,
        due_at=now_ms() - 1_000,
    )
    return replace(task, **changes)


def an_account(**changes: Any) -> Account:
    """An account that owns one short code and one long code."""
    account = Account("acct-1", "An account", AccountSettings(), frozenset({"28444", "12025550100"}))
    return replace(account, **changes)


def a_batch(*receivers: str, digest: str = "ab" * 32, **changes: Any) -> Batch:
    """A batch with an image, of which nothing is expanded yet."""
    now = changes.get("created_at", now_ms())
    request = CheckedRequest(
        dialect=Dialect.W13,
        receiver="",
        country="",
        sender="",
        mask="",
        name="spring",
        subject="Hello",
        fallback_text="",
        spid="",
        campaign="",
        link_expires_at=now + 365 * DAY,
        force_sms=False,
        fallback_allowed=False,
        link_wanted=False,
        client_reference="",
        use_cache=True,
        slides=(),
    )
    slides = (a_slide(parts=(a_part(content=a_content(digest=digest)),)),)
    draft = Draft(request, "24680", slides=slides)
    batch = Batch(an_id(), "acct-1", now, len(receivers), draft, receivers=json.dumps(receivers))
    return replace(batch, **changes)
