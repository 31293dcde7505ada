"""Reads MM7 liberally: by local name, in any namespace and order, white space around words dropped (standards.md 1.6).

Whatever the bytes are, the only thing raised is MalformedError.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slidewire.carriers.mm7.namespaces import PREFIX
from slidewire.carriers.mm7.soap import Told
from slidewire.carriers.mm7.tree import (
    Element,
    MalformedError,
    attributes_of,
    find,
    inside,
    local,
    namespace_of,
    parse,
    text_of,
    words_of,
)
from slidewire.domain.frozen import frozen
from slidewire.domain.handset import MAX_WORD, Handset

#: Characters of an id that we keep or echo.
MAX_ID = 500
#: Elements that answer a SubmitReq.
_ANSWERS = frozenset({"SubmitRsp", "Fault", "RSErrorRsp", "VASPErrorRsp"})
_CODE = re.compile(r"\+?0*([1-9][0-9]{0,8})")
_VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,2}")
_NUMBER = re.compile(r"\+?([0-9][0-9 ().-]{1,30}?)(?:[/@][^\n]*)?")
_NOT_DIGITS = re.compile(r"[^0-9]")
_NOT_LETTERS = re.compile(r"[^a-z]")


@frozen
class Answer:
    """What a peer answered to a SubmitReq."""

    code: int  #: StatusCode; 2000 or 3000 for a Fault that has none, by the side that it blames
    text: str
    message_id: str = ""  #: exact, after trimming
    transaction_id: str = ""  #: as it was echoed; empty: it was not
    inner_codes: tuple[int, ...] = ()  #: StatusCodes inside Details (1100: what became of each receiver)


def read_answer(xml: bytes) -> Answer:
    """The answer in ``xml``, whichever of the shapes of standards.md 1.4 it has."""
    root = parse(xml)
    element = next((each for each in root.iter() if local(each) in _ANSWERS), None)
    if element is None:
        raise MalformedError("neither a SubmitRsp nor a Fault")
    found = inside(element)
    status = found.get("Status")
    code = _read_code(found.get("StatusCode") if status is None else find(status, "StatusCode"))
    is_taken = local(element) == "SubmitRsp"
    if is_taken:
        if not code:
            raise MalformedError("a SubmitRsp without a readable StatusCode")
    elif code // 1000 == 1:
        raise MalformedError(f"an error that says {code}")
    return Answer(
        code=code or _blamed(found),
        text=words_of(found.get("StatusText")) or words_of(found.get("faultstring")) or words_of(found.get("Text")),
        message_id=_message_id(found) if is_taken else "",
        transaction_id=text_of(find(root, "TransactionID")),
        inner_codes=_inner_codes(found),
    )


def _message_id(answer: Mapping[str, Element]) -> str:
    text = text_of(answer.get("MessageID"))
    return text if len(text) <= MAX_ID else ""


def _inner_codes(answer: Mapping[str, Element]) -> tuple[int, ...]:
    details = answer.get("Details")
    if details is None:
        return ()
    return tuple(_read_code(each) for each in details.iter() if local(each) == "StatusCode")


def _read_code(element: Element | None) -> int:
    found = _CODE.fullmatch(text_of(element))
    return int(found[1]) if found else 0


def _blamed(fault: Mapping[str, Element]) -> int:
    """The group code of a Fault without a StatusCode: Server is 3000, all else is ours."""
    words = words_of(fault.get("faultcode")) or words_of(fault.get("Value"))
    if not words:
        raise MalformedError("a Fault that says nothing")
    return 3000 if words.rpartition(":")[2].lower().startswith(("server", "receiver")) else 2000


@frozen
class Asked:
    """What an MMSC asks of us."""

    name: str  #: such as DeliveryReportReq
    told: Told
    element: Element
    found: Mapping[str, Element]  #: what is inside it, by name
    operator: str = ""  #: the phone's operator, where a header of the request names it


def read_request(xml: bytes, usual: Told, operator: str = "") -> Asked:
    """The request in ``xml``; what it does not say about itself is taken from ``usual``.

    ``operator``: the phone's, where a header names it.
    """
    root = parse(xml)
    element = _body_of(root)
    found, header = inside(element), find(root, "TransactionID")
    transaction_id, version = text_of(header), text_of(found.get("MM7Version"))
    if len(transaction_id) > MAX_ID:
        raise MalformedError("a TransactionID without end")
    namespace = _mm7_namespace(element, root, usual.namespace)
    told = Told(
        transaction_id=transaction_id,
        namespace=namespace,
        header_namespace=namespace if header is None else _mm7_namespace(header, root, namespace),
        version=version if _VERSION.fullmatch(version) else usual.version,
    )
    return Asked(local(element), told, element, found, operator)


def _body_of(root: Element) -> Element:
    """The MM7 element of an envelope; some peers send it without one."""
    if local(root) != "Envelope":
        return root
    body = find(root, "Body")
    element = None if body is None else next(iter(body), None)
    if element is None:
        raise MalformedError("a SOAP envelope with nothing in it")
    return element


def _mm7_namespace(element: Element, root: Element, otherwise: str) -> str:
    namespace = namespace_of(element, root)
    return namespace if namespace.startswith(PREFIX) and len(namespace) < 200 else otherwise


@dataclass(frozen=True, slots=True)
class Report:
    """A DeliveryReportReq in its own words."""

    message_id: str
    word: str  #: MMStatus
    extension: str
    text: str
    date: str
    numbers: tuple[str, ...]  #: digits of both sides
    handset: Handset


def read_report(asked: Asked) -> Report:
    """The delivery report in ``asked``. Raises MalformedError without MessageID or MMStatus."""
    found = asked.found
    message_id, word = text_of(found.get("MessageID")), words_of(found.get("MMStatus"))[:100]
    if not message_id or len(message_id) > MAX_ID:
        raise MalformedError("no usable MessageID")
    if not word:
        raise MalformedError("no MMStatus")
    return Report(
        message_id=message_id,
        word=word,
        extension=words_of(found.get("MMStatusExtension"))[:100],
        text=words_of(found.get("StatusText"))[:500],
        date=words_of(found.get("Date"))[:100],
        numbers=tuple(dict.fromkeys(_numbers(found.get("Recipient")) + _numbers(found.get("Sender")))),
        handset=read_handset(found),
    )


def _numbers(side: Element | None) -> list[str]:
    """Digits of the phone numbers in a side; a side may hold its number directly as text (standards.md 1.6)."""
    if side is None:
        return []
    texts = (text.strip() for text in side.itertext())
    found = (_NUMBER.fullmatch(text) for text in texts if len(text) <= 200)
    digits = (_NOT_DIGITS.sub("", match[1]).removeprefix("00") for match in found if match)
    return [each for each in digits if 3 <= len(each) <= 20][:4]


def read_handset(request: Mapping[str, Element]) -> Handset:
    """What a receipt or an inbound message tells of the phone, without the time; empty when it tells nothing.

    The schema knows UAProf and TimeStamp; some peers add the user agent, or write it between the tags.
    """
    capabilities = request.get("UACapabilities")
    if capabilities is None:
        return Handset()
    told = {_NOT_LETTERS.sub("", name.lower()): value for name, value in attributes_of(capabilities).items()}
    agent = next((told[name] for name in ("useragent", "ua") if told.get(name)), text_of(capabilities))
    return Handset(_one_line(told.get("uaprof", "")), _one_line(agent))


def _one_line(word: str) -> str:
    """A stranger's word without its quotes and line ends, at its longest."""
    return " ".join(word.split()).strip("\"' ")[:MAX_WORD]
