"""Templates: saved, listed, encoded file by file, deleted. The content that they name stays as long as they do.

Every change of a template holds its row first, so that a deletion and an encoder's result never pass each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from slidewire.domain.change import Ending
from slidewire.domain.message import Content, Dialect, Message
from slidewire.domain.request import TemplateQuery
from slidewire.domain.task import Task
from slidewire.domain.template import Template, TemplatePage, TemplateState
from slidewire.store import ends, schema
from slidewire.store.messages import find_message, insert_task
from slidewire.store.pins import Insertion, pin
from slidewire.store.rows import decode_slides, encode_slides
from slidewire.store.sql import insert_into, write_rows

_table = schema.templates
_names = schema.template_content
_INSERT = insert_into("templates", tuple(column.name for column in _table.columns))
_INSERT_NAME = insert_into("template_content", tuple(column.name for column in _names.columns))


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A template, what is to be done about it, and the content that it names."""

    template: Template
    task: Task | None  #: its encoding, or the word that it is ready; None: nobody is to be told
    pins: tuple[Content, ...] = ()
    keep_until: int = 0
    written: frozenset[str] = frozenset()
    again: bool = False

    @property
    def at(self) -> int:
        """When it was saved."""
        return self.template.created_at


def insert_templates(connection: Connection, items: Sequence[NewTemplate]) -> list[Insertion]:
    """Template, its task and its content in one transaction (durability, the heart)."""
    results = pin(connection, items)
    for item, result in zip(items, results, strict=True):
        if result is Insertion.DONE:
            write_rows(connection, _INSERT, [tuple(_row(item.template).values())])
            _name_content(connection, item.template)
            if item.task is not None:
                insert_task(connection, item.task)
    return results


@dataclass(frozen=True, slots=True)
class Encoded:
    """What became of an encoding: the end of its task, with everything that it changed."""

    ending: Ending
    template: Template  #: as it is from now on
    pins: tuple[Content, ...] = ()  #: content whose bytes were stored for it just now
    keep_until: int = 0
    again: bool = False
    postback: Task | None = None

    @property
    def written(self) -> frozenset[str]:
        """All that it pins."""
        return frozenset(content.digest for content in self.pins)

    @property
    def at(self) -> int:
        """When it ended."""
        return self.ending.at


@unique
class EncodingEnd(Enum):
    """Whether it was recorded."""

    DONE = "done"
    LATE = "late"  #: the lease had gone to another, or the template is gone: nothing was changed
    CONTENT_LEAVING = "content leaving"  #: nothing was changed: write the bytes again, then come back


def end_encoding(connection: Connection, items: Sequence[Encoded]) -> list[EncodingEnd]:
    """End encodings, each with what it changed, or not at all."""
    return [_end_one(connection, item) for item in items]


def _end_one(connection: Connection, item: Encoded) -> EncodingEnd:
    account, mms_id = item.template.account_id, item.template.mms_id
    if find_template(connection, account, mms_id, lock=True) is None:
        ends.end(connection, [Ending(item.ending.task, item.ending.lease, at=item.at)])  # nothing is left to do
        return EncodingEnd.LATE
    [pinned] = pin(connection, [item])
    if pinned is Insertion.CONTENT_LEAVING:
        return EncodingEnd.CONTENT_LEAVING
    [ended] = ends.end(connection, [item.ending])
    if not ended.held:
        return EncodingEnd.LATE
    row = _row(item.template)
    changed = {name: row[name] for name in ("slides", "state", "encoded", "progress", "problem")}
    connection.execute(update(_table).where(*_is(account, mms_id)).values(changed))
    _name_content(connection, item.template)
    if item.postback is not None:
        insert_task(connection, item.postback)
    return EncodingEnd.DONE


def set_progress(connection: Connection, template: Template, progress: int) -> None:
    """Tell how far the next file of a template is, in hundredths."""
    which = (*_is(template.account_id, template.mms_id), _table.c.encoded == template.encoded)
    connection.execute(update(_table).where(*which).values(progress=progress))


def find_template(connection: Connection, account_id: str, mms_id: int, *, lock: bool = False) -> Template | None:
    """The template with this MMS id, if it is the account's."""
    query = select(_table).where(*_is(account_id, mms_id))
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _template_of(row) if row else None


