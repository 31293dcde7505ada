"""Reads MM7 liberally: by local name, in any namespace and order, white space around words dropped (standards.md 1.6).

Whatever the bytes are, the only thing raised is MalformedError.
"""

import re
from dataclasses import dataclass

from lxml import etree

from slidewire.carriers.mm7.namespaces import PREFIX
from slidewire.carriers.mm7.soap import Told
from slidewire.domain.handset import MAX_WORD, Handset

#: Bytes of one SOAP envelope; a real one has one to three thousand.
MAX_XML = 262_144
#: Elements inside one another; a real one has eight.
MAX_DEPTH = 32
#: Characters of an id that we keep or echo.
MAX_ID = 500
#: Elements that answer a SubmitReq.
_ANSWERS = ("{*}SubmitRsp", "{*}Fault", "{*}RSErrorRsp", "{*}VASPErrorRsp")
_CODE = re.compile(r"\+?0*([1-9][0-9]{0,8})")
_VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,2}")
_NUMBER = re.compile(r"\+?([0-9][0-9 ().-]{1,30}?)(?:[/@][^\n]*)?")
_NOT_DIGITS = re.compile(r"[^0-9]")
_NOT_LETTERS = re.compile(r"[^a-z]")


class MalformedError(Exception):
    """Bytes that are not the MM7 that was expected; the words are for the console, never for a customer."""


