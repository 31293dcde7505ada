"""The tables, once for both databases.

Every table that grows with traffic has the account in its key (so that it can be sharded) and an id
that carries time (so that it can be partitioned and dropped by age); no foreign key points at one
(durability 14). All ``..._at`` are Unix milliseconds.
"""

from slidewire.store.schema.accounts import (
    accounts,
    audit,
    endpoints,
    keys,
    ledgers,
    logins,
    media_secrets,
    meta,
    prepaid,
    retention_marks,
    senders,
    sms_days,
    usage,
)
from slidewire.store.schema.columns import metadata
from slidewire.store.schema.nodes import lanes, nodes, route_rates
from slidewire.store.schema.phones import (
    blocks,
    campaigns,
    handsets,
    operator_cache,
    subscriptions,
)
from slidewire.store.schema.saved import (
    content,
    sent_mms,
    template_content,
    templates,
)
from slidewire.store.schema.traffic import (
    REFERRED,
    SCHEDULED,
    answers,
    arrivals,
    batch_receivers,
    batches,
    carrier_refs,
    events,
    exchanges,
    idempotency_keys,
    inbound,
    messages,
    page_links,
    parked_receipts,
    repeats,
    segments,
    tasks,
    turns,
)

__all__ = [
    "REFERRED",
    "SCHEDULED",
    "accounts",
    "answers",
    "arrivals",
    "audit",
    "batch_receivers",
    "batches",
    "blocks",
    "campaigns",
    "carrier_refs",
    "content",
    "endpoints",
    "events",
    "exchanges",
    "handsets",
    "idempotency_keys",
    "inbound",
    "keys",
    "lanes",
    "ledgers",
    "logins",
    "media_secrets",
    "messages",
    "meta",
    "metadata",
    "nodes",
    "operator_cache",
    "page_links",
    "parked_receipts",
    "prepaid",
    "repeats",
    "retention_marks",
    "route_rates",
    "segments",
    "senders",
    "sent_mms",
    "sms_days",
    "subscriptions",
    "tasks",
    "template_content",
    "templates",
    "turns",
    "usage",
]
