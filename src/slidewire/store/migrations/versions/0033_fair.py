"""Who leaves next of a queue in which many wait"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    leaving = sa.text("kind IN ('deliver', 'text')")
    op.create_index(
        "ix_tasks_fair",
        "tasks",
        ["queue", "priority", "account_id", "due_at"],
        sqlite_where=leaving,
        postgresql_where=leaving,
    )
