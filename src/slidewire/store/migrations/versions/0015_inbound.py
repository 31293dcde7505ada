"""What phones sent to our numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("route", ID, nullable=False),
        sa.Column("phone", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("word", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "account_id", name=op.f("pk_inbound")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_inbound_phone"), "inbound", ["phone"])
    op.create_index(op.f("ix_senders_number"), "senders", ["number"])
