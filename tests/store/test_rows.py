"""What goes into a row comes out of it the same."""

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_message, a_slide, a_task

from slidewire.domain.message import Content, Dialect, Kind, Message, Part, Slide
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import find_message
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, message_row, task_of, task_row

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MILLIS = st.integers(0, 2**53)
CONTENTS = st.builds(Content, digest=WORDS, size=MILLIS, type=WORDS, width=MILLIS, height=MILLIS, frames=MILLIS)
PARTS = st.builds(Part, kind=st.sampled_from(Kind), url=WORDS, content=CONTENTS)
SLIDES = st.builds(Slide, text=WORDS, duration=st.integers(0, 3600), parts=st.lists(PARTS, max_size=2).map(tuple))
MESSAGES = st.builds(
    Message,
    id=WORDS,
    account_id=WORDS,
    mms_id=st.integers(1, 2**63 - 1),
    dialect=st.sampled_from(Dialect),
    sender=WORDS,
    receiver=WORDS,
    country=WORDS,
    accepted_at=MILLIS,
    expires_at=MILLIS,
    link_expires_at=MILLIS,
    name=WORDS,
    slides=st.lists(SLIDES, max_size=3).map(tuple),
    subject=WORDS,
    fallback_text=WORDS,
    fallback_allowed=st.booleans(),
    link_wanted=st.booleans(),
    force_sms=st.booleans(),
    mask=WORDS,
    operator=WORDS,
    spid=WORDS,
    campaign_ref=WORDS,
    client_reference=WORDS,
    route=WORDS,
    status=st.sampled_from(Status),
    warnings=st.lists(WORDS, max_size=2).map(tuple),
)
BODIES = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS, max_size=3)
TASKS = st.builds(
    Task,
    id=WORDS,
    kind=st.sampled_from(TaskKind),
    queue=WORDS,
    account_id=WORDS,
    message_id=WORDS,
    due_at=MILLIS,
    priority=st.integers(0, 9),
    attempt=st.integers(0, 1000),
    transaction_id=WORDS,
    body=BODIES,
)

#: Line breaks, zero-width joiners, right-to-left marks, astral letters, combining marks, noncharacters, quotes.
ODD = (
    "a\r\nb\u2028\u2029 \u200d\u202e \U0001f469\u200d\U0001f467 e\u0301 \ufffe\uffff \U0010ffff"
    " '\"\\ \x01\x7f\x85 %s ? $1"
)


@given(MESSAGES)
def test_a_message_survives_its_row(message: Message) -> None:
    assert message_of(message_row(message)) == message


@given(TASKS)
def test_a_task_survives_its_row(task: Task) -> None:
    assert task_of(task_row(task)) == task


def test_rows_are_as_wide_as_their_tables() -> None:
    assert len(message_row(a_message())) == len(MESSAGE_COLUMNS) == len(schema.messages.columns)
    assert len(task_row(a_task(), "node-1")) == len(TASK_COLUMNS) == len(schema.tasks.columns)


def test_the_lease_is_in_its_column() -> None:
    assert task_row(a_task(), "node-1")[TASK_COLUMNS.index("lease")] == "node-1"


async def test_odd_letters_survive_the_database(database: Database) -> None:
    message = a_message(
        name=ODD,
        subject=ODD,
        slides=(a_slide(text=ODD + "\x00"),),
        warnings=(ODD,),
        mms_id=2**63 - 1,
        fallback_allowed=False,
        force_sms=True,
    )
    task = a_task(message)
    await database.write(lambda c: insert_messages(c, [NewMessage(message, task)]))
    assert await database.read(lambda c: find_message(c, message.id)) == message
