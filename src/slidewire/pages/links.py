"""What stands behind a token: a page to be shown, one that has ended, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.domain.ids import is_token
from slidewire.domain.message import Message
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.store.links import LinkKey, Opening, PageLink, find_page, note_openings


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page that may be shown now."""

    link: PageLink
    message: Message


class EndedError(Exception):
    """The link has expired or was revoked, or its message was redacted."""


class UnknownError(Exception):
    """The token is nobody's."""


@dataclass(frozen=True, slots=True)
class LinkTools:
    """What links are looked up and counted with; handed over by the composition root."""

    database: Database
    commits: Commits
    key: LinkKey
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds


class Links:
    """Looks tokens up and counts openings."""

    def __init__(self, tools: LinkTools) -> None:
        self._tools = tools

    async def find(self, token: str) -> LivePage:
        """The page of ``token``. Raises EndedError and UnknownError."""
        tools = self._tools
        if not is_token(token):
            raise UnknownError
        found = await tools.database.read(lambda connection: find_page(connection, token, tools.key))
        if found is None:
            raise UnknownError
        link, message = found
        if not link.is_live(tools.now()) or message is None or not message.slides:
            raise EndedError
        return LivePage(link, message)

    async def count(self, page: LivePage, *, is_bot: bool) -> None:
        """Count an opening, apart for bots; returns once it is kept."""
        tools = self._tools
        opening = Opening(page.link, tools.now(), tools.new_id(), is_bot)
        await tools.commits.write(note_openings, opening, patient=True)

    def seconds_left(self, page: LivePage) -> int:
        """How long the link is still good for; never below 0."""
        return max(0, (page.link.expires_at - self._tools.now()) // 1000)
