"""Ledgers of limits"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledgers",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("spent", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_ledgers")),
        sqlite_with_rowid=False,
    )
