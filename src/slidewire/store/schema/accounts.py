"""Accounts: how they come in, what they may, what they use, and how they are told."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, false

from slidewire.store.schema.columns import flag, key_text, metadata, moment, words

#: Single facts about the whole installation: the version of the accounts, the next block of MMS ids.
meta = Table("meta", metadata, key_text("name", key=True), Column("value", BigInteger, nullable=False))

accounts = Table(
    "accounts",
    metadata,
    key_text("id", key=True),
    words("name"),
    words("settings"),  # JSON: setting -> its words
    flag("disabled"),
    moment("created_at"),
)

#: Who changed what and when. Rows are only ever added.
audit = Table(
    "audit",
    metadata,
    key_text("id", key=True),
    moment("at"),
    words("who"),
    words("action"),
    key_text("account_id"),
    words("facts"),  # JSON
    Index(None, "at"),
)

keys = Table(
    "keys",
    metadata,
    key_text("digest", key=True),  # HMAC-SHA-256 of the key under the server key (security 10)
    key_text("account_id"),
    words("name"),
    flag("weak"),
    moment("created_at"),
    Column("expires_at", BigInteger, nullable=True),
    Column("last_used_at", BigInteger, nullable=True),  # written once in a while (store/keys.py)
    # what it sends goes to the simulator (docs/adr/0155)
    Column("test", Boolean, nullable=False, server_default=false()),
    Index(None, "account_id"),
)

#: User names of the older way to authenticate (USER and PASS).
logins = Table(
    "logins",
    metadata,
    key_text("name", key=True),
    key_text("account_id"),
    words("password"),  # argon2 (store/passwords.py)
    moment("changed_at"),
    Index(None, "account_id", unique=True),
)

#: What was called of each limit of an account, and which processes hold more of it (domain/ledger.py).
ledgers = Table(
    "ledgers",
    metadata,
    key_text("account_id", key=True),
    key_text("name", key=True),
    Column("spent", Float, nullable=False),
    moment("at"),
    moment("ends_at"),  # 0: it does not end
    words("holds"),  # JSON
    sqlite_with_rowid=False,
)

senders = Table(
    "senders",
    metadata,
    key_text("account_id", key=True),
    key_text("number", key=True),
    moment("created_at"),
    Index(None, "number"),  # whose an inbound message is
)

#: What accounts present to the hosts of their media, sealed (security 17).
media_secrets = Table(
    "media_secrets",
    metadata,
    key_text("account_id", key=True),
    key_text("origin", key=True),
    key_text("id"),  # another one after every change
    words("names"),  # of the headers
    words("sealed"),
)

#: How far each account's rules of retention have been carried out.
retention_marks = Table(
    "retention_marks",
    metadata,
    key_text("account_id", key=True),
    key_text("rule", key=True),
    moment("done_until"),
)

#: What accounts used, by UTC month, channel and operator.
usage = Table(
    "usage",
    metadata,
    key_text("account_id", key=True),
    key_text("month", key=True),
    key_text("channel", key=True),
    key_text("operator", key=True),
    Column("shard", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("messages", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: How many segments of SMS an account with a cap sent in its latest UTC day.
sms_days = Table(
    "sms_days",
    metadata,
    key_text("account_id", key=True),
    Column("day", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: How many messages an account that pays in advance has used of those.
prepaid = Table(
    "prepaid",
    metadata,
    key_text("account_id", key=True),
    Column("used", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: Addresses of postbacks that do not receive; one that does has no row.
endpoints = Table(
    "endpoints",
    metadata,
    key_text("account_id", key=True),
    words("url"),
    moment("failing_since"),
    Column("off_at", BigInteger, nullable=True),
    words("error"),  # the latest that is told
    Column("error_at", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

#: Who is signed in to the console.
sessions = Table(
    "sessions",
    metadata,
    key_text("digest", key=True),  # keyed hash of the cookie's token (security 10)
    key_text("account_id"),  # empty: an admin
    words("proof"),  # with what they signed in
    words("bound_to"),  # what of it is stored elsewhere too: once that has gone, so has the session
    moment("made_at"),
    moment("seen_at"),
    Index(None, "account_id", "made_at"),
    Index(None, "made_at"),
    sqlite_with_rowid=False,
)
