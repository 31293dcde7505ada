"""When a message was asked to leave"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("send_at", sa.BigInteger(), nullable=False, server_default="0"))
    scheduled = sa.text("send_at > 0")
    op.create_index("ix_messages_send_at", "messages", ["send_at"], sqlite_where=scheduled, postgresql_where=scheduled)
