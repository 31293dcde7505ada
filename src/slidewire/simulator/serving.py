"""One part as an HTTP answer: in place for types that cannot run anything, else as a file.  # security 9"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slidewire.simulator.web import Reply

if TYPE_CHECKING:
    from slidewire.simulator.multipart import Part

#: On everything that the HTTP port answers.
COMMON = (
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
)
PART_HEADERS = (("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"), *COMMON)
#: Types that a browser may show in place.
SHOWN_TYPES = frozenset(
    {
        *(f"image/{kind}" for kind in ("jpeg", "gif", "png")),
        *(f"audio/{kind}" for kind in ("mpeg", "mp4", "amr", "ogg", "wav", "x-wav", "aac", "3gpp")),
        *(f"video/{kind}" for kind in ("mp4", "3gpp", "3gpp2", "webm")),
    }
)


def part_reply(part: Part, wanted_range: str | None) -> Reply:
    """The part, or the one byte range of it that a player asks for."""
    return _ranged(_whole(part), wanted_range)


def _whole(part: Part) -> Reply:
    if part.type in SHOWN_TYPES:
        return Reply(200, part.body, part.type, PART_HEADERS)
    if part.type == "text/plain":
        charset = part.media_type.parameters.get("charset", "us-ascii").lower()
        return Reply(200, part.body, f"text/plain; charset={charset}", PART_HEADERS)
    name = re.sub(r"[^A-Za-z0-9._-]", "_", part.name)[:60] or "part"
    as_file = (("content-disposition", f'attachment; filename="{name}"'), *PART_HEADERS)
    return Reply(200, part.body, "application/octet-stream", as_file)


def _ranged(reply: Reply, wanted: str | None) -> Reply:
    """One byte range, because players ask for it; anything else gets the whole."""
    found = re.fullmatch(r"bytes=([0-9]{1,12})-([0-9]{0,12})", wanted or "")
    if not found:
        return reply
    first, size = int(found[1]), len(reply.body)
    last = min(int(found[2] or size - 1), size - 1)
    if first > last:
        return Reply(416, headers=(("content-range", f"bytes */{size}"), *reply.headers))
    place = (("content-range", f"bytes {first}-{last}/{size}"), *reply.headers)
    return Reply(206, reply.body[first : last + 1], reply.content_type, place)
