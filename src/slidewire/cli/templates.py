"""``slidewire template ...``: what was saved with saveMMS, how far its encoding is, and its end."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from slidewire.cli.errors import CommandError
from slidewire.cli.messages import say_facts, say_slides
from slidewire.cli.options import AsJson, ConfigFile, add_command, read_store, settings_of, write_store
from slidewire.cli.terminal import say, say_json, say_table
from slidewire.domain.moments import written

if TYPE_CHECKING:
    from slidewire.domain.template import Template
    from slidewire.store.database import Connection

MmsId = Annotated[str, typer.Argument(metavar="MMSID", help="As saveMMS answered it.")]
_COLUMNS = ("mms_id", "account", "created_at", "state", "encoded", "name", "subject")


def make_app() -> typer.Typer:
    """The family of commands."""
    app = typer.Typer(help="Messages that were saved to be sent later.", no_args_is_help=True)
    add_command(app, "list", list_templates, "List templates, the newest first.")
    add_command(app, "show", show, "Show a template with its slides.")
    add_command(app, "delete", delete, "Delete a template.")
    return app


def list_templates(
    account: Annotated[str, typer.Option(metavar="ID", help="Of this account only.")] = "",
    page: Annotated[int, typer.Option(min=1, help="From 1.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many on a page.")] = 50,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List templates, the newest first.

    Example:
      slidewire template list --limit 20

    """
    from slidewire.domain.request import TemplateQuery
    from slidewire.provisioning.accounts import find_account
    from slidewire.store import templates

    def read(connection: "Connection") -> list[dict[str, Any]]:
        whose = find_account(connection, account).id if account else ""
        found = templates.list_templates(connection, whose, TemplateQuery(0, page, limit))
        return [_row(template) for template in found.templates]

    rows = read_store(settings_of(config), read)
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in _COLUMNS], [[row[name] for name in _COLUMNS] for row in rows])
    else:
        say("no templates yet" if page == 1 else "no more templates")


def show(mms_id: MmsId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a template with its slides, and why it failed where it did.

    Example:
      slidewire template show 1000002

    """
    from slidewire.provisioning.messages import slide_facts

    template = read_store(settings_of(config), lambda connection: _found(connection, mms_id))
    facts = {
        **_row(template),
        "problem": template.problem,
        "dialect": template.dialect.value,
        "size": template.size,
        "fallback_text": template.fallback_text,
        "fallback_allowed": template.fallback_allowed,
        "link_wanted": template.link_wanted,
        "slides": [slide_facts(slide) for slide in template.slides],
    }
    if as_json:
        say_json(facts)
    else:
        say_facts(facts)
        say_slides(facts["slides"])


def delete(mms_id: MmsId, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Delete a template: it can never be sent again. What was sent of it goes on.

    Example:
      slidewire template delete 1000002

    """
    from slidewire.store.templates import delete_template

    def end(connection: "Connection") -> "Template":
        template = _found(connection, mms_id)
        delete_template(connection, template.account_id, template.mms_id)
        return template

    ended = write_store(settings_of(config), end)
    if as_json:
        say_json({"mms_id": str(ended.mms_id), "account": ended.account_id})
    else:
        say("1 template deleted")


def _found(connection: "Connection", mms_id: str) -> "Template":
    """Raises CommandError when there is none."""
    from slidewire.domain.faults import FaultError
    from slidewire.domain.saving import read_mms_id
    from slidewire.store.templates import find_template, template_owner

    try:
        number = read_mms_id(mms_id)
    except FaultError:
        number = 0
    owner = template_owner(connection, number)
    template = find_template(connection, owner, number) if owner else None
    if template is None:
        raise CommandError(f"there is no template {mms_id}", "`slidewire template list` shows them.")
    return template


def _row(template: "Template") -> dict[str, Any]:
    """What a list shows of a template."""
    return {
        "mms_id": str(template.mms_id),
        "account": template.account_id,
        "created_at": written(template.created_at),
        "state": template.state.value,
        "encoded": f"{template.percent}%",
        "name": template.name,
        "subject": template.subject,
    }
