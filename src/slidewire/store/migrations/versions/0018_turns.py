"""Rates of senders and campaigns on a route"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("route", ID, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("route", "name", name=op.f("pk_turns")),
        sqlite_with_rowid=False,
    )
