"""MMS of phones, and what makes a repetition of one known"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("channel", "subject", "copies", "parts", "network"):
        op.add_column("inbound", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_table(
        "arrivals",
        sa.Column("route", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("phone", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("route", "key", name=op.f("pk_arrivals")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_arrivals_at"), "arrivals", ["at"])
    op.create_index(op.f("ix_arrivals_phone"), "arrivals", ["phone"])
