"""Signs postbacks by Standard Webhooks, so that its libraries verify them (version 1)."""

import base64
import hashlib
import hmac

#: The stable id of a postback over its repetitions, signed or not (settled 29).
ID_HEADER = "webhook-id"
TIME_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


def signature_headers(secret: bytes, postback_id: str, seconds: int, body: bytes) -> tuple[tuple[str, str], ...]:
    """When it was signed, and the signature over id, time and body. ``seconds``: Unix time of this attempt."""
    signed = b"%b.%d.%b" % (postback_id.encode(), seconds, body)
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return (TIME_HEADER, str(seconds)), (SIGNATURE_HEADER, f"v1,{signature}")
