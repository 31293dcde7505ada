"""Messages that were paid for in advance"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prepaid",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_prepaid")),
        sqlite_with_rowid=False,
    )
