"""Phones: what they joined, whether they may be written to, and what is known of them."""

from sqlalchemy import BigInteger, Column, Index, Table

from slidewire.store.schema.columns import ID, key_text, metadata, moment, words

#: What receivers join (settled 14).
campaigns = Table(
    "campaigns",
    metadata,
    key_text("account_id", key=True),
    key_text("ref", key=True),
    Column("id", BigInteger, nullable=False),  # CAMPAIGNID of the API
    words("name"),
    words("brand"),
    words("senders"),  # JSON
    moment("created_at"),
    Column("closed_at", BigInteger, nullable=True),
    words("joining"),  # JSON
    Index(None, "id", unique=True),
)

#: How a receiver stands to a campaign. The receiver leads the key: that is what every message asks by.
subscriptions = Table(
    "subscriptions",
    metadata,
    key_text("receiver", key=True),
    key_text("account_id", key=True),
    key_text("campaign_ref", key=True),
    words("state"),
    words("source"),
    moment("changed_at"),
    Column("subscriber_ref", ID, nullable=False, server_default=""),  # the account's word for who it is
    Index(None, "account_id", "campaign_ref", "receiver"),
    Index(None, "account_id", "campaign_ref", "subscriber_ref"),
    sqlite_with_rowid=False,
)

#: Who is not sent to: for all, for one account, or for one of its senders.
blocks = Table(
    "blocks",
    metadata,
    key_text("receiver", key=True),
    key_text("account_id", key=True),  # empty: every account
    key_text("sender", key=True),  # empty: every sender
    words("source"),
    words("note"),
    moment("created_at"),
    sqlite_with_rowid=False,
)

#: What is known of the network behind a number (store/operators.py). Nobody's: it has no account.
operator_cache = Table(
    "operator_cache",
    metadata,
    key_text("number", key=True),
    words("source"),
    words("network"),
    key_text("operator"),
    words("name"),
    words("line_type"),
    moment("found_at"),
    moment("until"),
    Index(None, "until"),
    sqlite_with_rowid=False,
)

#: The phone behind a number. Of no account: a number is one phone's, whoever writes to it (docs/adr/0088).
handsets = Table(
    "handsets",
    metadata,
    key_text("receiver", key=True),
    words("profile"),
    words("agent"),
    moment("seen_at"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)
