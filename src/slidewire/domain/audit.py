"""What is remembered of a change that somebody made: who, when, what; never a secret (security 18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from urllib.parse import urlsplit

from slidewire.domain.account import AccountSettings, write_settings

#: The program itself: accounts of the demo, changes that no person made.
OURSELVES = "slidewire"
_HIDDEN = "(hidden)"


@unique
class AuditAction(Enum):
    """What was done."""

    ACCOUNT_ADDED = "account added"
    ACCOUNT_DISABLED = "account disabled"
    ACCOUNT_ENABLED = "account enabled"
    BLOCKS_ADDED = "blocks added"
    BLOCK_REMOVED = "block removed"
    CAMPAIGN_ADDED = "campaign added"
    CAMPAIGN_CHANGED = "campaign changed"
    CAMPAIGN_CLOSED = "campaign closed"
    KEY_ROTATED = "key rotated"
    MEDIA_ACCESS_REMOVED = "media secret removed"
    MEDIA_ACCESS_SET = "media secret set"
    MESSAGE_DROPPED = "held message dropped"
    MESSAGE_RELEASED = "held message released"
    PASSWORD_REMOVED = "password removed"  # noqa: S105  # a word about one
    PASSWORD_SET = "password set"  # noqa: S105  # a word about one
    POSTBACKS_RESENT = "postbacks posted again"
    POSTBACKS_RESUMED = "postbacks resumed"
    RATE_SET = "route rate set"
    REDACTED = "redacted"
    SECRETS_RESEALED = "secrets resealed"
    SENDERS_ADDED = "senders added"
    SETTINGS_CHANGED = "settings changed"
    SUBSCRIPTIONS_CHANGED = "subscriptions changed"


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a change, and when."""

    who: str
    at: int  #: Unix milliseconds
    id: str  #: of the audit row


def told_changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """Setting -> its words before and after, for those that differ. Both: what was set; else the default holds."""
    defaults = write_settings(AccountSettings())
    names = sorted(set(before) | set(after))
    words = {name: (before.get(name, defaults[name]), after.get(name, defaults[name])) for name in names}
    return {name: [told(name, old), told(name, new)] for name, (old, new) in words.items() if old != new}


def told(name: str, words: str) -> str:
    """A setting as an audit row may hold it: no secret, and of an address neither credentials nor query."""
    if name.endswith(("_secret", "_password")):
        return _HIDDEN if words else ""
    if name.endswith("_url") and words:
        try:
            parts = urlsplit(words)
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            return _HIDDEN
        more = "?..." if parts.query or parts.fragment else ""
        return f"{parts.scheme}://{host}{parts.path}{more}"
    return words
