"""What accounts present to the hosts of their media, sealed"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_secrets",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("origin", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("names", sa.Text(), server_default="", nullable=False),
        sa.Column("sealed", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", "origin", name=op.f("pk_media_secrets")),
    )
