"""Templates in the store: what they name stays, what ends them lets go, and nobody sees another's."""

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import DAY, a_content, a_message, a_part, a_slide, a_task, an_id, now_ms
from tests.store.kit import scalar

from slidewire.domain.change import Ending
from slidewire.domain.message import Content, Dialect, Kind
from slidewire.domain.request import TemplateQuery
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.template import Template, TemplateState
from slidewire.store import contents
from slidewire.store.database import Database
from slidewire.store.hot import Ask, NewMessage, claim, insert_messages
from slidewire.store.messages import message_tasks
from slidewire.store.pins import Insertion
from slidewire.store.templates import (
    Encoded,
    EncodingEnd,
    NewTemplate,
    delete_template,
    end_encoding,
    find_sent,
    find_template,
    insert_templates,
    list_templates,
    set_progress,
    template_ids,
)

SOUND = a_part(kind=Kind.AUDIO, content=a_content(digest="cd" * 32, type="audio/wav", width=0, height=0))
MADE = Content("ef" * 32, 5_000, "audio/mpeg")


def a_template(**changes: Any) -> Template:
    template = Template(
        id=an_id(),
        account_id="acct-1",
        mms_id=1_000_001,
        dialect=Dialect.W13,
        created_at=now_ms(),
        name="n",
        slides=(a_slide(parts=(SOUND,)),),
        subject="s",
        fallback_text="f",
        fallback_allowed=False,
        link_wanted=False,
        state=TemplateState.ENCODING,
    )
    return replace(template, **changes)


def a_task_of(template: Template) -> Task:
    queue = TaskKind.ENCODE.queue(template.account_id)
    return a_task(None, kind=TaskKind.ENCODE, queue=queue, message_id=template.id, body={"mms_id": template.mms_id})


async def saved(database: Database, template: Template, **changes: Any) -> Insertion:
    pins = tuple(part.content for slide in template.slides for part in slide.parts)
    new = NewTemplate(template, a_task_of(template), pins, written=frozenset(pin.digest for pin in pins))
    [result] = await database.write(lambda c: insert_templates(c, [replace(new, **changes)]))
    return result


async def found(database: Database, mms_id: int = 1_000_001, account: str = "acct-1") -> Template | None:
    return await database.read(lambda c: find_template(c, account, mms_id))


async def claimed(database: Database, node: str = "node-1") -> Task:
    ask = Ask(TaskKind.ENCODE.queue("acct-1"), 10, node, now_ms(), 60_000)
    [[taken]] = await database.write(lambda c: claim(c, [ask]))
    assert taken.message is None
    return taken.task


async def ended(database: Database, encoded: Encoded) -> EncodingEnd:
    [result] = await database.write(lambda c: end_encoding(c, [encoded]))
    return result


async def doomed(database: Database) -> list[str]:
    """What a sweep would let go in ten days."""
    await database.write(lambda c: contents.doom(c, now_ms() + 10 * DAY, 100))
    query = "SELECT digest FROM content WHERE doomed_at IS NOT NULL ORDER BY digest"
    return await database.read(lambda c: [row[0] for row in c.exec_driver_sql(query)])


def ready(template: Template) -> Template:
    slides = (replace(template.slides[0], parts=(replace(SOUND, content=MADE),), duration=3),)
    return replace(template, slides=slides, state=TemplateState.READY, encoded=1)


async def test_a_template_is_found_as_it_was_saved_by_its_account_alone(database: Database) -> None:
    template = a_template()
    assert await saved(database, template) is Insertion.DONE
    assert await found(database) == template
    assert await found(database, account="acct-2") is None
    assert await found(database, mms_id=7) is None


async def test_what_a_template_names_is_never_let_go(database: Database) -> None:
    await saved(database, a_template())
    assert await doomed(database) == []
    await database.write(lambda c: delete_template(c, "acct-1", 1_000_001))
    assert await doomed(database) == [SOUND.content.digest]


async def test_content_that_another_template_names_stays(database: Database) -> None:
    await saved(database, a_template())
    await saved(database, a_template(mms_id=1_000_002, account_id="acct-2"), written=frozenset())
    await database.write(lambda c: delete_template(c, "acct-1", 1_000_001))
    assert await doomed(database) == []


async def test_content_that_is_about_to_go_sends_a_template_back(database: Database) -> None:
    await saved(database, a_template())
    await database.write(lambda c: delete_template(c, "acct-1", 1_000_001))
    await doomed(database)
    assert await saved(database, a_template()) is Insertion.CONTENT_LEAVING
    assert await found(database) is None
    assert await saved(database, a_template(), again=True) is Insertion.DONE
    assert await doomed(database) == []


