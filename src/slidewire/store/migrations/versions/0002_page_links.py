"""Page links"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "page_links",
        sa.Column("digest", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("openings", sa.BigInteger(), nullable=False),
        sa.Column("first_opened_at", sa.BigInteger(), nullable=True),
        sa.Column("bots", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "account_id", name=op.f("pk_page_links")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("page_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_links_message_id"), ["message_id"], unique=False)
