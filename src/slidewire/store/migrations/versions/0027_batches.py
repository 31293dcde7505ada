"""One request for many receivers"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("receivers", sa.Text(), server_default="", nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", "account_id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_created_at"), "batches", ["created_at"])
    op.create_table(
        "batch_receivers",
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("receiver", ID, nullable=False),
        sa.Column("given", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "account_id", "receiver", "given", name=op.f("pk_batch_receivers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_batch_receivers_message_id"), "batch_receivers", ["message_id"])
