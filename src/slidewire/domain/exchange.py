"""One request and its answer, with a carrier or with a postback address, kept redacted and capped."""

from slidewire.domain.frozen import frozen

#: Bytes of an exchange's bodies that are kept (durability 17).
BODY_CAP = 8_192


@frozen
class Exchange:
    """What was said and what came back; bodies only of what failed, unless all are wanted (durability 17)."""

    at: int  #: Unix milliseconds
    peer: str  #: the route's name, or "postback"
    request: str  #: first line and sizes; never a key, a password or the query of an address
    response: str  #: status line, or what went wrong instead
    seconds: float
    body: str = ""  #: at most BODY_CAP
    failed: bool = False
