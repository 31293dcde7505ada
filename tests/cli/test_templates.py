"""Templates on the command line: what was saved, how far it is, and its end."""

import json
from pathlib import Path

from tests.cli.command import slidewire
from tests.store.test_templates import a_template

from slidewire.domain.template import Template, TemplateState
from slidewire.runtime.offline import open_store
from slidewire.settings import Settings
from slidewire.store.templates import NewTemplate, insert_templates

AT = 1_750_000_000_000


async def saved(folder: Path, *templates: Template) -> None:
    """Templates in the database of ``folder``."""
    settings = Settings(database=f"sqlite:///{folder}/slidewire.db", content=f"file:{folder}/content")
    async with open_store(settings) as database:
        await database.write(lambda c: insert_templates(c, [NewTemplate(template, None) for template in templates]))


async def test_templates_are_listed_the_newest_first(tmp_path: Path) -> None:
    failed = a_template(mms_id=2, created_at=AT + 1, state=TemplateState.FAILED, name="b\x1b[2J", account_id="acct-2")
    await saved(tmp_path, a_template(mms_id=1, created_at=AT, progress=40), failed)
    listed = json.loads(slidewire(tmp_path, "template", "list", "--json").out)
    assert listed[1] == {
        "mms_id": "1",
        "account": "acct-1",
        "created_at": "2025-06-15T15:06:40.000Z",
        "state": "encoding",
        "encoded": "40%",
        "name": "n",
        "subject": "s",
    }
    assert [(row["mms_id"], row["state"]) for row in listed] == [("2", "failed"), ("1", "encoding")]
    table = slidewire(tmp_path, "template", "list", "--limit", "1")
    assert (len(table.out.splitlines()), "\x1b" in table.out) == (2, False)
    assert slidewire(tmp_path, "template", "list", "--limit", "1", "--page", "3").out == "no more templates\n"
    assert slidewire(tmp_path, "template", "list", "--account", "nobody").code != 0


async def test_a_template_is_shown_and_deleted(tmp_path: Path) -> None:
    await saved(tmp_path, a_template(problem="audio in slide 1 could not be encoded: x"))
    shown = slidewire(tmp_path, "template", "show", "1000001")
    assert (shown.code, "could not be encoded" in shown.out, "audio/wav" in shown.out) == (0, True, True)
    told = json.loads(slidewire(tmp_path, "template", "show", "1000001", "--json").out)
    assert (told["mms_id"], len(told["slides"]), told["fallback_allowed"]) == ("1000001", 1, False)
    assert slidewire(tmp_path, "template", "delete", "1000001").out == "1 template deleted\n"
    await saved(tmp_path, again := a_template(mms_id=1000002))
    deleted = slidewire(tmp_path, "template", "delete", "1000002", "--json").json
    assert deleted == {"mms_id": "1000002", "account": again.account_id}
    for command in ("show", "delete"):
        again = slidewire(tmp_path, "template", command, "1000001")
        assert (again.code, "there is no template 1000001" in again.err) == (1, True)
    assert slidewire(tmp_path, "template", "show", "word").code == 1
    assert slidewire(tmp_path, "template", "list").out == "no templates yet\n"
