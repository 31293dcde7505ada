"""Texts of phones of which not every segment has come"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_pieces",
        sa.Column("route", ID, nullable=False),
        sa.Column("phone", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("reference", ID, nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("pieces", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("route", "phone", "number", "reference", name=op.f("pk_inbound_pieces")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbound_pieces_first_at"), "inbound_pieces", ["first_at"])
