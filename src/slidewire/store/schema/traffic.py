"""Messages on their way out and in, and everything that happens to them."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, text

from slidewire.store.schema.columns import ID, flag, key_text, metadata, moment, words

#: Messages that were scheduled: few, so that an index of them alone costs the others nothing.
SCHEDULED = text("send_at > 0")
UNOWNED = text("account_id = ''")
#: Messages that their sender has a name for; said in a query too, or the index is not taken.
REFERRED = text("client_reference <> ''")
#: Events that tell of a postback; said in a query too, as above.
TOLD = text("postback <> ''")
#: Tasks that leave us, which are shared out while many wait; said in a query too, as above.
LEAVING = text("kind IN ('deliver', 'text')")

messages = Table(
    "messages",
    metadata,
    key_text("id", key=True),
    key_text("account_id", key=True),
    Column("mms_id", BigInteger, nullable=False),
    words("dialect"),
    words("sender"),
    words("receiver"),
    words("country"),
    moment("accepted_at"),
    moment("expires_at"),
    moment("link_expires_at"),
    words("name"),
    words("slides"),  # JSON
    words("subject"),
    words("fallback_text"),
    flag("fallback_allowed"),
    flag("link_wanted"),
    flag("force_sms"),
    words("mask"),
    words("operator"),
    words("spid"),
    words("campaign_ref"),
    words("client_reference"),
    words("route"),
    words("status"),
    words("warnings"),  # JSON
    Column("send_at", BigInteger, nullable=False, server_default="0"),  # 0: at once
    words("display_only"),  # JSON; empty: it is for no group
    Index("ix_messages_send_at", "send_at", sqlite_where=SCHEDULED, postgresql_where=SCHEDULED),
    Index(None, "account_id", "id"),
    Index(None, "account_id", "receiver", "id"),
    Index(None, "account_id", "client_reference", "id", sqlite_where=REFERRED, postgresql_where=REFERRED),
    postgresql_partition_by="RANGE (id)",
)

tasks = Table(
    "tasks",
    metadata,
    key_text("message_id", key=True),
    key_text("id", key=True),
    key_text("account_id", key=True),
    words("kind"),
    key_text("queue"),
    Column("priority", Integer, nullable=False),
    moment("due_at"),
    Column("attempt", Integer, nullable=False),
    Column("lease", ID, nullable=True),  # the node that holds it; found set by another: uncertain (durability 2)
    words("transaction_id"),
    words("body"),  # JSON
    Index(None, "queue", "due_at"),
    Index(
        "ix_tasks_fair",
        *("queue", "priority", "account_id", "due_at"),
        sqlite_where=LEAVING,
        postgresql_where=LEAVING,
    ),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    key_text("message_id", key=True),
    key_text("id", key=True),
    key_text("account_id", key=True),
    moment("at"),
    words("event"),
    words("reason"),
    words("detail"),
    Column("attempt", Integer, nullable=False),
    words("receipt_key"),  # makes a repeated receipt recognisable; empty for what is no receipt
    words("postback"),  # JSON: the one that was queued with it, or given up (store/postbacks.py)
    # an event's id carries its time: the newest postbacks of all messages are one walk
    Index("ix_events_id", "id", sqlite_where=TOLD, postgresql_where=TOLD),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (message_id)",
)

exchanges = Table(
    "exchanges",
    metadata,
    key_text("message_id", key=True),
    key_text("id", key=True),
    key_text("account_id", key=True),
    moment("at"),
    words("peer"),
    words("request"),
    words("response"),
    Column("seconds", Float, nullable=False),
    words("body"),
    flag("failed"),
    postgresql_partition_by="RANGE (message_id)",
)

#: The carrier's id for a submission -> our message: receipts are matched on it alone (standards.md 8).
carrier_refs = Table(
    "carrier_refs",
    metadata,
    key_text("route", key=True),
    key_text("ref", key=True),
    key_text("message_id"),
    key_text("account_id", key=True),
    moment("at"),
    sqlite_with_rowid=False,
)

#: Receipts that nobody was known for when they came (durability 23).
parked_receipts = Table(
    "parked_receipts",
    metadata,
    key_text("route", key=True),
    key_text("ref", key=True),
    key_text("id", key=True),
    moment("received_at"),
    words("body"),  # JSON
    Index(None, "received_at"),
)

#: The pieces of a fallback SMS, each answered for by itself (durability 9).
segments = Table(
    "segments",
    metadata,
    key_text("message_id", key=True),
    Column("number", Integer, primary_key=True, nullable=False, autoincrement=False),
    key_text("account_id", key=True),
    Column("total", Integer, nullable=False),
    Column("coding", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("header", LargeBinary, nullable=False),
    words("state"),
    key_text("carrier_ref"),
    sqlite_with_rowid=False,
)

#: The token of a fallback page -> its message. The token itself is in the SMS and nowhere else (security 10).
page_links = Table(
    "page_links",
    metadata,
    key_text("digest", key=True),  # keyed hash of the token
    key_text("account_id", key=True),
    key_text("key_id"),  # which server key made the digest
    key_text("message_id"),
    moment("created_at"),
    moment("expires_at"),
    Column("revoked_at", BigInteger, nullable=True),
    Column("openings", BigInteger, nullable=False),  # of the page, by people as far as can be told
    Column("first_opened_at", BigInteger, nullable=True),
    Column("bots", BigInteger, nullable=False),  # openings by bots and link previews
    Index(None, "message_id"),
    sqlite_with_rowid=False,
)

#: What was sent in the last minutes, of accounts that want to be warned of repetitions.
repeats = Table(
    "repeats",
    metadata,
    key_text("account_id", key=True),
    key_text("digest", key=True),
    moment("seen_at"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

#: One request for many receivers.
batches = Table(
    "batches",
    metadata,
    key_text("id", key=True),
    key_text("account_id", key=True),
    moment("created_at"),
    words("state"),
    words("source"),
    words("receivers"),  # what the source reads them from; empty once all have been looked at, as is the draft
    words("cursor"),
    Column("total", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    words("draft"),  # JSON
    Index(None, "created_at"),
    Index(None, "account_id", "id"),
)

#: What became of each receiver of a batch: a message, or a refusal.
batch_receivers = Table(
    "batch_receivers",
    metadata,
    key_text("batch_id", key=True),
    key_text("account_id", key=True),
    key_text("receiver", key=True),  # E.164; empty where it was refused
    key_text("given", key=True),  # as it was given; empty where it was not refused
    key_text("message_id"),  # empty: refused
    words("code"),
    words("words"),
    Index(None, "message_id"),
    sqlite_with_rowid=False,
)

#: Words that a request may use once, and what it was answered with; no answer yet: it is being worked on.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    key_text("account_id", key=True),
    key_text("digest", key=True),
    key_text("request"),  # digest of what was asked for
    key_text("holder"),
    moment("held_until"),
    Column("answer", Text, nullable=True),
    words("warning"),
    moment("expires_at"),
    Index(None, "expires_at"),
    sqlite_with_rowid=False,
)

#: What phones sent to our numbers, once for each account that owns the number.
inbound = Table(
    "inbound",
    metadata,
    key_text("id", key=True),
    key_text("account_id", key=True),  # empty: the number is nobody's
    key_text("route"),
    key_text("phone"),
    key_text("number"),
    words("word"),
    words("text"),
    moment("received_at"),
    words("channel"),  # empty: SMS
    words("subject"),
    words("copies"),  # JSON
    words("parts"),  # JSON
    words("network"),
    Index("ix_inbound_unowned", "id", sqlite_where=UNOWNED, postgresql_where=UNOWNED),
    Index(None, "phone"),
    sqlite_with_rowid=False,
)

#: Texts of phones of which not every segment has come, and those that were put together a moment ago.
inbound_pieces = Table(
    "inbound_pieces",
    metadata,
    key_text("route", key=True),
    key_text("phone", key=True),
    key_text("number", key=True),
    key_text("reference", key=True),
    moment("first_at"),
    flag("done"),
    words("pieces"),  # JSON
    Index(None, "first_at"),
    sqlite_with_rowid=False,
)

#: What phones were answered lately.
answers = Table(
    "answers",
    metadata,
    key_text("phone", key=True),
    key_text("number", key=True),
    key_text("topic", key=True),
    moment("at"),
    Column("count", BigInteger, nullable=False),
    Index(None, "at"),
    sqlite_with_rowid=False,
)

#: By which a message of a phone is known again, should its carrier bring it twice.
arrivals = Table(
    "arrivals",
    metadata,
    key_text("route", key=True),
    key_text("key", key=True),
    key_text("phone"),
    moment("at"),
    Index(None, "at"),
    Index(None, "phone"),
    sqlite_with_rowid=False,
)

#: What has left at the rates of senders and campaigns on a route (domain/turns.py).
turns = Table(
    "turns",
    metadata,
    key_text("route", key=True),
    key_text("name", key=True),
    Column("at", Float, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("line", Float, nullable=False),
    sqlite_with_rowid=False,
)
