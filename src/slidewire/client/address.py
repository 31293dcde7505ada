"""Where calls are posted, from the address that people know."""

from urllib.parse import urlsplit

_PATH = "/ep/v2/"


def read_address(url: str) -> str:
    """The address of J2 behind ``https://mms.example.net``. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no address: write it as https://mms.example.net")
    return url.rstrip("/").removesuffix(_PATH.rstrip("/")).rstrip("/") + _PATH
