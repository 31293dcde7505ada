"""How far each account's rules of retention have been carried out"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_marks",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("rule", ID, nullable=False),
        sa.Column("done_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "rule", name=op.f("pk_retention_marks")),
    )
