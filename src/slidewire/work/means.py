"""What every step works with: the store, the clock, ids, the accounts, and how to wake a queue."""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback
from slidewire.domain.task import Task, TaskKind
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.store.messages import notify_queue


@dataclass(frozen=True, slots=True)
class Means:
    """Handed over by the composition root; nothing here reads settings or clocks of its own."""

    database: Database
    commits: Commits
    node: str  #: who we are in leases
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds
    monotonic: Callable[[], float]  #: seconds
    jitter: Callable[[], float]  #: from 0 to 1
    account: Callable[[str], Account | None]  #: by id, as last seen
    wake: Callable[[str], None]  #: there may be something due in this queue


def postback_task(means: Means, message: Message, postback: Postback) -> Task | None:
    """The task that tells the customer; None when its account has no address to tell."""
    account = means.account(message.account_id)
    if account is None or not account.settings.postback_url:
        return None
    body: dict[str, object] = {"code": postback.code.name, "at": postback.at}
    if account.settings.postback_order:
        body["ordered"] = True
    for name in ("sent_as", "details", "handset", "file"):
        if value := getattr(postback, name):
            body[name] = value
    return Task(
        id=means.new_id(),
        kind=TaskKind.NOTIFY,
        queue=notify_queue(message.account_id),
        account_id=message.account_id,
        message_id=message.id,
        due_at=postback.at,
        body=body,
    )
