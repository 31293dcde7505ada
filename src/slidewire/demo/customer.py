"""The API as a customer's program speaks it, in each dialect: a request's blanks filled in, posted, its answer read.

Written apart from ``api/``: no reader of ours is shared, so that the two are never wrong together.
"""

import json
import re
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient, PostFailed, PostLimits, PostRequest
from slidewire.outbound.resolve import DnsLookup, Resolver


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a dialect wants besides the request."""

    path: str  #: where it is served, under the API's address
    content_type: str
    key: str  #: the element that holds the key; empty: a header does


W13 = Tongue("/API/wxml/1.3/", "text/xml; charset=utf-8", "API_KEY")
M1 = Tongue("/ep/v1/", "text/xml; charset=utf-8", "api-key")
J2 = Tongue("/ep/v2/", "application/json; charset=utf-8", "")
PATH = W13.path
_LOWER_ROOT = re.compile(rb"<request[\s>]")
#: Seconds that one call may take: the gateway itself gives a request's media up to 45.
_PATIENCE = 60.0


class CallFailedError(Exception):
    """The API could not be reached, or did not answer in its dialect."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a sendMMS was answered."""

    accepted: bool
    tracking_id: str = ""
    mms_id: str = ""
    receiver: str = ""
    code: str = ""  #: of a refusal, such as E104
    words: str = ""  #: STATUSDETAILS or ERRORINFO
    warnings: str = ""  #: what the gateway changed silently (settled 25)


def fill_in(xml: bytes, element: str, text: str) -> bytes:
    """``xml`` with ``text`` inside each ``element``. Raises ValueError when there is none."""
    pattern = rb"(<%b>)[^<]*(</%b>)" % (element.encode(), element.encode())
    value = escape(text).encode()
    filled, count = re.subn(pattern, lambda found: found[1] + value + found[2], xml, flags=re.IGNORECASE)
    if not count:
        raise ValueError(f"the request has no {element} element")
    return filled


def text_of(xml: bytes, element: str) -> str:
    """The text of the first ``element``; empty when there is none."""
    found = re.search(rb"<%b>([^<]*)</%b>" % (element.encode(), element.encode()), xml, re.IGNORECASE)
    return unescape(found[1].decode("utf-8", "replace")) if found else ""


def tongue_of(request: bytes) -> Tongue:
    """The dialect of a request, by the look of it."""
    if request.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return J2
    return M1 if _LOWER_ROOT.search(request) else W13


async def call(url: str, request: bytes, key: str = "") -> Answered:
    """Post one request; ``key`` goes into its header in J2. Raises CallFailedError in words for whoever waits."""
    tongue = tongue_of(request)
    headers = [("Content-Type", tongue.content_type)]
    if key and not tongue.key:
        headers.append(("x-api-key", key))
    lookup = DnsLookup(search=True)
    client = PostClient(Dialer(Resolver(lookup)), PostLimits(connect=10.0, total=_PATIENCE))
    try:
        reply = await client.post(PostRequest(url, request, headers=tuple(headers)))
    except PostFailed as failed:
        raise CallFailedError(f"{url.partition('?')[0]} could not be called: {failed.detail}") from None
    finally:
        await client.close()
        await lookup.close()
    return _read(reply.body, reply.status, reply.headers.get("x-slidewire-warning", ""))


def _read(body: bytes, status: int, warnings: str) -> Answered:
    told = _fields(body)
    word = told.get("status")
    if word not in {"Success", "Failure"}:
        raise CallFailedError(f"the answer is none of the API's (HTTP {status}): is this address the API's?")
    return Answered(
        accepted=word == "Success",
        tracking_id=told.get("trackingid", ""),
        mms_id=told.get("mmsid", ""),
        receiver=told.get("to", ""),
        code=told.get("errorcode", ""),
        words=told.get("statusdetails") or told.get("errorinfo", ""),
        warnings=told.get("warnings", warnings),
    )


def _fields(body: bytes) -> dict[str, str]:
    """An answer's fields by their names in small letters without hyphens: all dialects' names are alike then."""
    try:
        told = json.loads(body)
    except ValueError:
        found = re.findall(rb"<([A-Za-z_-]+)>([^<]*)</\1>", body)
        told = {name.decode(): unescape(text.decode("utf-8", "replace")) for name, text in found}
    if not isinstance(told, dict):
        return {}
    return {
        name.lower().replace("-", ""): "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in told.items()
    }
