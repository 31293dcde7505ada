"""What stands behind a token: a page to be shown, one that has ended, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.ids import is_token
from slidewire.domain.inbound import InboundPart
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.task import Task
from slidewire.domain.telling import telling
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.store.inbound import find_inbound
from slidewire.store.links import LinkKey, Opening, PageLink, find_page, note_openings


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page that may be shown now."""

    link: PageLink
    message: Message


@dataclass(frozen=True, slots=True)
class LiveInbound:
    """Media that a phone sent and that may be fetched now."""

    link: PageLink
    parts: tuple[InboundPart, ...]


class EndedError(Exception):
    """The link has expired or was revoked, or its message was redacted."""


class UnknownError(Exception):
    """The token is nobody's."""


@dataclass(frozen=True, slots=True)
class LinkTools:
    """What links are looked up and counted with; handed over by the composition root."""

    database: Database
    commits: Commits
    key: Callable[[], LinkKey]  #: as it is now
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds
    account: Callable[[str], Account | None]  #: by id, as last seen
    wake: Callable[[str], None]  #: there may be something due in this queue


class Links:
    """Looks tokens up and counts openings."""

    def __init__(self, tools: LinkTools) -> None:
        self._tools = tools

    async def find(self, token: str) -> LivePage | LiveInbound:
        """What stands behind ``token``. Raises EndedError and UnknownError."""
        tools = self._tools
        if not is_token(token):
            raise UnknownError
        found = await tools.database.read(lambda connection: find_page(connection, token, tools.key()))
        if found is None:
            raise UnknownError
        link, message = found
        if not link.is_live(tools.now()):
            raise EndedError
        if message is not None and message.slides:
            return LivePage(link, message)
        kept = await tools.database.read(lambda c: find_inbound(c, link.message_id)) if message is None else None
        if kept is None or not kept.message.parts:
            raise EndedError
        return LiveInbound(link, kept.message.parts)

    async def count(self, page: LivePage, *, is_bot: bool) -> None:
        """Count an opening, apart for bots; returns once it is kept, with the postback of the first."""
        tools, at = self._tools, self._tools.now()
        postback = None if is_bot or page.link.openings else self._postback(page.message, at)
        opening = Opening(page.link, at, tools.new_id(), is_bot, postback)
        if await tools.commits.write(note_openings, opening, patient=True) and postback:
            tools.wake(postback.queue)

    def _postback(self, message: Message, at: int) -> Task | None:
        account = self._tools.account(message.account_id)
        if account is None or not account.settings.opened_postback:
            return None
        return telling(account, message, Postback(PostbackCode.OPENED, at, sent_as="SMS"), self._tools.new_id())

    def seconds_left(self, page: LivePage | LiveInbound) -> int:
        """How long the link is still good for; never below 0."""
        return max(0, (page.link.expires_at - self._tools.now()) // 1000)
