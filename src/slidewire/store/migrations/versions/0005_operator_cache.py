"""Operator cache"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_cache",
        sa.Column("number", ID, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("network", sa.Text(), server_default="", nullable=False),
        sa.Column("operator", ID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("line_type", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_operator_cache")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("operator_cache", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operator_cache_until"), ["until"], unique=False)
