"""The W13 door: bytes, their type and the query become one Call, whatever form they came in (api.md 1.1).

Nothing is decided here but what can be read at all: settled 1 (a).
"""

import re

from slidewire.api.decoding import looks_like_xml, unreadable
from slidewire.api.envelope import Envelope
from slidewire.api.flat_in import FlatReader
from slidewire.api.forms import ContentType, FormField, read_content_type, read_multipart, read_urlencoded
from slidewire.api.wire import Call
from slidewire.api.xml_in import XmlReader
from slidewire.domain.faults import Fault
from slidewire.domain.message import Dialect

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_XML_FIELD = b"xml"
_SPACE = b" \t\r\n"
_FORM_START = re.compile(rb"[ \t\r\n]*[A-Za-z0-9_.%-]+=")


class W13Reader:
    """Reads what comes to the W13 address."""

    def __init__(self, depth: int = 32) -> None:
        self._xml = XmlReader(Dialect.W13, depth)
        self._flat = FlatReader(Dialect.W13)

    def read(self, envelope: Envelope) -> Call:
        """The call. Raises FaultError: E100 when there is nothing, E108 for what cannot be read."""
        body = envelope.body
        if body[:1] == b"<" or looks_like_xml(body):
            charset = read_content_type(envelope.content_type).charset
            return self._xml.read(body, charset)
        if body.strip(_SPACE):
            kind = read_content_type(envelope.content_type)
            # of multipart only the parts have a charset
            charset = "" if kind.type == _MULTIPART else kind.charset
            return self._read_fields(_form_fields(body, kind), charset)
        return self._read_fields(read_urlencoded(envelope.query), "")

    def _read_fields(self, fields: list[FormField], charset: str) -> Call:
        """A flat request, or the document in the field ``xml`` (api.md 1.1)."""
        if not any(field.name or field.value for field in fields):
            raise Fault.INVALID_REQUEST.error("the request is empty")
        for field in fields:
            if field.name.lower() == _XML_FIELD:
                if field.value.strip(_SPACE):
                    return self._xml.read(field.value, field.charset or charset)
                if len(fields) == 1:
                    raise Fault.INVALID_REQUEST.error("the request is empty")
        return self._flat.read(fields, charset)


def _form_fields(body: bytes, kind: ContentType) -> list[FormField]:
    """The fields of a body that is not XML. Raises FaultError E108 when it is no form either."""
    if kind.type == _MULTIPART:
        return read_multipart(body, kind.boundary)
    if _could_be_form(body, kind.type):
        return read_urlencoded(body.strip(_SPACE))
    raise unreadable("the body is neither XML nor a form")


def _could_be_form(body: bytes, kind: str) -> bool:
    """Some clients name no type: then the body must look like a form from its first byte on (api.md 8)."""
    return b"=" in body if kind == _URLENCODED else not kind and bool(_FORM_START.match(body))
