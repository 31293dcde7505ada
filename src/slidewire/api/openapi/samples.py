"""One body for each call of /admin/v1 that has one: shown in /docs, and posted by a test."""

from typing import Any

#: Operation -> what it may be asked.
SAMPLES: dict[str, dict[str, Any]] = {
    "post_accounts": {"name": "acme", "senders": ["24681"], "settings": {"max_slides": "5"}},
    "patch_accounts_one": {"settings": {"postback_schedule": "long"}, "senders": ["24682"]},
    "post_accounts_keys": {"name": "billing-server", "overlap": 86_400},
    "post_accounts_campaigns": {"ref": "spring-list", "name": "Spring", "brand": "Acme"},
    "post_accounts_postbacks_replay": {"since": "2031-01-07T12:00:00Z"},
    "post_blocks": {"numbers": ["12025550143"], "note": "asked by letter"},
    "post_operators_lookup": {"number": "12025550143"},
    "post_messages_postbacks_resend": {"code": "N102"},
    "post_numbers_redact": {"number": "12025550143"},
}
