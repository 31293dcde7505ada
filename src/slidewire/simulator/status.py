"""What the MMSC says no with: the MM7 status codes it uses, and the exception that carries one.

Whoever reads a request raises ``RefusedError``; only mmsc.py turns it into a SOAP Fault.
"""

from __future__ import annotations

from enum import Enum, unique


@unique
class Code(Enum):
    """Our name = the StatusCode and the text that goes with it (standards.md 1.5)."""

    SUCCESS = 1000, "Success"
    ADDRESS_ERROR = 2002, "Address error"
    ADDRESS_NOT_FOUND = 2003, "Address not found"
    CONTENT_REFUSED = 2004, "Multimedia content refused"
    MESSAGE_NOT_FOUND = 2005, "Message ID not found"
    FORMAT_CORRUPT = 2007, "Message format corrupt"
    NOT_POSSIBLE = 3001, "Not possible"
    TOO_MANY_ADDRESSES = 3003, "Multiple addresses not supported"
    NOT_IDENTIFIED = 4001, "Improper identification"
    UNSUPPORTED_VERSION = 4002, "Unsupported version"
    UNSUPPORTED_OPERATION = 4003, "Unsupported operation"
    VALIDATION_ERROR = 4004, "Validation error"
    UNAVAILABLE = 4006, "Service unavailable"
    SERVICE_DENIED = 4007, "Service denied"

    @property
    def number(self) -> int:
        """The digits on the wire."""
        return self.value[0]

    @property
    def text(self) -> str:
        """The StatusText on the wire."""
        return self.value[1]


class RefusedError(Exception):
    """A request this MMSC does not take: the code it answers, a plain sentence, and the HTTP status if it is
    the HTTP request itself that is wrong (0: the one of ordinary faults).
    """

    def __init__(self, code: Code, sentence: str, http: int = 0) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.http = http
