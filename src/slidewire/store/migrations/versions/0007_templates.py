"""Templates, and messages that may be sent again"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
#: Compared byte by byte on both databases.
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "templates",
        sa.Column("mms_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("dialect", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("slides", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("fallback_text", sa.Text(), server_default="", nullable=False),
        sa.Column("fallback_allowed", sa.Boolean(), nullable=False),
        sa.Column("link_wanted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("encoded", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("mms_id", "account_id", name=op.f("pk_templates")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_templates_account_id_created_at"), ["account_id", "created_at"])
    op.create_table(
        "template_content",
        sa.Column("digest", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("mms_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("digest", "account_id", "mms_id", name=op.f("pk_template_content")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("template_content", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_template_content_account_id_mms_id"), ["account_id", "mms_id"])
    op.create_table(
        "sent_mms",
        sa.Column("mms_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("mms_id", "account_id", name=op.f("pk_sent_mms")),
        sqlite_with_rowid=False,
    )
