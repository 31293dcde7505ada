"""Addresses of postbacks that do not receive: since when, and whether they were given up. Those that do have no row."""

from dataclasses import astuple, dataclass

from sqlalchemy import Connection, delete, select, update

from slidewire.store import schema
from slidewire.store.sql import insert_into, write_rows

_INSERT = insert_into("endpoints", tuple(column.name for column in schema.endpoints.columns))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One account's address. Times are Unix milliseconds."""

    account_id: str
    url: str  #: the address that this is about: another one begins anew
    failing_since: int
    off_at: int | None = None  #: nothing is posted any more from then on
    error: str = ""  #: why it did not receive, the last time that was kept
    error_at: int = 0


def failing_endpoints(connection: Connection) -> dict[str, Endpoint]:
    """All of them by account."""
    return {row.account_id: Endpoint(*row) for row in connection.execute(select(schema.endpoints))}


def set_failing(connection: Connection, endpoint: Endpoint) -> None:
    """Remember that it fails; whoever saw it first is right, unless that was about another address."""
    table = schema.endpoints
    known = connection.execute(select(table.c.url).where(table.c.account_id == endpoint.account_id)).scalar()
    if known is not None and known != endpoint.url:
        forget_endpoint(connection, endpoint.account_id)
    if known != endpoint.url:
        write_rows(connection, _INSERT, [astuple(endpoint)])


def keep_error(connection: Connection, endpoint: Endpoint) -> None:
    """Remember why it did not receive now."""
    table = schema.endpoints
    here = (table.c.account_id == endpoint.account_id, table.c.url == endpoint.url)
    connection.execute(update(table).where(*here).values(error=endpoint.error, error_at=endpoint.error_at))


def turn_off(connection: Connection, endpoint: Endpoint, at: int) -> bool:
    """Post nothing there any more; False when another was quicker."""
    table = schema.endpoints
    here = (table.c.account_id == endpoint.account_id, table.c.url == endpoint.url, table.c.off_at.is_(None))
    return connection.execute(update(table).where(*here).values(off_at=at)).rowcount == 1


def forget_endpoint(connection: Connection, account_id: str) -> bool:
    """It receives again, or is to be tried again; False when nothing was known against it."""
    table = schema.endpoints
    return connection.execute(delete(table).where(table.c.account_id == account_id)).rowcount == 1
