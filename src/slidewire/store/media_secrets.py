"""What accounts present to the hosts of their media, sealed (security 17); every change is a new row id.

An origin is scheme, host and port: nothing is presented to another one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from slidewire.domain.access import Headers, MediaAccess, merged
from slidewire.domain.audit import AuditAction, By
from slidewire.store import schema
from slidewire.store.accounts import NoSuchAccountError, raise_version
from slidewire.store.audit import write_audit
from slidewire.store.sealed import Sealer

#: Sealer.open
Open = Callable[[str, str], bytes]
_table = schema.media_secrets


@dataclass(frozen=True, slots=True)
class StoredAccess:
    """One row: what is presented to one origin."""

    id: str
    account_id: str
    origin: str  #: ``https://media.example.net:443``
    names: tuple[str, ...]  #: of the headers: no secret
    sealed: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """What the secret is sealed to."""
        return f"media_secrets {self.id} {self.account_id} {self.origin}"

    def opened(self, open_secret: Open) -> MediaAccess:
        """The headers themselves. Raises SealError."""
        headers = msgspec.json.decode(open_secret(self.sealed, self.place), type=Headers)
        return MediaAccess(self.id, headers)


@dataclass(frozen=True, slots=True)
class NewHeader:
    """A header to be presented from now on."""

    account_id: str
    origin: str
    header: tuple[str, str] = field(repr=False)


def set_header(connection: Connection, new: NewHeader, sealer: Sealer, by: By) -> tuple[str, ...]:
    """Add or replace a header; gives the names of all that are presented. Raises NoSuchAccountError, SealError."""
    found = connection.execute(
        select(schema.accounts.c.id).where(schema.accounts.c.id == new.account_id).with_for_update()
    )
    if found.scalar() is None:
        raise NoSuchAccountError(new.account_id)
    old = next((each for each in account_access(connection, new.account_id) if each.origin == new.origin), None)
    headers = merged(old.opened(sealer.open).headers if old is not None else (), new.header)
    names = tuple(name for name, _ in headers)
    fresh = StoredAccess(by.id, new.account_id, new.origin, names)
    sealed = sealer.seal(msgspec.json.encode(headers), fresh.place)
    _remove(connection, new.account_id, new.origin)
    connection.execute(insert(_table).values(_values(fresh, sealed)))
    write_audit(connection, by, AuditAction.MEDIA_ACCESS_SET, new.account_id, origin=new.origin, headers=names)
    raise_version(connection)
    return names


def remove_access(connection: Connection, account_id: str, origin: str, by: By) -> bool:
    """Present nothing to this origin any more; False when nothing was."""
    removed = _remove(connection, account_id, origin)
    if removed:
        write_audit(connection, by, AuditAction.MEDIA_ACCESS_REMOVED, account_id, origin=origin)
        raise_version(connection)
    return removed


def account_access(connection: Connection, account_id: str) -> list[StoredAccess]:
    """What one account presents, by origin."""
    query = select(_table).where(_table.c.account_id == account_id).order_by(_table.c.origin)
    return [_stored(row) for row in connection.execute(query)]


def all_access(connection: Connection) -> dict[str, list[StoredAccess]]:
    """What every account presents, by its id; accounts that present nothing are not among them."""
    found: dict[str, list[StoredAccess]] = {}
    for row in connection.execute(select(_table)):
        found.setdefault(row.account_id, []).append(_stored(row))
    return found


def _remove(connection: Connection, account_id: str, origin: str) -> bool:
    here = (_table.c.account_id == account_id) & (_table.c.origin == origin)
    return connection.execute(delete(_table).where(here)).rowcount > 0


def _values(stored: StoredAccess, sealed: str) -> dict[str, object]:
    return {
        "account_id": stored.account_id,
        "origin": stored.origin,
        "id": stored.id,
        "names": ", ".join(stored.names),
        "sealed": sealed,
    }


def _stored(row: "Row[tuple[object, ...]]") -> StoredAccess:
    names = tuple(row.names.split(", "))
    return StoredAccess(row.id, row.account_id, row.origin, names, row.sealed)
