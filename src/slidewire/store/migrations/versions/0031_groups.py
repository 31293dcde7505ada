"""Whom a message shows besides its receiver"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("display_only", sa.Text(), nullable=False, server_default=""))
