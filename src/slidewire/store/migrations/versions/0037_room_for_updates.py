"""A message that moves stays on its page on PostgreSQL: the next version finds room there, and no index is written"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'messages'::regclass"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    op.execute("SET LOCAL lock_timeout = '500ms'")
    for (name,) in connection.exec_driver_sql(PARTITIONS).fetchall():
        op.execute(f"ALTER TABLE {name} SET (fillfactor = 70)")
