"""Who runs, and who may send on which route: small tables that do not grow with traffic."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table, false

from slidewire.store.schema.columns import key_text, metadata

#: A share of a route's rate, which one node holds at a time (domain/lanes.py).
lanes = Table(
    "lanes",
    metadata,
    key_text("route", key=True),
    Column("number", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("lanes", Integer, nullable=False),  # how many its holder knew of
    key_text("holder"),  # empty: nobody
    Column("ends_at", BigInteger, nullable=False),
    Column("present", Float, nullable=False),  # share of its rate after throttling; 0: all of it
    sqlite_with_rowid=False,
)

#: Workers on PostgreSQL, where no lock of the system's tells who lives.
nodes = Table(
    "nodes",
    metadata,
    key_text("id", key=True),
    Column("ends_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: Routes that cannot be reached, as those who send on them say.
away_routes = Table(
    "away_routes",
    metadata,
    key_text("route", key=True),
    Column("ends_at", BigInteger, nullable=False),
    Column("wants_probe", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

#: Rates that an admin has set over those of the settings: so many a second.
route_rates = Table(
    "route_rates",
    metadata,
    key_text("route", key=True),
    Column("rate", Float, nullable=False),
    sqlite_with_rowid=False,
)
