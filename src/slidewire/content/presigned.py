"""Addresses under which a bucket itself gives one object to whoever has them, for a while.

Only for what browsers play and cannot run: none of our headers stand in such an answer (security 9).
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import obstore
from obstore.store import S3Store

from slidewire.content.sniff import Bytes, sniff
from slidewire.domain.message import Kind

#: Seconds: what a signature of S3 may hold at most.
LONGEST: Final = 604_800
#: What an object is said to be that is not to be played: browsers save it.
_BYTES: Final = "application/octet-stream"


def told_type(body: Bytes) -> str:
    """The Content-Type under which the bucket gives an object to those who come without us."""
    found = sniff(body)
    return found.type if found is not None and found.kind in {Kind.AUDIO, Kind.VIDEO} else _BYTES


class Presigner:
    """Signs addresses by the bucket's public endpoint. ``longest``: seconds that one may hold."""

    def __init__(self, client: S3Store, longest: int) -> None:
        self._client = client
        self._longest = longest
        self._origin = ""

    async def origin(self) -> str:
        """Scheme and host of every address. Raises what obstore raises where there is nothing to sign with."""
        if not self._origin:
            self._origin = origin_of(await self._signed("origin", 1))
        return self._origin

    async def address(self, name: str, left: int) -> str:
        """Where the object ``name`` can be got with GET, for ``left`` seconds at most. Raises as ``origin``."""
        return await self._signed(name, min(left, self._longest))

    async def _signed(self, name: str, seconds: int) -> str:
        return await obstore.sign_async(self._client, "GET", name, timedelta(seconds=seconds))


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as a Content-Security-Policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
