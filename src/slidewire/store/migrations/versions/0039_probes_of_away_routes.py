"""A route that cannot be reached says that it wants a message to be probed with"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("away_routes", sa.Column("wants_probe", sa.Boolean(), server_default=sa.false(), nullable=False))
