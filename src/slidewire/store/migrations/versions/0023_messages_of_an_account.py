"""An account's own messages are found by time, by receiver and by reference"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_messages_account_id_id"), "messages", ["account_id", "id"])
    op.create_index(op.f("ix_messages_account_id_receiver_id"), "messages", ["account_id", "receiver", "id"])
    referred = sa.text("client_reference <> ''")
    op.create_index(
        op.f("ix_messages_account_id_client_reference_id"),
        "messages",
        ["account_id", "client_reference", "id"],
        sqlite_where=referred,
        postgresql_where=referred,
    )
