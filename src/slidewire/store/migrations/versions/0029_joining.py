"""How phones join campaigns by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("joining", sa.Text(), server_default="", nullable=False))
