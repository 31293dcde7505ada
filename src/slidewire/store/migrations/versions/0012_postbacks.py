"""What was posted about a message, and addresses that do not receive"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("postback", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "endpoints",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_endpoints")),
        sqlite_with_rowid=False,
    )
