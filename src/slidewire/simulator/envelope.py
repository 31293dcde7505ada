"""The strict reader of MM7 envelopes: SOAP 1.1 around exactly one TransactionID and one message.

Written from standards.md 1.2 to 1.4, apart from ``carriers/``. A real carrier answers with a code, so do we.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from slidewire.simulator.schema import check_message, read_addresses
from slidewire.simulator.simpletypes import BOOLEANS, wrong
from slidewire.simulator.status import Code, RefusedError
from slidewire.simulator.xmlread import (
    BrokenXmlError,
    attributes,
    inner_text,
    local,
    loose_text,
    namespace,
    read_xml,
)

if TYPE_CHECKING:
    from slidewire.simulator.addresses import Address
    from slidewire.simulator.xmlread import Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
FAMILY = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
#: The schemas we answer in.  # standards.md 1.2
SCHEMAS = (*(f"REL-5-MM7-1-{minor}" for minor in range(4)), *(f"REL-6-MM7-1-{minor}" for minor in range(5)))
NAMESPACES = frozenset(FAMILY + schema for schema in SCHEMAS)
MAX_TRANSACTION_ID = 200


class Kind(Enum):
    """What a VASP may ask of this MMSC."""

    SUBMIT = "SubmitReq"
    CANCEL = "CancelReq"
    REPLACE = "ReplaceReq"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope whose message has not been read yet: enough to answer with its own TransactionID."""

    transaction_id: str
    namespace: str
    message: Element


@dataclass(frozen=True, slots=True)
class Request:
    """One MM7 request that holds to the schema. ``href`` is empty where there is no Content."""

    kind: Kind
    namespace: str
    transaction_id: str
    version: str
    vasp_id: str = ""
    vas_id: str = ""
    sender: Address | None = None
    receivers: tuple[Address, ...] = ()
    subject: str = ""
    wants_report: bool = False
    href: str = ""
    message_id: str = ""


def read_envelope(document: bytes) -> Envelope:
    """Open the envelope. Raises RefusedError 4004 for bad SOAP and 4002 for a foreign namespace."""
    try:
        root = read_xml(document)
    except BrokenXmlError as error:
        raise wrong(f"The SOAP part is refused: {error}.") from error
    if (namespace(root), local(root)) != (SOAP, "Envelope"):
        raise wrong("The root is no SOAP 1.1 Envelope.")
    if [(namespace(child), local(child)) for child in root] != [(SOAP, "Header"), (SOAP, "Body")]:
        raise wrong("The Envelope must hold one Header and one Body, in this order, and nothing else.")
    if any(loose_text(element) for element in (root, *root)):
        raise wrong("The Envelope holds text between its elements.")
    header, body = root
    transaction_id = _transaction_id(header)
    if len(body) != 1:
        raise wrong("The Body must hold exactly one message.")
    _check_namespace(body[0])
    return Envelope(transaction_id, namespace(body[0]), body[0])


def read_request(envelope: Envelope) -> Request:
    """The request in ``envelope``. Raises RefusedError with the code a carrier would answer."""
    message = envelope.message
    kinds = {kind.value: kind for kind in Kind}
    if local(message) not in kinds:
        raise RefusedError(Code.UNSUPPORTED_OPERATION, f"{local(message)} is nothing that we can do.")
    check_message(message)
    fields = {local(child): child for child in message}
    version = inner_text(fields["MM7Version"])
    if "/REL-5-" in envelope.namespace and not version.startswith("5."):
        raise RefusedError(Code.UNSUPPORTED_VERSION, f"MM7Version {version} does not belong to a release 5 namespace.")
    who = {local(child): child for child in fields["SenderIdentification"]}
    sender = who.get("SenderAddress")
    return Request(
        kind=kinds[local(message)],
        namespace=envelope.namespace,
        transaction_id=envelope.transaction_id,
        version=version,
        vasp_id=_text(who, "VASPID"),
        vas_id=_text(who, "VASID"),
        sender=None if sender is None else read_addresses(sender)[0],
        receivers=_receivers(fields.get("Recipients")),
        subject=_text(fields, "Subject"),
        wants_report=BOOLEANS[_text(fields, "DeliveryReport").strip() or "false"],
        href=str(fields["Content"].get("href")).strip() if "Content" in fields else "",
        message_id=_text(fields, "MessageID").strip(),
    )


def _transaction_id(header: Element) -> str:
    """The header carries one TransactionID with mustUnderstand="1" and nothing else.  # standards.md 1.4"""
    if [local(child) for child in header] != ["TransactionID"]:
        raise wrong("The Header must hold exactly one TransactionID and nothing else.")
    block = header[0]
    _check_namespace(block)
    marks = {(space, name): value for space, name, value in attributes(block)}
    if marks.pop((SOAP, "mustUnderstand"), "") != "1":
        raise wrong('The TransactionID lacks mustUnderstand="1".')
    if marks or len(block):
        raise wrong("The TransactionID holds more than its text and mustUnderstand.")
    if not inner_text(block).strip():
        raise wrong("The TransactionID is empty.")
    if len(inner_text(block)) > MAX_TRANSACTION_ID:
        raise wrong(f"The TransactionID is longer than {MAX_TRANSACTION_ID} characters.")
    return inner_text(block)


def _check_namespace(element: Element) -> None:
    """Header and body may be of different versions, but each of one that exists.  # standards.md 1.2"""
    space = namespace(element)
    if space in NAMESPACES:
        return
    if space.startswith(FAMILY):
        raise RefusedError(Code.UNSUPPORTED_VERSION, f"{space} is no MM7 schema that we know.")
    raise wrong(f"{local(element)} is in no MM7 namespace.")


def _receivers(element: Element | None) -> tuple[Address, ...]:
    if element is None:
        return ()
    return tuple(address for group in element for address in read_addresses(group))


def _text(fields: dict[str, Element], name: str) -> str:
    return inner_text(fields[name]) if name in fields else ""


def read_report_answer(document: bytes, transaction_id: str) -> str:
    """The StatusCode with which a VASP answered our report. Raises RefusedError when it is no such answer."""
    envelope = read_envelope(document)
    if local(envelope.message) != "DeliveryReportRsp":
        raise wrong(f"{local(envelope.message)} is no answer to a report.")
    if envelope.transaction_id != transaction_id:
        raise wrong("The answer bears another TransactionID than the report.")
    check_message(envelope.message)
    status = {local(child): child for child in envelope.message[1]}
    return inner_text(status["StatusCode"]).strip()
