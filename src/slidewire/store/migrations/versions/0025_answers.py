"""What phones were answered lately"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("phone", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("topic", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("phone", "number", "topic", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_answers_at"), "answers", ["at"])
