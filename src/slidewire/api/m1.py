"""The M1 door: a posted XML document, whatever its Content-Type says; ill-formed ones are mended once (api.md 1.2)."""

from slidewire.api.decoding import looks_like_xml, unreadable
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.forms import read_content_type
from slidewire.api.wire import Call
from slidewire.api.xml_in import XmlReader
from slidewire.domain.faults import Fault
from slidewire.domain.message import Dialect


class M1Reader:
    """Reads what comes to the M1 address."""

    def __init__(self, limits: WireLimits) -> None:
        self._xml = XmlReader(Dialect.M1, limits.depth, most_mended=limits.request)

    def read(self, envelope: Envelope) -> Call:
        """The call. Raises FaultError: E100 when there is nothing, E108 for what cannot be read."""
        body = envelope.body
        if looks_like_xml(body):
            return self._xml.read(body, read_content_type(envelope.content_type).charset)
        if body.strip():
            raise unreadable("the body is no XML")
        raise Fault.INVALID_REQUEST.error("post an XML document")
