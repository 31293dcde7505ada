"""One segment as the submit_sm that a route wants, and what may be kept of it."""

import re
from datetime import UTC, datetime

from slidewire.carriers.smpp.options import Options, Validity
from slidewire.carriers.smpp.pdu import Address, ShortMessage
from slidewire.domain.message import Message
from slidewire.domain.segment import Segment
from slidewire.domain.senders import SenderKind, classify

#: esm_class: the short_message begins with a user data header.
_HAS_HEADER = 0x40
#: registered_delivery: a receipt of the final state.
_FINAL_RECEIPT = 1
#: The longest relative time: days.
_MOST_DAYS = 30
_LONG_NUMBER = re.compile(r"[0-9]{3,}(?=[0-9]{4})")


def message_of(message: Message, segment: Segment, options: Options, now: int) -> ShortMessage:
    """``segment`` of ``message`` for the wire; ``now`` in Unix milliseconds (standards.md 5.1)."""
    return ShortMessage(
        source=_source(message, options),
        destination=Address(options.receiver.ton, options.receiver.npi, message.receiver),
        short_message=segment.header + segment.body,
        esm_class=_HAS_HEADER if segment.header else 0,
        data_coding=segment.coding.value,
        registered_delivery=_FINAL_RECEIPT,
        validity_period=_validity(message.expires_at, now, options.validity),
        service_type=options.service_type,
    )


def without_text(message: ShortMessage) -> str:
    """What may be kept of a submit_sm: no text, numbers by their last four digits (durability 17)."""
    source, destination = (
        f"{each.ton}/{each.npi} {_LONG_NUMBER.sub(lambda digits: '*' * len(digits[0]), each.text)}"
        for each in (message.source, message.destination)
    )
    return (
        f"from {source} to {destination}, esm_class 0x{message.esm_class:02X}, data_coding {message.data_coding}, "
        f"validity {message.validity_period or 'not told'}, {len(message.short_message)} octets"
    )


def _source(message: Message, options: Options) -> Address:
    """The mask where there is one (settled 13), else the sender."""
    if message.mask:
        return Address(options.mask.ton, options.mask.npi, message.mask)
    kind = classify(message.sender)
    plans = {SenderKind.SHORT_CODE: options.short_code, SenderKind.ALPHANUMERIC: options.mask}
    plan = plans.get(kind, options.long_code)
    return Address(plan.ton, plan.npi, message.sender)


def _validity(expires_at: int, now: int, how: Validity) -> str:
    if how is Validity.NONE:
        return ""
    if how is Validity.ABSOLUTE:
        return f"{datetime.fromtimestamp(expires_at // 1000, UTC):%y%m%d%H%M%S}000+"
    minutes, seconds = divmod(min(max((expires_at - now) // 1000, 1), _MOST_DAYS * 86_400), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02}{hours:02}{minutes:02}{seconds:02}000R"
