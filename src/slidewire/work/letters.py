"""What a postback's task says, as the bytes and headers that are posted: the account's format (settled 29)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slidewire.domain.account import Account, secret_place
from slidewire.domain.frozen import frozen
from slidewire.domain.inbound import MediaFile
from slidewire.domain.message import Dialect, Message
from slidewire.domain.postback import Postback, PostbackCode, format_for
from slidewire.domain.task import Task
from slidewire.postbacks.body import CONTENT_TYPES, NewsValues, render, render_news, render_saved
from slidewire.postbacks.sign import ID_HEADER, signature_headers

#: Which repetition this is (settled 29).
ATTEMPT_HEADER = "X-Slidewire-Attempt"


@frozen
class Letter:
    """One postback, ready to be posted."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LetterSources:
    """What postbacks tell that no task knows."""

    operator_words: Callable[[str], Sequence[str]]  #: an operator's id -> everything that names it
    media_address: Callable[[MediaFile], str]  #: where it is fetched


class Letters:
    """Writes postbacks."""

    def __init__(
        self, sources: LetterSources, open_secret: Callable[[str, str], bytes], now: Callable[[], int]
    ) -> None:
        """``open_secret``: LatelyOpened.open."""
        self._sources = sources
        self._open_secret = open_secret
        self._now = now

    def write(self, task: Task, message: Message | None, account: Account) -> Letter | None:
        """None when the message that it is about is gone. Of a template and of what phones did the task knows all.

        Raises SealError when the account's secret cannot be opened: nothing goes unsigned that should be signed.
        """
        dialect = message.dialect if message else Dialect(str(task.body.get("dialect", Dialect.W13.value)))
        form = format_for(account.settings.postback_format, dialect)
        code, mms_id = PostbackCode[str(task.body["code"])], task.body.get("mms_id")
        news = task.body.get("news")
        if message is not None:
            words = self._sources.operator_words(message.operator) if message.operator else ()
            body = render(message, _postback_of(task, code), form, words)
        elif isinstance(news, dict):
            body = render_news(code, self._news_of(task, news), form)
        elif isinstance(mms_id, int):
            body = render_saved(code, mms_id, str(task.body.get("url", "")), form)
        else:
            return None
        headers = (("Content-Type", CONTENT_TYPES[form]), (ID_HEADER, task.id), (ATTEMPT_HEADER, str(task.attempt)))
        return Letter(body, headers + self._signature(task, account, body))

    def _news_of(self, task: Task, told: Mapping[str, object]) -> NewsValues:
        """Files are told by their addresses, which nobody could keep."""
        fields = {name: str(value) for name, value in told.items()}
        lists: dict[str, list[str]] = {}
        if isinstance(found := task.body.get("lists"), dict):
            lists = {name: [str(each) for each in values] for name, values in found.items()}
        if "content" in lists:
            files = (MediaFile(task.message_id, name, fields.get("link_key", "")) for name in lists["content"])
            lists["content"] = [self._sources.media_address(file) for file in files]
        words = self._sources.operator_words(fields["operator"]) if fields.get("operator") else ()
        return NewsValues(_time_of(task), fields, lists, words)

    def _signature(self, task: Task, account: Account, body: bytes) -> tuple[tuple[str, str], ...]:
        sealed = account.settings.postback_secret
        if not sealed:
            return ()
        secret = self._open_secret(sealed, secret_place(account.id))
        return signature_headers(secret, task.id, self._now() // 1000, body)


def _postback_of(task: Task, code: PostbackCode) -> Postback:
    body = task.body
    return Postback(
        code=code,
        at=_time_of(task),
        sent_as=str(body.get("sent_as", "")),
        details=str(body.get("details", "")),
        handset=str(body.get("handset", "")),
        file=str(body.get("file", "")),
    )


def _time_of(task: Task) -> int:
    at = task.body["at"]
    return at if isinstance(at, int) else 0