async def test_saving_again_what_was_cut_off_changes_nothing(database: Database) -> None:
    template = a_template()
    new = NewTemplate(template, a_task_of(template))
    for _ in range(2):
        await database.write(lambda c: insert_templates(c, [new]))
    assert len(await database.read(lambda c: message_tasks(c, template.id))) == 1


async def test_an_encoding_ends_with_everything_that_it_changed(database: Database) -> None:
    template = a_template()
    await saved(database, template)
    task = await claimed(database)
    told = replace(a_task_of(template), id=an_id(), kind=TaskKind.NOTIFY)
    encoded = Encoded(Ending(task, "node-1", at=now_ms()), ready(template), (MADE,), postback=told)
    assert await ended(database, encoded) is EncodingEnd.DONE
    assert await found(database) == ready(template)
    assert [row["kind"] for row in await database.read(lambda c: message_tasks(c, template.id))] == ["notify"]
    assert await doomed(database) == [SOUND.content.digest]


async def test_a_result_after_the_lease_is_gone_changes_nothing(database: Database) -> None:
    template = a_template()
    await saved(database, template)
    task = await claimed(database)
    encoded = Encoded(Ending(task, "node-2", at=now_ms()), ready(template), (MADE,))
    assert await ended(database, encoded) is EncodingEnd.LATE
    assert await found(database) == template


async def test_a_result_after_the_deletion_ends_its_task(database: Database) -> None:
    template = a_template()
    await saved(database, template)
    task = await claimed(database)
    await database.write(lambda c: delete_template(c, "acct-1", template.mms_id))
    told = replace(a_task_of(template), id=an_id(), kind=TaskKind.NOTIFY)
    encoded = Encoded(Ending(task, "node-1", at=now_ms()), ready(template), (MADE,), postback=told)
    assert await ended(database, encoded) is EncodingEnd.LATE
    assert await database.read(lambda c: message_tasks(c, template.id)) == []


async def test_bytes_that_were_about_to_go_are_asked_for_again(database: Database) -> None:
    template = a_template()
    await saved(database, template)
    # the same bytes were somebody's before, and are being let go
    await saved(database, a_template(mms_id=2, slides=(a_slide(parts=(replace(SOUND, content=MADE),)),)))
    await database.write(lambda c: delete_template(c, "acct-1", 2))
    await doomed(database)
    task = await claimed(database)
    encoded = Encoded(Ending(task, "node-1", at=now_ms()), ready(template), (MADE,))
    assert await ended(database, encoded) is EncodingEnd.CONTENT_LEAVING
    assert await found(database) == template
    assert await ended(database, replace(encoded, again=True)) is EncodingEnd.DONE


async def test_progress_of_a_file_that_is_done_is_not_told(database: Database) -> None:
    template = a_template()
    await saved(database, template)
    await database.write(lambda c: set_progress(c, template, 40))
    told = await found(database)
    assert told is not None
    assert (told.progress, told.percent) == (40, 40)
    await database.write(lambda c: set_progress(c, replace(template, encoded=1), 50))
    assert await found(database) == told


async def test_lists_are_an_accounts_own_the_newest_first(database: Database) -> None:
    for number in range(1, 6):
        owner = "acct-2" if number == 5 else "acct-1"
        await saved(database, a_template(mms_id=number, account_id=owner, created_at=number * 1_000))
    assert await database.read(lambda c: template_ids(c, "acct-1")) == [1, 2, 3, 4]
    page = await database.read(lambda c: list_templates(c, "acct-1", TemplateQuery(2_000, 1, 2)))
    assert (page.total, [each.mms_id for each in page.templates]) == (3, [4, 3])
    page = await database.read(lambda c: list_templates(c, "", TemplateQuery(0, 2, 3)))
    assert (page.total, [each.mms_id for each in page.templates]) == (5, [2, 1])
    page = await database.read(lambda c: list_templates(c, "acct-1", TemplateQuery(0, 10**9, 1_000)))
    assert (page.total, page.templates) == (4, ())


@pytest.mark.parametrize("reusable", [True, False])
async def test_a_message_is_found_by_its_mms_id_where_it_may_be_sent_again(database: Database, reusable: bool) -> None:
    message = a_message()
    await database.write(lambda c: insert_messages(c, [NewMessage(message, a_task(message), reusable=reusable)]))
    sent = await database.read(lambda c: find_sent(c, "acct-1", message.mms_id))
    assert sent == (message if reusable else None)
    assert await database.read(lambda c: find_sent(c, "acct-2", message.mms_id)) is None
    assert await database.write(lambda c: delete_template(c, "acct-1", message.mms_id)) is reusable
    assert await database.read(lambda c: find_sent(c, "acct-1", message.mms_id)) is None
    assert await database.read(lambda c: scalar(c, "SELECT count(*) FROM messages")) == 1
