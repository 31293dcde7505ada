"""Messages, events and exchanges take only what will lie in their first partition: said, not yet looked at

Three steps, each a transaction of its own (store/migrate.py): the former version goes on meanwhile.
"""

import re
import time

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLES = {"messages": "id", "events": "message_id", "exchanges": "message_id"}
DAY = 86_400_000


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    op.execute("SET LOCAL lock_timeout = '500ms'")
    newest = [connection.exec_driver_sql(f"SELECT max({key}) FROM {name}").scalar() for name, key in TABLES.items()]  # noqa: S608  # ours
    end = _end(max(found or "" for found in newest))
    for name, key in TABLES.items():
        op.execute(f"ALTER TABLE {name} ADD CONSTRAINT {name}_in_first CHECK ({key} < '{end}') NOT VALID")


def _end(newest: str) -> str:
    """The end of the first partition: a day after tomorrow has begun, for clocks differ; after all that is there.

    A row whose id tells no time of ours, or one far ahead, lies in a partition without an end: as before.
    """
    now = time.time_ns() // 1_000_000
    told = int(newest[:12], 16) if re.match("[0-9a-f]{12}", newest) else 0
    if told > now + 366 * DAY or (newest and not told and newest[:1] > "0"):
        return "~"
    return f"{(max(now, told) // DAY + 2) * DAY:012x}"
