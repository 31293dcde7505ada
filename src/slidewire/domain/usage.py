"""What an account has used: messages, segments, bytes and refusals, by UTC month, channel and operator."""

from datetime import UTC, datetime
from enum import Enum, unique
from functools import lru_cache

from slidewire.domain.frozen import frozen

#: Ledger rows of one key: nodes add to different ones, so that their commits need not wait for one another.
SHARDS = 16
_DAY = 86_400_000


@unique
class Channel(Enum):
    """How something left, or that it never came so far."""

    MMS = "MMS"
    SMS = "SMS"
    API = "API"  #: requests that were refused
    MMS_TEST = "MMS test"  #: to the simulator: in nobody's bill
    SMS_TEST = "SMS test"


@frozen
class Usage:
    """One addition to the ledger."""

    month: str  #: as in 2026-11
    channel: Channel
    operator: str = ""  #: our id; empty: not known
    messages: int = 0  #: that a carrier took
    segments: int = 0  #: of SMS, that a carrier took
    bytes: int = 0  #: of MMS, as they were posted
    failed: int = 0  #: messages that were accepted and could not be sent
    refused: int = 0  #: requests
    shard: int = 0  #: which rows of the ledger it is added to


@lru_cache(16)
def shard_of(node: str) -> int:
    """The ledger rows that a node adds to."""
    return sum(node.encode()) % SHARDS


def month_of(millis: int) -> str:
    """The UTC month of a time in Unix milliseconds."""
    return _month_of_day(millis // _DAY)


@lru_cache(maxsize=64)
def _month_of_day(day: int) -> str:
    """Counted from 1970; asked for at every message."""
    return datetime.fromtimestamp(day * _DAY // 1000, UTC).strftime("%Y-%m")


def read_month(text: str) -> str:
    """A month as people write it. Raises ValueError."""
    return datetime.strptime(text.strip(), "%Y-%m").replace(tzinfo=UTC).strftime("%Y-%m")
