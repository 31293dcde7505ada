"""The order of elements in each MM7 message that may reach an MMSC, and the check that holds a message to it.

Written from standards.md 1.3 alone. One line per child: name, its check, and whether it must be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator.addresses import Address, Form, check_receiver, check_sender
from slidewire.simulator.simpletypes import (
    BOOLEANS,
    boolean,
    date_time,
    filled,
    is_moment,
    moment,
    one_of,
    only_attributes,
    positive,
    text,
    version,
    wrong,
)
from slidewire.simulator.xmlread import inner_text, local, loose_text, namespace

if TYPE_CHECKING:
    from slidewire.simulator.simpletypes import Check
    from slidewire.simulator.xmlread import Element


@dataclass(frozen=True, slots=True)
class Child:
    """One place in a sequence."""

    name: str
    check: Check
    required: bool = False
    many: bool = False


def must(name: str, check: Check) -> Child:
    """A child without which the message is refused."""
    return Child(name, check, required=True)


def may(name: str, check: Check) -> Child:
    """A child that may be left out."""
    return Child(name, check)


def check_sequence(element: Element, table: tuple[Child, ...]) -> None:
    """Raise for the first child that is unknown, out of order, doubled or missing, or that is itself wrong."""
    places = {child.name: place for place, child in enumerate(table)}
    parent, last = local(element), -1
    if loose_text(element):
        raise wrong(f"{parent} holds text between its elements.")
    for found in element:
        name = local(found)
        if namespace(found) != namespace(element):
            raise wrong(f"{name} in {parent} is not in the namespace of {parent}.")
        if name not in places:
            raise wrong(f"{parent} may not hold {name}.")
        place = places[name]
        if place < last:
            raise wrong(f"{name} must stand before {table[last].name} in {parent}.")
        if place == last and not table[place].many:
            raise wrong(f"{name} stands twice in {parent}.")
        _check_required(parent, table[last + 1 : place])
        table[place].check(found)
        last = place
    _check_required(parent, table[last + 1 :])


def _check_required(parent: str, skipped: tuple[Child, ...]) -> None:
    for child in skipped:
        if child.required:
            raise wrong(f"{parent} lacks {child.name} at its place.")


def read_addresses(element: Element) -> tuple[Address, ...]:
    """The addresses in ``element``, their forms checked but not yet their texts."""
    only_attributes(element)
    if loose_text(element):
        raise wrong(f"{local(element)} holds an address as bare text.")
    return tuple(_read_address(child, namespace(element)) for child in element)


def _read_address(element: Element, space: str) -> Address:
    forms = {form.value: form for form in Form}
    if namespace(element) != space or local(element) not in forms:
        raise wrong(f"{local(element)} is no kind of address.")
    if len(element):
        raise wrong(f"{local(element)} holds an element where an address belongs.")
    found = only_attributes(element, "displayOnly", "addressCoding", "id")
    if found.get("displayOnly", "false").strip() not in BOOLEANS:
        raise wrong("displayOnly is neither true nor false.")
    if found.get("addressCoding", "encrypted") not in {"encrypted", "obfuscated"}:
        raise wrong("addressCoding is neither encrypted nor obfuscated.")
    hidden = BOOLEANS[found.get("displayOnly", "false").strip()]
    return Address(forms[local(element)], inner_text(element), display_only=hidden)


def _sender_address(element: Element) -> None:
    addresses = read_addresses(element)
    if len(addresses) != 1:
        raise wrong("SenderAddress must hold exactly one address.")
    check_sender(addresses[0])


def _receiver_addresses(element: Element) -> None:
    addresses = read_addresses(element)
    if not addresses:
        raise wrong(f"{local(element)} holds no address.")
    for address in addresses:
        check_receiver(address)


def _recipients(element: Element) -> None:
    only_attributes(element)
    if loose_text(element):
        raise wrong("Recipients holds an address as bare text.")
    if not len(element):
        raise wrong("Recipients is empty.")
    for group in element:
        if namespace(group) != namespace(element) or local(group) not in {"To", "Cc", "Bcc"}:
            raise wrong(f"Recipients may not hold {local(group)}.")
        _receiver_addresses(group)


def _sender_identification(element: Element) -> None:
    only_attributes(element)
    check_sequence(element, SENDER_IDENTIFICATION)


def _reply_charging(element: Element) -> None:
    if len(element) or loose_text(element):
        raise wrong("ReplyCharging must be empty.")
    found = only_attributes(element, "replyChargingSize", "replyDeadline")
    if not found.get("replyChargingSize", "1").strip().isdecimal():
        raise wrong("replyChargingSize is no positive number.")
    if "replyDeadline" in found and not is_moment(found["replyDeadline"].strip()):
        raise wrong("replyDeadline is neither an xs:dateTime nor an xs:duration.")


def _delivery_condition(element: Element) -> None:
    only_attributes(element)
    check_sequence(element, (Child("DC", positive, required=True, many=True),))


def _content(element: Element) -> None:
    if len(element) or loose_text(element):
        raise wrong("Content must be empty: the content is a MIME part.")
    found = only_attributes(element, "href", "allowAdaptations")
    if not found.get("href", "").strip():
        raise wrong("Content has no href.")
    if found.get("allowAdaptations", "true").strip() not in BOOLEANS:
        raise wrong("allowAdaptations is neither true nor false.")


def _status(element: Element) -> None:
    """Status is xs:all: its children may stand in any order."""
    only_attributes(element)
    children = {local(child): child for child in element}
    if len(children) != len(element) or not {"StatusCode", "StatusText"} <= children.keys():
        raise wrong("Status needs one StatusCode and one StatusText.")
    if not children.keys() <= {"StatusCode", "StatusText", "Details"}:
        raise wrong("Status holds an unknown element.")
    positive(children["StatusCode"])
    text(children["StatusText"])


CONTENT_CLASSES = (
    "text",
    "image-basic",
    "image-rich",
    "video-basic",
    "video-rich",
    "megapixel",
    "content-basic",
    "content-rich",
)
SENDER_IDENTIFICATION = (may("VASPID", text), may("VASID", text), may("SenderAddress", _sender_address))
_APPLICATION = (may("ApplicID", text), may("ReplyApplicID", text), may("AuxApplicInfo", text))
_WHO = (must("MM7Version", version), must("SenderIdentification", _sender_identification))

#: Message -> its children in order.  # standards.md 1.3
ORDER: dict[str, tuple[Child, ...]] = {
    "SubmitReq": (
        *_WHO,
        must("Recipients", _recipients),
        may("ServiceCode", text),
        may("LinkedID", text),
        may("MessageClass", one_of("Personal", "Informational", "Advertisement", "Auto")),
        may("TimeStamp", date_time),
        may("ReplyCharging", _reply_charging),
        may("EarliestDeliveryTime", moment),
        may("ExpiryDate", moment),
        may("DeliveryReport", boolean),
        may("ReadReply", boolean),
        may("Priority", one_of("Low", "Normal", "High")),
        may("Subject", text),
        may("ChargedParty", one_of("Sender", "Recipient", "Both", "Neither", "ThirdParty")),
        may("ChargedPartyID", text),
        may("DistributionIndicator", boolean),
        may("DeliveryCondition", _delivery_condition),
        *_APPLICATION,
        may("ContentClass", one_of(*CONTENT_CLASSES)),
        may("DRMContent", boolean),
        may("Content", _content),
    ),
    "CancelReq": (*_WHO, must("MessageID", filled), *_APPLICATION),
    "ReplaceReq": (
        *_WHO,
        must("MessageID", filled),
        may("ServiceCode", text),
        may("TimeStamp", date_time),
        may("ReadReply", boolean),
        may("EarliestDeliveryTime", moment),
        may("DistributionIndicator", boolean),
        may("ContentClass", one_of(*CONTENT_CLASSES)),
        may("DRMContent", boolean),
        *_APPLICATION,
        may("Content", _content),
    ),
    "DeliveryReportRsp": (must("MM7Version", version), must("Status", _status)),
}


def check_message(element: Element) -> None:
    """Hold one MM7 message to its row of ``ORDER``. Raises RefusedError with the first fault."""
    only_attributes(element)
    check_sequence(element, ORDER[local(element)])
