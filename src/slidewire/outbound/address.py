"""Reading the web addresses that strangers give us.

One strict reader for requests, redirects and postbacks: what it lets through has one meaning only, so that
what is checked is what is called (security 1, 4).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

#: Characters of one address; longer ones are refused unread.
MAX_URL = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

_SPLIT = re.compile(r"([a-z]+)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]@]*))(?::([0-9]{0,5}))?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
#: A last label like this makes the whole host a number to somebody: then only the plain dotted form passes.
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: White space, control, direction and other unseen characters, lone surrogates, backslash.
_UNSEEN = re.compile(r"[\s\x00-\x20\x7f-\xa0\\\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_KEPT = "!$%&'()*+,/:;=?@[]~"


class BadAddress(ValueError):  # noqa: N818 - named for what it says
    """An address that we do not call; its text says why in words a customer may read."""


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """An absolute http or https address in its one canonical form."""

    scheme: str
    host: str  #: lower-case ASCII name, or an IP address without brackets
    port: int
    target: str  #: path and query as they go onto the wire, ASCII, starts with "/"

    @property
    def secure(self) -> bool:
        """True for https."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """What belongs into the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port always written: ``https://example.net:443``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, with its query: not for logs (security 11)."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def loggable(self) -> str:
        """The address without its query."""
        return f"{self.scheme}://{self.authority}{self.target.partition('?')[0]}"


def strip(url: str, keep_query: bool) -> str:
    """Drop the fragment, and the query too unless ``keep_query``: customers' addresses only (settled 17)."""
    url = url.partition("#")[0]
    return url if keep_query else url.partition("?")[0]


def origin_of(text: str) -> str:
    """Scheme, host and port of an address, as ``ParsedUrl.origin`` writes them; empty for one that is not called."""
    try:
        return check_url(text).origin
    except BadAddress:
        return ""


def check_url(url: str) -> ParsedUrl:
    """Read an absolute http(s) address; raises BadAddress with the reason (security 4, settled 17)."""
    if len(url) > MAX_URL:
        raise BadAddress(f"the address is longer than {MAX_URL} characters")
    if _UNSEEN.search(url):
        raise BadAddress("the address contains a blank, a backslash or a control character")
    found = _SPLIT.fullmatch(url)
    if found is None:
        raise BadAddress("the address is not an absolute http or https address")
    scheme, authority, path, query = found[1].lower(), found[2], found[3], found[4]
    if scheme not in DEFAULT_PORTS:
        raise BadAddress("the address is neither http nor https")
    if "@" in authority:
        raise BadAddress("the address carries credentials")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise BadAddress("the host or the port of the address cannot be read")
    host = _six(parts[1]) if parts[1] else _name(parts[2])
    port = int(parts[3]) if parts[3] else DEFAULT_PORTS[scheme]
    if not 1 <= port <= 65535:
        raise BadAddress("the port of the address is not between 1 and 65535")
    return ParsedUrl(scheme, host, port, quote((path or "/") + (query or ""), safe=_KEPT))


def _six(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise BadAddress("the host is not a valid IPv6 address") from None


def _name(text: str) -> str:
    """A host name as ASCII; IP addresses in decimal, octal, hexadecimal or short spellings are refused."""
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadAddress("the host name is not valid") from None
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("the host name is not valid" if host else "the address has no host")
    if _NUMERIC.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise BadAddress("the host is not a valid IPv4 address") from None
    return host
