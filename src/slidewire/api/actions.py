"""What can be asked for: one table, action name -> its right and the reader of its fields.

Names are compared trimmed and in any case (api.md 1.1). A new call is one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.api.wire import Call
from slidewire.domain.request import SendRequest


@dataclass(frozen=True, slots=True)
class Action:
    """One call of the API."""

    right: str  #: what `actions` of an account must hold, lower case
    read: Callable[[Call], SendRequest]  #: the wire's fields -> the request that the checks want


def read_send(call: Call) -> SendRequest:
    """sendMMS, in the customer's own words; what is blank is absent (settled 2)."""
    word = call.values.get
    nested = frozenset(call.nested)
    if "operator_alias" in nested and not word("operator"):
        nested |= {"operator"}
    return SendRequest(
        dialect=call.dialect,
        receiver=word("receiver"),
        sender=word("sender"),
        mask=word("mask"),
        name=word("name"),
        subject=word("subject"),
        fallback_text=word("fallback_text"),
        operator=word("operator") or word("operator_alias"),
        service=word("service"),
        campaign=word("campaign"),
        link_expiration=word("link_expiration"),
        force_sms=word("force_sms"),
        disable_fallback=word("disable_fallback"),
        disable_link=word("disable_link"),
        client_reference=word("client_reference"),
        cache_content=word("cache_content"),
        slides=tuple(call.slides),
        nested=nested,
        repeated=tuple(call.repeated),
        unknown=tuple(call.unknown),
    )


SEND_MMS = Action("sendmms", read_send)
#: Every action that is served, by its name in lower case; all others are E107 (settled 2).
ACTIONS: dict[str, Action] = {"sendmms": SEND_MMS}


def find_action(name: str) -> Action | None:
    """The action called ``name``; None when there is none."""
    return ACTIONS.get(name.strip().lower())
