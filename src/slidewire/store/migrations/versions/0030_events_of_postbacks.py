"""The newest postbacks are found without going through all events"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.text("postback <> ''")
    op.create_index("ix_events_id", "events", ["id"], sqlite_where=told, postgresql_where=told)
