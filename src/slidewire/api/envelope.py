"""One HTTP request, as far as it is read, and how much of it that is."""

from dataclasses import dataclass

from slidewire.domain.frozen import frozen


@dataclass(frozen=True, slots=True)
class WireLimits:
    """How much of a request is read (interfaces.md, [limits])."""

    request: int = 1_000_000  #: bytes of the body
    depth: int = 32  #: elements inside one another


@frozen
class Envelope:
    """What came in."""

    body: bytes = b""  #: empty for GET
    content_type: bytes = b""
    query: bytes = b""  #: behind the question mark, still encoded
    key: bytes = b""  #: the header x-api-key
    idempotency_key: bytes = b""  #: the header of that name
