"""Who is signed in to the console, and what it shows: the batches of an account, what is wrong with addresses"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.Column("bound_to", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sessions_account_id_made_at"), "sessions", ["account_id", "made_at"])
    op.create_index(op.f("ix_sessions_made_at"), "sessions", ["made_at"])
    op.create_index(op.f("ix_batches_account_id_id"), "batches", ["account_id", "id"])
    op.add_column("endpoints", sa.Column("error", sa.Text(), server_default="", nullable=False))
    op.add_column("endpoints", sa.Column("error_at", sa.BigInteger(), server_default="0", nullable=False))
