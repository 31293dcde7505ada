"""Segments of fallback SMS"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("message_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("coding", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_ref", ID, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "number", "account_id", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )
