"""Routes that cannot be reached"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "away_routes",
        sa.Column("route", ID, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_away_routes")),
        sqlite_with_rowid=False,
    )
