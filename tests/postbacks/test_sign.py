"""Signatures that the reference library of Standard Webhooks verifies, and no others."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from slidewire.domain.secret import read_signing_secret, write_signing_secret
from slidewire.postbacks.sign import signature_headers

SECRETS = st.binary(min_size=24, max_size=64)


def now() -> int:
    return int(datetime.now(UTC).timestamp())


@given(SECRETS, st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.text())
def test_the_reference_library_verifies(secret: bytes, postback_id: str, text: str) -> None:
    body = text.encode("utf-8", "replace")
    headers = {"webhook-id": postback_id, **dict(signature_headers(secret, postback_id, now(), body))}
    verifier = Webhook(write_signing_secret(secret))
    verifier.verify(body, headers, json_parse=False)
    for wrong in ({"webhook-id": "another"}, {"webhook-timestamp": str(now() + 1)}):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body, headers | wrong, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body + b" ", headers)


def test_an_old_one_is_refused_by_whoever_verifies() -> None:
    headers = {"webhook-id": "a", **dict(signature_headers(b"k" * 24, "a", now() - 600, b"{}"))}
    with pytest.raises(WebhookVerificationError, match="old"):
        Webhook(write_signing_secret(b"k" * 24)).verify(b"{}", headers)


def test_the_published_example() -> None:
    """The vector in the reference library's own tests of its specification."""
    secret = read_signing_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}') == (
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    )


@given(SECRETS)
def test_a_secret_is_read_as_it_is_written(secret: bytes) -> None:
    text = write_signing_secret(secret)
    assert read_signing_secret(text) == read_signing_secret(f" {text.removeprefix('whsec_')}\n") == secret


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_short", "whsec_" + "A" * 28, "A" * 88 + "!", "é" * 40])
def test_what_is_no_secret_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64 behind it|bytes, not 24 to 64") as refused:
        read_signing_secret(text)
    assert not text or text not in str(refused.value)