def template_owner(connection: Connection, mms_id: int) -> str | None:
    """The account that a template belongs to; None when there is no such template."""
    return connection.execute(select(_table.c.account_id).where(_table.c.mms_id == mms_id)).scalar()


def find_sent(connection: Connection, account_id: str, mms_id: int) -> Message | None:
    """The message that was sent under this MMS id, if it may be sent again (settled 22)."""
    sent = schema.sent_mms
    query = select(sent.c.message_id).where(sent.c.mms_id == mms_id, sent.c.account_id == account_id)
    found: str | None = connection.execute(query).scalar()
    return find_message(connection, found) if found else None


def template_ids(connection: Connection, account_id: str) -> list[int]:
    """The MMS ids of an account's templates, in their order."""
    query = select(_table.c.mms_id).where(_table.c.account_id == account_id).order_by(_table.c.mms_id)
    return list(connection.execute(query).scalars())


def list_templates(connection: Connection, account_id: str, query: TemplateQuery) -> TemplatePage:
    """The templates that are asked for, the newest first; of every account where ``account_id`` is empty."""
    which: list[ColumnElement[bool]] = [_table.c.created_at >= query.since]
    if account_id:
        which.append(_table.c.account_id == account_id)
    total = connection.execute(select(func.count()).select_from(_table).where(*which)).scalar() or 0
    rows = connection.execute(
        select(_table)
        .where(*which)
        .order_by(_table.c.created_at.desc(), _table.c.mms_id.desc())
        .limit(query.per_page)
        .offset((query.page - 1) * query.per_page)
    )
    return TemplatePage(total, tuple(_template_of(row) for row in rows))


def delete_template(connection: Connection, account_id: str, mms_id: int) -> bool:
    """Forget a template, or that a message may be sent again; False when there is none.

    What was sent of it goes on: every message has its own texts and pins its own content.
    """
    template = find_template(connection, account_id, mms_id, lock=True)
    sent = schema.sent_mms
    gone = connection.execute(delete(sent).where(sent.c.mms_id == mms_id, sent.c.account_id == account_id)).rowcount
    if template is None:
        return bool(gone)
    connection.execute(delete(_table).where(*_is(account_id, mms_id)))
    connection.execute(delete(_names).where(_names.c.account_id == account_id, _names.c.mms_id == mms_id))
    tasks = schema.tasks
    connection.execute(delete(tasks).where(tasks.c.message_id == template.id, tasks.c.kind == "encode"))
    return True


def _is(account_id: str, mms_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _table.c.mms_id == mms_id, _table.c.account_id == account_id


def _name_content(connection: Connection, template: Template) -> None:
    """Keep what the template names, and nothing else for its sake."""
    account, mms_id = template.account_id, template.mms_id
    connection.execute(delete(_names).where(_names.c.account_id == account, _names.c.mms_id == mms_id))
    digests = sorted({part.content.digest for slide in template.slides for part in slide.parts})
    write_rows(connection, _INSERT_NAME, [(digest, account, mms_id) for digest in digests])


def _row(template: Template) -> dict[str, Any]:
    """In the order of the columns."""
    return {
        "mms_id": template.mms_id,
        "account_id": template.account_id,
        "id": template.id,
        "dialect": template.dialect.value,
        "created_at": template.created_at,
        "name": template.name,
        "slides": encode_slides(template.slides),
        "subject": template.subject,
        "fallback_text": template.fallback_text,
        "fallback_allowed": template.fallback_allowed,
        "link_wanted": template.link_wanted,
        "state": template.state.value,
        "encoded": template.encoded,
        "progress": template.progress,
        "problem": template.problem,
    }


def _template_of(row: Any) -> Template:
    return Template(
        id=row.id,
        account_id=row.account_id,
        mms_id=row.mms_id,
        dialect=Dialect(row.dialect),
        created_at=row.created_at,
        name=row.name,
        slides=decode_slides(row.slides),
        subject=row.subject,
        fallback_text=row.fallback_text,
        fallback_allowed=bool(row.fallback_allowed),
        link_wanted=bool(row.link_wanted),
        state=TemplateState(row.state),
        encoded=row.encoded,
        progress=row.progress,
        problem=row.problem,
    )
