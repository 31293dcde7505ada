"""What a postback's task says, as the bytes and headers that are posted: the account's format (settled 29)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.message import Dialect, Message
from slidewire.domain.postback import Postback, PostbackCode, format_for
from slidewire.domain.task import Task
from slidewire.postbacks.body import CONTENT_TYPES, render, render_saved

#: The stable id of a postback over its repetitions, and which repetition this is (settled 29).
ID_HEADER = "webhook-id"
ATTEMPT_HEADER = "X-Slidewire-Attempt"


@dataclass(frozen=True, slots=True)
class Letter:
    """One postback, ready to be posted."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Letters:
    """Writes postbacks."""

    def __init__(self, operator_words: Callable[[str], Sequence[str]]) -> None:
        """``operator_words``: an operator's id -> everything that names it."""
        self._operator_words = operator_words

    def write(self, task: Task, message: Message | None, account: Account) -> Letter | None:
        """None when the message that it is about is gone. Of a template the task knows all."""
        dialect = message.dialect if message else Dialect(str(task.body.get("dialect", Dialect.W13.value)))
        form = format_for(account.settings.postback_format, dialect)
        code, mms_id = PostbackCode[str(task.body["code"])], task.body.get("mms_id")
        if message is not None:
            words = self._operator_words(message.operator) if message.operator else ()
            body = render(message, _postback_of(task, code), form, words)
        elif isinstance(mms_id, int):
            body = render_saved(code, mms_id, str(task.body.get("url", "")), form)
        else:
            return None
        return Letter(
            body,
            (("Content-Type", CONTENT_TYPES[form]), (ID_HEADER, task.id), (ATTEMPT_HEADER, str(task.attempt))),
        )


def _postback_of(task: Task, code: PostbackCode) -> Postback:
    body = task.body
    at = body["at"]
    return Postback(
        code=code,
        at=at if isinstance(at, int) else 0,
        sent_as=str(body.get("sent_as", "")),
        details=str(body.get("details", "")),
        handset=str(body.get("handset", "")),
        file=str(body.get("file", "")),
    )
