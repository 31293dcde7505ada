"""SMS segments of the day"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_days",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_sms_days")),
        sqlite_with_rowid=False,
    )
