"""Valid things for the tests of SMPP; name only what a test is about."""

from dataclasses import replace
from typing import Any

from tests.carriers.build import TEXT, TRANSACTION_ID, a_message, a_route

from slidewire.carriers.base import Route, SmsSubmission
from slidewire.carriers.smpp.pdu import Address, ShortMessage
from slidewire.carriers.smpp.text import Writing, segments
from slidewire.domain.message import Message


def an_sms_route(port: int = 2775, options: dict[str, str] | None = None, **changes: Any) -> Route:
    route = a_route(
        name="sms-a",
        kind="smpp",
        url="",
        host="127.0.0.1",
        port=port,
        system_id="gw",
        password="sesame17",
        rate=10_000.0,
        options=tuple((options or {}).items()),
    )
    return replace(route, **changes)


def a_sms(text: str = TEXT, message: Message | None = None, reference: int = 7) -> SmsSubmission:
    return SmsSubmission(message or a_message(), TRANSACTION_ID, segments(text, reference, Writing()))


def a_delivery(text: bytes = b"", **changes: Any) -> ShortMessage:
    delivery = ShortMessage(
        source=Address(1, 1, "447700900123"),
        destination=Address(3, 0, "28444"),
        short_message=text,
        esm_class=0x04,
    )
    return replace(delivery, **changes)
