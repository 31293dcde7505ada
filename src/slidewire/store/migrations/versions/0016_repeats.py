"""What was sent in the last minutes"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repeats",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("digest", ID, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_repeats")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_repeats_seen_at"), "repeats", ["seen_at"])
