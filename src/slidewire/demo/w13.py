"""The W13 dialect as a customer's program speaks it: a request's blanks filled in, posted, its answer read.

Written apart from ``api/``: no reader of ours is shared, so that the two are never wrong together.
"""

import re
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient, PostFailed, PostLimits, PostRequest
from slidewire.outbound.resolve import DnsLookup, Resolver

#: Where the dialect is served, under the API's address.
PATH = "/API/wxml/1.3/"
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


async def call(url: str, xml: bytes) -> Answered:
    """Post one request. Raises CallFailedError in words for whoever waits."""
    lookup = DnsLookup(search=True)
    client = PostClient(Dialer(Resolver(lookup)), PostLimits(connect=10.0, total=_PATIENCE))
    try:
        reply = await client.post(PostRequest(url, xml, headers=(("Content-Type", "text/xml; charset=utf-8"),)))
    except PostFailed as failed:
        raise CallFailedError(f"{url.partition('?')[0]} could not be called: {failed.detail}") from None
    finally:
        await client.close()
        await lookup.close()
    return _read(reply.body, reply.status, reply.headers.get("x-slidewire-warning", ""))


def _read(body: bytes, status: int, warnings: str) -> Answered:
    word = text_of(body, "STATUS")
    if word not in {"Success", "Failure"}:
        raise CallFailedError(f"the answer is none of this dialect (HTTP {status}): is this address the API's?")
    return Answered(
        accepted=word == "Success",
        tracking_id=text_of(body, "TRACKINGID"),
        mms_id=text_of(body, "MMSID"),
        receiver=text_of(body, "TO"),
        code=text_of(body, "ERRORCODE"),
        words=text_of(body, "STATUSDETAILS") or text_of(body, "ERRORINFO"),
        warnings=warnings,
    )
