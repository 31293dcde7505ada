"""What accounts used"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("month", ID, nullable=False),
        sa.Column("channel", ID, nullable=False),
        sa.Column("operator", ID, nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "month", "channel", "operator", "shard", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
