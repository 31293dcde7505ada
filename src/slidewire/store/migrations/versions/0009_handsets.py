"""Phones behind numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handsets",
        sa.Column("receiver", ID, nullable=False),
        sa.Column("profile", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", name=op.f("pk_handsets")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_handsets_seen_at"), "handsets", ["seen_at"])
