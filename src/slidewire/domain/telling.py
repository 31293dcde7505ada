"""The task that tells a customer of an event, whoever notices the event: a step of work, or a page that is opened."""

from slidewire.domain.account import Account
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback
from slidewire.domain.task import Task, TaskKind


def telling(account: Account | None, message: Message, postback: Postback, task_id: str) -> Task | None:
    """The task that posts ``postback``; None when its account has no address to tell."""
    if account is None or not account.settings.postback_url:
        return None
    body: dict[str, object] = {"code": postback.code.name, "at": postback.at}
    if account.settings.postback_order:
        body["ordered"] = True
    for name in ("sent_as", "details", "handset", "file"):
        if value := getattr(postback, name):
            body[name] = value
    return Task(
        id=task_id,
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue(message.account_id),
        account_id=message.account_id,
        message_id=message.id,
        due_at=postback.at,
        body=body,
    )
