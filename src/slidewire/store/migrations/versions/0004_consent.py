"""Campaigns, subscriptions and the block list"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("ref", ID, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("brand", sa.Text(), server_default="", nullable=False),
        sa.Column("senders", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "ref", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_id"), "campaigns", ["id"], unique=True)
    op.create_table(
        "subscriptions",
        sa.Column("receiver", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("campaign_ref", ID, nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", "account_id", "campaign_ref", name=op.f("pk_subscriptions")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_subscriptions_account_id_campaign_ref_receiver"),
        "subscriptions",
        ["account_id", "campaign_ref", "receiver"],
    )
    op.create_table(
        "blocks",
        sa.Column("receiver", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("sender", ID, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", "account_id", "sender", name=op.f("pk_blocks")),
        sqlite_with_rowid=False,
    )
