"""What a request brings besides its path: a query, a form, and what its headers say of where it comes from."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from slidewire.console.answer import Receive
from slidewire.domain.characters import first_forbidden
from slidewire.domain.request import CallerGoneError

_LONGEST: Final = 16_384  #: bytes of a form
_MOST_FIELDS: Final = 20
_FORM: Final = b"application/x-www-form-urlencoded"


class FormError(Exception):
    """A request that is none of our pages', with the status that says so."""

    def __init__(self, status: int, words: str, allowed: str = "") -> None:
        """``allowed``: the methods that the address is for, where it is not for this one."""
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = ((b"allow", allowed.encode()),) if allowed else ()


def read_query(raw: bytes) -> dict[str, str]:
    """The fields of a query or a form, the first of each name. Raises FormError."""
    try:
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise FormError(400, "That address cannot be read.") from None
    if any(first_forbidden(word) for pair in pairs for word in pair):
        raise FormError(400, "That has characters which no text has.")
    return dict(reversed(pairs))


async def read_form(headers: Mapping[bytes, bytes], receive: Receive) -> dict[str, str]:
    """The fields of a posted form. Raises FormError, CallerGoneError."""
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _FORM:
        raise FormError(415, "That is no form of the console.")
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGoneError
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > _LONGEST:
            raise FormError(413, "That is more than any form of the console holds.")
    return read_query(body)


def comes_from_us(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a POST does not say that another site's page made it. What says nothing is judged by its form alone."""
    site, origin = headers.get(b"sec-fetch-site", b"same-origin"), headers.get(b"origin")
    if site not in {b"same-origin", b"none"}:
        return False
    return origin is None or urlsplit(origin.decode("latin-1")).netloc.lower() == _host(headers)


def _host(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"host", b"").decode("latin-1").lower()
