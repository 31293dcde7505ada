"""What an account presents to the hosts that keep its media: headers that are secret, for one origin each."""

import re
from dataclasses import dataclass, field
from typing import Final

Headers = tuple[tuple[str, str], ...]

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE: Final = re.compile(r"[!-~]([ -~]{0,4094}[!-~])?")
#: What belongs to the connection, or to us: whoever could set it could say something else than is asked.
_OURS: Final = re.compile(
    r"host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|range|"
    r"if-.*|proxy-.*|forwarded|x-forwarded-.*",
    re.IGNORECASE,
)


class HeaderError(ValueError):
    """A header that cannot be presented, in words for whoever gave it; its value is not among them."""


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """What to present to one origin. Never printed."""

    id: str = ""  #: another one after every change; empty: nothing is presented
    headers: Headers = field(default=(), repr=False)


NO_ACCESS: Final = MediaAccess()


def read_header(name: str, value: str) -> tuple[str, str]:
    """A header as it may be presented. Raises HeaderError."""
    if not _NAME.fullmatch(name):
        raise HeaderError("a header's name has letters, digits and hyphens, such as X-Api-Key")
    if _OURS.fullmatch(name):
        raise HeaderError(f"the header {name} is ours to set")
    if not _VALUE.fullmatch(value):
        raise HeaderError("a header's value has 1 to 4096 printable ASCII characters, no blanks around it")
    return name, value


def merged(headers: Headers, new: tuple[str, str]) -> Headers:
    """``headers`` with one more, in the place of the one of its name."""
    return (*(each for each in headers if each[0].lower() != new[0].lower()), new)
