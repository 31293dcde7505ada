"""An account's own word for who has joined a campaign"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("subscriber_ref", ID, nullable=False, server_default=""))
    op.create_index(
        op.f("ix_subscriptions_account_id_campaign_ref_subscriber_ref"),
        "subscriptions",
        ["account_id", "campaign_ref", "subscriber_ref"],
    )
