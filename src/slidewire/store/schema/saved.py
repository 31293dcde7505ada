"""Content, and the templates that are made of it."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from slidewire.store.schema.columns import flag, key_text, metadata, moment, words

content = Table(
    "content",
    metadata,
    key_text("digest", key=True),
    Column("size", BigInteger, nullable=False),
    words("type"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    # pinned until here; raised by every message that uses it (durability 19); below 0: let go (store/contents.py)
    moment("keep_until"),
    Column("doomed_at", BigInteger, nullable=True),  # below 0: the bytes were deleted then (store/contents.py)
    Index(None, "keep_until"),
)

#: Messages saved with saveMMS (api.md 3.1), by the id that they are sent with.
templates = Table(
    "templates",
    metadata,
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    key_text("account_id", key=True),
    key_text("id"),
    words("dialect"),
    moment("created_at"),
    words("name"),
    words("slides"),  # JSON
    words("subject"),
    words("fallback_text"),
    flag("fallback_allowed"),
    flag("link_wanted"),
    words("state"),
    Column("encoded", Integer, nullable=False),
    Column("progress", Integer, nullable=False),
    words("problem"),
    Index(None, "account_id", "created_at"),
    sqlite_with_rowid=False,
)

#: What templates count on: content that one of them names is never doomed (docs/adr/0084).
template_content = Table(
    "template_content",
    metadata,
    key_text("digest", key=True),
    key_text("account_id", key=True),
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    Index(None, "account_id", "mms_id"),
    sqlite_with_rowid=False,
)

#: The MMS ids of messages that may be sent again with sendSavedMMS (settled 22).
sent_mms = Table(
    "sent_mms",
    metadata,
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    key_text("account_id", key=True),
    key_text("message_id"),
    sqlite_with_rowid=False,
)
