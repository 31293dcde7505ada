"""Page links: a token that leaves in an SMS, kept here as a keyed hash only (security 10).

Whoever sends the SMS makes the link with ``new_link`` and writes it with ``add_link`` in the transaction that
lets the SMS leave: the token can never be read back.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from sqlalchemy import Connection, select

from slidewire.domain.change import Change
from slidewire.domain.events import Event
from slidewire.domain.ids import token_of
from slidewire.domain.message import Message
from slidewire.domain.task import Task
from slidewire.store import schema
from slidewire.store.messages import find_message, record
from slidewire.store.server_keys import key_name
from slidewire.store.sql import insert_into, run, write_rows

_PURPOSE = b"page link:"
#: The purpose by which rows name their key.
NAMED = b"name of the page link key"
_IN_MMS = b"token in an MMS:"
_OF_INBOUND = b"token of what a phone sent:"
_COLUMNS = tuple(column.name for column in schema.page_links.columns)
_values = attrgetter(*_COLUMNS)
_INSERT = insert_into("page_links", _COLUMNS)
_OPENED = """UPDATE page_links SET openings = openings + 1, first_opened_at = COALESCE(first_opened_at, ?)
    WHERE digest = ? AND account_id = ? RETURNING openings"""
_BOT = "UPDATE page_links SET bots = bots + 1 WHERE digest = ? AND account_id = ?"
_REVOKE = "UPDATE page_links SET revoked_at = ? WHERE revoked_at IS NULL AND "


@dataclass(frozen=True, slots=True)
class LinkKey:
    """The server key as links use it, with the short name under which rows remember it."""

    id: str
    secret: bytes = field(repr=False)
    others: tuple["LinkKey", ...] = ()  #: under which links were made besides

    @classmethod
    def of(cls, server_key: bytes, *others: bytes) -> "LinkKey":
        """The key for links of this server key, which finds those of ``others`` too."""
        return cls(key_name(server_key, NAMED), server_key, tuple(cls.of(other) for other in others))

    def token_in_mms(self, message_id: str) -> str:
        """The token that a message's MMS carries: the same at every try, and kept nowhere (docs/adr/0087)."""
        return self._token(_IN_MMS, message_id)

    def token_of_inbound(self, inbound_id: str) -> str:
        """The token of the media that a phone sent: the same in every repetition of N401, and kept nowhere."""
        return self._token(_OF_INBOUND, inbound_id)

    def _token(self, purpose: bytes, of: str) -> str:
        secret = hmac.digest(self.secret, purpose + of.encode(), hashlib.sha256)
        return token_of(int.from_bytes(secret))

    def named(self, key_id: str) -> "LinkKey":
        """The key that rows call so; this one where none is known."""
        return next((key for key in self.others if key.id == key_id), self)

    def digest(self, token: str) -> str:
        """What is stored of a token."""
        return hmac.digest(self.secret, _PURPOSE + token.encode(), hashlib.sha256).hex()

    def digests(self, token: str) -> list[str]:
        """What may be stored of a token, under any key."""
        return [key.digest(token) for key in (self, *self.others)]


@dataclass(frozen=True, slots=True)
class PageLink:
    """One address of a message's page, as it is stored."""

    digest: str
    account_id: str
    key_id: str
    message_id: str
    created_at: int
    expires_at: int
    revoked_at: int | None = None
    openings: int = 0
    first_opened_at: int | None = None
    bots: int = 0

    def is_live(self, now: int) -> bool:
        """Whether the page may be shown at ``now`` (settled 11)."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody looked at a page."""

    link: PageLink
    at: int
    event_id: str  #: of the event, should it be the first opening
    is_bot: bool = False
    postback: Task | None = None  #: what tells the customer, should it be the first


def new_link(message: Message, token: str, key: LinkKey, now: int) -> PageLink:
    """The link of ``message`` under ``token`` (domain.ids.new_token), to be written with ``add_link``."""
    return PageLink(key.digest(token), message.account_id, key.id, message.id, now, message.link_expires_at)


def link_address(base: str, token: str) -> str:
    """What stands in the SMS. ``base``: pages_url, or public_url where that is empty."""
    return f"{base.rstrip('/')}/m/{token}"


def add_link(connection: Connection, *links: PageLink) -> None:
    """Keep links; writing one again changes nothing."""
    write_rows(connection, _INSERT, [_values(link) for link in links])


def add_links(connection: Connection, links: Sequence[PageLink]) -> list[None]:
    """Keep the links of a group commit, in the order of their digests: two of these never wait for one another."""
    add_link(connection, *sorted(links, key=attrgetter("digest")))
    return [None] * len(links)


def find_link(connection: Connection, token: str, key: LinkKey) -> PageLink | None:
    """The link of a token, ended or not."""
    table = schema.page_links
    query = select(table).where(table.c.digest.in_(key.digests(token)))
    row = connection.execute(query).first()
    return PageLink(*row) if row else None


def find_page(connection: Connection, token: str, key: LinkKey) -> tuple[PageLink, Message | None] | None:
    """The link of a token with its message, which may be gone, or none of ours; None for a token of nobody."""
    link = find_link(connection, token, key)
    return (link, find_message(connection, link.message_id)) if link else None


def links_of(connection: Connection, message_id: str) -> list[PageLink]:
    """Every link of a message, oldest first."""
    table = schema.page_links
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.created_at, table.c.digest)
    return [PageLink(*row) for row in connection.execute(query)]


def note_openings(connection: Connection, openings: Sequence[Opening]) -> list[bool]:
    """Count openings; True for the one that was the first of its link, which is an event of its message.

    In the order of their digests, so that two of these never wait for one another.
    """
    first = [False] * len(openings)
    for at in sorted(range(len(openings)), key=lambda at: openings[at].link.digest):
        opening = openings[at]
        link = opening.link
        if opening.is_bot:
            run(connection, _BOT, link.digest, link.account_id)
            continue
        row = run(connection, _OPENED, opening.at, link.digest, link.account_id).fetchone()
        first[at] = row is not None and row[0] == 1
    record(connection, [_event(opening) for opening, is_first in zip(openings, first, strict=True) if is_first])
    return first


def _event(opening: Opening) -> Change:
    link = opening.link
    event_id, at = opening.event_id, opening.at
    return Change(event_id, link.message_id, link.account_id, Event.OPENED, at, postback=opening.postback)


def revoke_link(connection: Connection, token: str, key: LinkKey, now: int) -> bool:
    """End one link; False when it is nobody's or was ended before."""
    return any(run(connection, f"{_REVOKE} digest = ?", now, digest).rowcount for digest in key.digests(token))


def revoke_links(connection: Connection, message_id: str, now: int) -> int:
    """End every link of a message, as redaction does; how many were still open."""
    return run(connection, f"{_REVOKE} message_id = ?", now, message_id).rowcount
