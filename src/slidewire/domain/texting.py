"""Everything about a sendSMS call that can be judged without I/O; how long it may be, its route tells (settled 30)."""

from dataclasses import replace

from slidewire.domain.account import Account
from slidewire.domain.characters import one_line_end
from slidewire.domain.checks import (
    Rules,
    check_service,
    read_campaign,
    read_client_reference,
    read_mask,
    read_operator,
    read_sender,
    read_sole_receiver,
    read_times,
)
from slidewire.domain.faults import Fault
from slidewire.domain.message import Dialect
from slidewire.domain.request import Addressee, CheckedRequest, TextRequest
from slidewire.domain.senders import check_sender
from slidewire.domain.words import Words


def check_text(request: TextRequest, account: Account, now_ms: int, rules: Rules) -> CheckedRequest:
    """The text as it will be sent. Raises FaultError for the first broken rule.

    ``now_ms`` is Unix time in milliseconds.
    """
    words = Words(request)
    receiver = read_sole_receiver(words, rules)
    sender = check_sender(account, read_sender(words), receiver.country)
    mask = read_mask(words, receiver.country, rules)
    if not words.of("text"):
        raise Fault.TEXT_REQUIRED.error()
    spid = words.of("operator")
    operator = read_operator(spid, account, rules)
    check_service(words, account)
    campaign = read_campaign(words, account)
    times = read_times(words, now_ms, rules)
    text = text_request(request.dialect, Addressee("", receiver.digits, receiver.country, sender, mask), now_ms)
    return replace(
        text,
        fallback_text=one_line_end(request.text or ""),  # kept exactly, as the TEXT of a slide (settled 6)
        spid=spid,
        campaign=campaign,
        link_expires_at=times.send_at or now_ms,
        client_reference=read_client_reference(words),
        operator=operator,
        warnings=tuple(words.warnings),
        send_at=times.send_at,
        expires_at=times.expires_at,
    )


def text_request(dialect: Dialect, to: Addressee, now_ms: int, words: str = "") -> CheckedRequest:
    """A text of which nothing else was said. ``now_ms`` is Unix time in milliseconds."""
    return CheckedRequest(
        dialect=dialect,
        receiver=to.receiver,
        country=to.country,
        sender=to.sender,
        mask=to.mask,
        name="",
        subject="",
        fallback_text=words,
        spid="",
        campaign="",
        link_expires_at=now_ms,
        force_sms=True,
        fallback_allowed=False,
        link_wanted=False,
        client_reference="",
        use_cache=True,
        slides=(),
        is_text=True,
    )
