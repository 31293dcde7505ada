"""The tables, once for both databases.

Every table that grows with traffic has the account in its key (so that it can be sharded) and an id
that carries time (so that it can be partitioned and dropped by age); no foreign key points at one
(durability 14). All ``..._at`` are Unix milliseconds.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

#: Ids compare byte by byte on both databases; a language's rules would only cost time.
_ID = String().with_variant(String(collation="C"), "postgresql")


def _id(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, _ID, primary_key=key, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


#: Single facts about the whole installation: the version of the accounts, the next block of MMS ids.
meta = Table("meta", metadata, _id("name", key=True), Column("value", BigInteger, nullable=False))

accounts = Table(
    "accounts",
    metadata,
    _id("id", key=True),
    _text("name"),
    _text("settings"),  # JSON: setting -> its words
    _flag("disabled"),
    _time("created_at"),
)

#: Who changed what and when. Rows are only ever added.
audit = Table(
    "audit",
    metadata,
    _id("id", key=True),
    _time("at"),
    _text("who"),
    _text("action"),
    _id("account_id"),
    _text("facts"),  # JSON
    Index(None, "at"),
)

keys = Table(
    "keys",
    metadata,
    _id("digest", key=True),  # HMAC-SHA-256 of the key under the server key (security 10)
    _id("account_id"),
    _text("name"),
    _flag("weak"),
    _time("created_at"),
    Column("expires_at", BigInteger, nullable=True),
    Column("last_used_at", BigInteger, nullable=True),  # written once in a while (store/keys.py)
    Index(None, "account_id"),
)

#: User names of the older way to authenticate (USER and PASS).
logins = Table(
    "logins",
    metadata,
    _id("name", key=True),
    _id("account_id"),
    _text("password"),  # argon2 (store/passwords.py)
    _time("changed_at"),
    Index(None, "account_id", unique=True),
)

#: What was called of each limit of an account, and which processes hold more of it (domain/ledger.py).
ledgers = Table(
    "ledgers",
    metadata,
    _id("account_id", key=True),
    _id("name", key=True),
    Column("spent", Float, nullable=False),
    _time("at"),
    _time("ends_at"),  # 0: it does not end
    _text("holds"),  # JSON
    sqlite_with_rowid=False,
)

senders = Table(
    "senders",
    metadata,
    _id("account_id", key=True),
    _id("number", key=True),
    _time("created_at"),
    Index(None, "number"),  # whose an inbound message is
)

#: What accounts present to the hosts of their media, sealed (security 17).
media_secrets = Table(
    "media_secrets",
    metadata,
    _id("account_id", key=True),
    _id("origin", key=True),
    _id("id"),  # another one after every change
    _text("names"),  # of the headers
    _text("sealed"),
)

messages = Table(
    "messages",
    metadata,
    _id("id", key=True),
    _id("account_id", key=True),
    Column("mms_id", BigInteger, nullable=False),
    _text("dialect"),
    _text("sender"),
    _text("receiver"),
    _text("country"),
    _time("accepted_at"),
    _time("expires_at"),
    _time("link_expires_at"),
    _text("name"),
    _text("slides"),  # JSON
    _text("subject"),
    _text("fallback_text"),
    _flag("fallback_allowed"),
    _flag("link_wanted"),
    _flag("force_sms"),
    _text("mask"),
    _text("operator"),
    _text("spid"),
    _text("campaign_ref"),
    _text("client_reference"),
    _text("route"),
    _text("status"),
    _text("warnings"),  # JSON
)

tasks = Table(
    "tasks",
    metadata,
    _id("message_id", key=True),
    _id("id", key=True),
    _id("account_id", key=True),
    _text("kind"),
    _id("queue"),
    Column("priority", Integer, nullable=False),
    _time("due_at"),
    Column("attempt", Integer, nullable=False),
    Column("lease", _ID, nullable=True),  # the node that holds it; found set by another: uncertain (durability 2)
    _text("transaction_id"),
    _text("body"),  # JSON
    Index(None, "queue", "due_at"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    _id("message_id", key=True),
    _id("id", key=True),
    _id("account_id", key=True),
    _time("at"),
    _text("event"),
    _text("reason"),
    _text("detail"),
    Column("attempt", Integer, nullable=False),
    _text("receipt_key"),  # makes a repeated receipt recognisable; empty for what is no receipt
    _text("postback"),  # JSON: the one that was queued with it, or given up (store/postbacks.py)
    sqlite_with_rowid=False,
)

#: Addresses of postbacks that do not receive; one that does has no row.
endpoints = Table(
    "endpoints",
    metadata,
    _id("account_id", key=True),
    _text("url"),
    _time("failing_since"),
    Column("off_at", BigInteger, nullable=True),
    sqlite_with_rowid=False,
)

exchanges = Table(
    "exchanges",
    metadata,
    _id("message_id", key=True),
    _id("id", key=True),
    _id("account_id", key=True),
    _time("at"),
    _text("peer"),
    _text("request"),
    _text("response"),
    Column("seconds", Float, nullable=False),
    _text("body"),
    _flag("failed"),
)

#: The carrier's id for a submission -> our message: receipts are matched on it alone (standards.md 8).
carrier_refs = Table(
    "carrier_refs",
    metadata,
    _id("route", key=True),
    _id("ref", key=True),
    _id("message_id"),
    _id("account_id", key=True),
    _time("at"),
    sqlite_with_rowid=False,
)

#: Receipts that nobody was known for when they came (durability 23).
parked_receipts = Table(
    "parked_receipts",
    metadata,
    _id("route", key=True),
    _id("ref", key=True),
    _id("id", key=True),
    _time("received_at"),
    _text("body"),  # JSON
)

content = Table(
    "content",
    metadata,
    _id("digest", key=True),
    Column("size", BigInteger, nullable=False),
    _text("type"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    _time("keep_until"),  # pinned until here; raised by every message that uses it (durability 19)
    Column("doomed_at", BigInteger, nullable=True),  # below 0: the bytes were deleted then (store/contents.py)
    Index(None, "keep_until"),
)

#: The pieces of a fallback SMS, each answered for by itself (durability 9).
segments = Table(
    "segments",
    metadata,
    _id("message_id", key=True),
    Column("number", Integer, primary_key=True, nullable=False, autoincrement=False),
    _id("account_id", key=True),
    Column("total", Integer, nullable=False),
    Column("coding", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("header", LargeBinary, nullable=False),
    _text("state"),
    _id("carrier_ref"),
    sqlite_with_rowid=False,
)

#: The token of a fallback page -> its message. The token itself is in the SMS and nowhere else (security 10).
page_links = Table(
    "page_links",
    metadata,
    _id("digest", key=True),  # keyed hash of the token
    _id("account_id", key=True),
    _id("key_id"),  # which server key made the digest
    _id("message_id"),
    _time("created_at"),
    _time("expires_at"),
    Column("revoked_at", BigInteger, nullable=True),
    Column("openings", BigInteger, nullable=False),  # of the page, by people as far as can be told
    Column("first_opened_at", BigInteger, nullable=True),
    Column("bots", BigInteger, nullable=False),  # openings by bots and link previews
    Index(None, "message_id"),
    sqlite_with_rowid=False,
)

#: How far each account's rules of retention have been carried out.
retention_marks = Table(
    "retention_marks",
    metadata,
    _id("account_id", key=True),
    _id("rule", key=True),
    _time("done_until"),
)

#: What receivers join (settled 14).
campaigns = Table(
    "campaigns",
    metadata,
    _id("account_id", key=True),
    _id("ref", key=True),
    Column("id", BigInteger, nullable=False),  # CAMPAIGNID of the API
    _text("name"),
    _text("brand"),
    _text("senders"),  # JSON
    _time("created_at"),
    Column("closed_at", BigInteger, nullable=True),
    Index(None, "id", unique=True),
)

#: How a receiver stands to a campaign. The receiver leads the key: that is what every message asks by.
subscriptions = Table(
    "subscriptions",
    metadata,
    _id("receiver", key=True),
    _id("account_id", key=True),
    _id("campaign_ref", key=True),
    _text("state"),
    _text("source"),
    _time("changed_at"),
    Index(None, "account_id", "campaign_ref", "receiver"),
    sqlite_with_rowid=False,
)

#: Who is not sent to: for all, for one account, or for one of its senders.
blocks = Table(
    "blocks",
    metadata,
    _id("receiver", key=True),
    _id("account_id", key=True),  # empty: every account
    _id("sender", key=True),  # empty: every sender
    _text("source"),
    _text("note"),
    _time("created_at"),
    sqlite_with_rowid=False,
)

#: What is known of the network behind a number (store/operators.py). Nobody's: it has no account.
operator_cache = Table(
    "operator_cache",
    metadata,
    _id("number", key=True),
    _text("source"),
    _text("network"),
    _id("operator"),
    _text("name"),
    _text("line_type"),
    _time("found_at"),
    _time("until"),
    Index(None, "until"),
    sqlite_with_rowid=False,
)

#: Messages saved with saveMMS (api.md 3.1), by the id that they are sent with.
templates = Table(
    "templates",
    metadata,
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    _id("account_id", key=True),
    _id("id"),
    _text("dialect"),
    _time("created_at"),
    _text("name"),
    _text("slides"),  # JSON
    _text("subject"),
    _text("fallback_text"),
    _flag("fallback_allowed"),
    _flag("link_wanted"),
    _text("state"),
    Column("encoded", Integer, nullable=False),
    Column("progress", Integer, nullable=False),
    _text("problem"),
    Index(None, "account_id", "created_at"),
    sqlite_with_rowid=False,
)

#: What templates count on: content that one of them names is never doomed (docs/adr/0084).
template_content = Table(
    "template_content",
    metadata,
    _id("digest", key=True),
    _id("account_id", key=True),
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    Index(None, "account_id", "mms_id"),
    sqlite_with_rowid=False,
)

#: The MMS ids of messages that may be sent again with sendSavedMMS (settled 22).
sent_mms = Table(
    "sent_mms",
    metadata,
    Column("mms_id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    _id("account_id", key=True),
    _id("message_id"),
    sqlite_with_rowid=False,
)

#: The phone behind a number. Of no account: a number is one phone's, whoever writes to it (docs/adr/0088).
handsets = Table(
    "handsets",
    metadata,
    _id("receiver", key=True),
    _text("profile"),
    _text("agent"),
    _time("seen_at"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

#: What was sent in the last minutes, of accounts that want to be warned of repetitions.
repeats = Table(
    "repeats",
    metadata,
    _id("account_id", key=True),
    _id("digest", key=True),
    _time("seen_at"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

#: How many segments of SMS an account with a cap sent in its latest UTC day.
sms_days = Table(
    "sms_days",
    metadata,
    _id("account_id", key=True),
    Column("day", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: What phones sent to our numbers, once for each account that owns the number.
inbound = Table(
    "inbound",
    metadata,
    _id("id", key=True),
    _id("account_id", key=True),  # empty: the number is nobody's
    _id("route"),
    _id("phone"),
    _id("number"),
    _text("word"),
    _text("text"),
    _time("received_at"),
    Index(None, "phone"),
    sqlite_with_rowid=False,
)

#: What accounts used, by UTC month, channel and operator.
usage = Table(
    "usage",
    metadata,
    _id("account_id", key=True),
    _id("month", key=True),
    _id("channel", key=True),
    _id("operator", key=True),
    Column("shard", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("messages", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
