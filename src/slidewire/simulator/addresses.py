"""Who a message is from and for: the MM7 Address type, strictly (standards.md 1.3, 1.6).

An address keeps its form, because a report must name it as the request did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from slidewire.simulator.status import Code, RefusedError


class Form(Enum):
    """The three elements that an Address may hold."""

    RFC2822 = "RFC2822Address"
    NUMBER = "Number"
    SHORT_CODE = "ShortCode"


@dataclass(frozen=True, slots=True)
class Address:
    """One address as it stood in the request."""

    form: Form
    text: str
    display_only: bool = False

    @property
    def number(self) -> str:
        """Digits of a phone, whatever way it was written; else the text as it is."""
        plain = _PLMN.sub("", self.text)
        return plain.removeprefix("+") if _NUMBER.fullmatch(plain) else self.text


_PLMN = re.compile(r"/TYPE=PLMN\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[1-9][0-9]{6,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
_PHONE_MAILBOX = re.compile(r"\+?[1-9][0-9]{6,14}/TYPE=PLMN", re.IGNORECASE)
_MASK = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 _&.-]{1,11}")

#: What the text of each form may look like, for a receiver.
RECEIVER_SHAPES = {
    Form.NUMBER: (_NUMBER,),
    Form.RFC2822: (_PHONE_MAILBOX, _MAILBOX),
    Form.SHORT_CODE: (_SHORT_CODE,),
}
#: A sender may also be short, or have an alphanumeric face.
SENDER_SHAPES = {
    Form.NUMBER: (_NUMBER, _SHORT_CODE),
    Form.RFC2822: (_PHONE_MAILBOX, _MAILBOX, _MASK),
    Form.SHORT_CODE: (_SHORT_CODE,),
}


def check_receiver(address: Address) -> None:
    """Raise an address error for a receiver no network could have."""
    _check(address, RECEIVER_SHAPES, "receiver")


def check_sender(address: Address) -> None:
    """Raise an address error for a sender no carrier would let through."""
    _check(address, SENDER_SHAPES, "sender")


def _check(address: Address, shapes: dict[Form, tuple[re.Pattern[str], ...]], role: str) -> None:
    if not any(shape.fullmatch(address.text) for shape in shapes[address.form]):
        raise RefusedError(Code.ADDRESS_ERROR, f"The {role} {address.text!r} is no {address.form.value}.")
