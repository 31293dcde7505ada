"""Lanes of routes, the nodes that hold them, and rates that an admin has set"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("route", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("holder", ID, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("route", "number", name=op.f("pk_lanes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nodes",
        sa.Column("id", ID, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "route_rates",
        sa.Column("route", ID, nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_route_rates")),
        sqlite_with_rowid=False,
    )
