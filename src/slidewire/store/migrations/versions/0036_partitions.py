"""Messages, events and exchanges are partitioned on PostgreSQL; what was there is their first partition, as it lies"""

from alembic import op
from sqlalchemy import Connection

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KEYS = {
    "messages": ("id", "account_id"),
    "events": ("message_id", "id", "account_id"),
    "exchanges": ("message_id", "id", "account_id"),
}
END = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass('{}') AND conname = '{}'"
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '{}'"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    op.execute("SET LOCAL lock_timeout = '500ms'")
    for table, key in KEYS.items():
        partition(connection, table, key)


def partition(connection: Connection, table: str, key: tuple[str, ...]) -> None:
    """Put a table of the same name around ``table``: its rows and indexes stay as they are."""
    check = f"{table}_in_first"
    end = connection.exec_driver_sql(END.format(table, check)).scalar_one().split("'")[1]
    indexes = {row[0]: row[1] for row in connection.exec_driver_sql(INDEXES.format(table))}
    first = f"{table}_first"
    op.execute(f"ALTER TABLE {table} RENAME TO {first}")
    for name in indexes:
        op.execute(f"ALTER INDEX {name} RENAME TO {name}_first")
    made_by = f"PARTITION BY RANGE ({key[0]})"
    op.execute(f"CREATE TABLE {table} (LIKE {first} INCLUDING DEFAULTS INCLUDING STORAGE) {made_by}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({', '.join(key)})")
    for name, made in indexes.items():
        if name != f"pk_{table}":
            op.execute(made)
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ('{end}')")
    op.execute(f"ALTER TABLE {first} DROP CONSTRAINT {check}")
    op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
