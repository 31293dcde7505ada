"""Receipts that found no submission, and what phones sent to numbers of nobody, are found by their age"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

UNOWNED = sa.text("account_id = ''")


def upgrade() -> None:
    op.create_index(op.f("ix_parked_receipts_received_at"), "parked_receipts", ["received_at"])
    op.create_index("ix_inbound_unowned", "inbound", ["id"], sqlite_where=UNOWNED, postgresql_where=UNOWNED)