def parse(body: bytes) -> etree._Element:
    """The root element of ``body``. No DTD, no entities, no network, bounded size and depth."""
    if len(body) > MAX_XML:
        raise MalformedError(f"{len(body)} bytes of XML, at most {MAX_XML}")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_trimmed(body), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise MalformedError(f"not XML: {str(error)[:200]}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedError("a DOCTYPE is not allowed")
    if body.count(b"<") - body.count(b"</") > MAX_DEPTH:  # fewer begin than would be too deep
        _check_depth(root)
    return root


def _trimmed(body: bytes) -> bytes:
    """``body`` without the white space that some write before the XML declaration (settled 3)."""
    return body.lstrip(b" \t\r\n").removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise MalformedError(f"elements nested deeper than {MAX_DEPTH}")


@dataclass(frozen=True, slots=True)
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
    element = next(root.iter(*_ANSWERS), None)
    if element is None:
        raise MalformedError("neither a SubmitRsp nor a Fault")
    status = find(element, "Status")
    code_element = find(element if status is None else status, "StatusCode")
    code = _read_code(code_element)
    if local(element) == "SubmitRsp":
        if not code:
            raise MalformedError("a SubmitRsp without a readable StatusCode")
    elif code // 1000 == 1:
        raise MalformedError(f"an error that says {code}")
    code = code or _blamed(element)
    details = find(element, "Details")
    return Answer(
        code=code,
        text=words_of(element, "StatusText") or words_of(element, "faultstring") or words_of(element, "Text"),
        message_id=_message_id(element) if local(element) == "SubmitRsp" else "",
        transaction_id=text_of(find(root, "TransactionID")),
        inner_codes=() if details is None else _codes_in(details),
    )


def _message_id(answer: etree._Element) -> str:
    text = text_of(find(answer, "MessageID"))
    return text if len(text) <= MAX_ID else ""


def _codes_in(details: etree._Element) -> tuple[int, ...]:
    return tuple(_read_code(each) for each in details.iter("{*}StatusCode"))


def _read_code(element: etree._Element | None) -> int:
    found = _CODE.fullmatch(text_of(element))
    return int(found[1]) if found else 0


def _blamed(fault: etree._Element) -> int:
    """The group code of a Fault without a StatusCode: Server is 3000, all else is ours."""
    words = words_of(fault, "faultcode") or words_of(fault, "Value")
    if not words:
        raise MalformedError("a Fault that says nothing")
    return 3000 if words.rpartition(":")[2].lower().startswith(("server", "receiver")) else 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an MMSC asks of us."""

    name: str  #: such as DeliveryReportReq
    told: Told
    element: etree._Element
    operator: str = ""  #: the phone's operator, where a header of the request names it


def read_request(xml: bytes, usual: Told) -> Asked:
    """The request in ``xml``; what it does not say about itself is taken from ``usual``."""
    root = parse(xml)
    element = _inside(root)
    header = find(root, "TransactionID")
    transaction_id, version = text_of(header), text_of(find(element, "MM7Version"))
    if len(transaction_id) > MAX_ID:
        raise MalformedError("a TransactionID without end")
    namespace = _mm7_namespace(element, usual.namespace)
    told = Told(
        transaction_id=transaction_id,
        namespace=namespace,
        header_namespace=namespace if header is None else _mm7_namespace(header, namespace),
        version=version if _VERSION.fullmatch(version) else usual.version,
    )
    return Asked(local(element), told, element)


def _inside(root: etree._Element) -> etree._Element:
    """The MM7 element of an envelope; some peers send it without one."""
    if local(root) != "Envelope":
        return root
    body = find(root, "Body")
    element = None if body is None else next(body.iterchildren("*"), None)
    if element is None:
        raise MalformedError("a SOAP envelope with nothing in it")
    return element


def _mm7_namespace(element: etree._Element, otherwise: str) -> str:
    namespace = etree.QName(element).namespace or ""
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
    element = asked.element
    message_id, word = text_of(find(element, "MessageID")), words_of(element, "MMStatus")[:100]
    if not message_id or len(message_id) > MAX_ID:
        raise MalformedError("no usable MessageID")
    if not word:
        raise MalformedError("no MMStatus")
    sides = [number for name in ("Recipient", "Sender") for number in _numbers(find(element, name))]
    return Report(
        message_id=message_id,
        word=word,
        extension=words_of(element, "MMStatusExtension")[:100],
        text=words_of(element, "StatusText")[:500],
        date=words_of(element, "Date")[:100],
        numbers=tuple(dict.fromkeys(sides)),
        handset=read_handset(element),
    )


def _numbers(side: etree._Element | None) -> list[str]:
    """Digits of the phone numbers in a side; a side may hold its number directly as text (standards.md 1.6)."""
    if side is None:
        return []
    texts = (text.strip() for text in side.itertext())
    found = (_NUMBER.fullmatch(text) for text in texts if len(text) <= 200)
    digits = (_NOT_DIGITS.sub("", match[1]).removeprefix("00") for match in found if match)
    return [each for each in digits if 3 <= len(each) <= 20][:4]


def read_handset(request: etree._Element) -> Handset:
    """What a receipt or an inbound message tells of the phone, without the time; empty when it tells nothing.

    The schema knows UAProf and TimeStamp; some peers add the user agent, or write it between the tags.
    """
    capabilities = find(request, "UACapabilities")
    if capabilities is None:
        return Handset()
    told = {
        _NOT_LETTERS.sub("", etree.QName(name).localname.lower()): str(value)
        for name, value in capabilities.attrib.items()
    }
    agent = next((told[name] for name in ("useragent", "ua") if told.get(name)), text_of(capabilities))
    return Handset(_one_line(told.get("uaprof", "")), _one_line(agent))


def _one_line(word: str) -> str:
    """A stranger's word without its quotes and line ends, at its longest."""
    return " ".join(word.split()).strip("\"' ")[:MAX_WORD]


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def find(element: etree._Element, name: str) -> etree._Element | None:
    """The child called ``name``, else the first such element anywhere inside: a child wins over what Details hold."""
    child = next(element.iterchildren("{*}" + name), None)
    return child if child is not None else next(element.iter("{*}" + name), None)


def text_of(element: etree._Element | None) -> str:
    """All text inside, trimmed; empty where there is no such element."""
    return "" if element is None else "".join(element.itertext()).strip()


def words_of(element: etree._Element, name: str) -> str:
    """What stands in ``name``, on one line."""
    return " ".join(text_of(find(element, name)).split())
