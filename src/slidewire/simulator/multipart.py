"""The strict MIME reader: an HTTP body into parts, at most two multiparts deep.

No mercy where phones or carriers have none: CRLF, closed boundaries, one Content-ID each, honest encodings.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator.mimeheaders import (
    MediaType,
    check_name,
    corrupt,
    read_content_id,
    read_headers,
    read_media_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LEVELS = 2
MAX_PARTS = 40  # in one multipart
MAX_BASE64_LINE = 76
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part, its transfer encoding undone. A multipart has ``parts`` and no body."""

    media_type: MediaType
    body: bytes = b""
    parts: tuple[Part, ...] = ()
    content_id: str = ""
    location: str = ""

    @property
    def type(self) -> str:
        """Its type in lower case, without parameters."""
        return self.media_type.name

    @property
    def name(self) -> str:
        """What a phone would call the file."""
        return self.location or self.media_type.parameters.get("name", "") or self.content_id


def read_entity(content_type: str, body: bytes) -> Part:
    """The whole HTTP body as a part. Raises RefusedError 2007 for the first thing that is wrong."""
    entity = _open(read_media_type(content_type), body, levels=MAX_LEVELS)
    ids = Counter(part.content_id for part in walk(entity) if part.content_id)
    for content_id, count in ids.items():
        if count > 1:
            raise corrupt(f"The Content-ID <{content_id}> is used {count} times.")
    return entity


def walk(part: Part) -> Iterator[Part]:
    """The part and everything inside, in MIME order."""
    yield part
    for inner in part.parts:
        yield from walk(inner)


def _open(media_type: MediaType, body: bytes, levels: int) -> Part:
    if not media_type.name.startswith("multipart/"):
        return Part(media_type, body)
    if not levels:
        raise corrupt(f"Multiparts are nested deeper than {MAX_LEVELS}.")
    parts = tuple(_read_part(raw, levels - 1) for raw in _split(media_type, body))
    entity = Part(media_type, parts=parts)
    if media_type.name == "multipart/related":
        _check_related(entity)
    locations = Counter(part.location for part in parts if part.location)
    for location, count in locations.items():
        if count > 1:
            raise corrupt(f"The Content-Location {location} is used {count} times.")
    return entity


def _check_related(entity: Part) -> None:
    """``start`` must name the first part and ``type`` its type.  # standards.md 1.4, 2.1"""
    first, parameters = entity.parts[0], entity.media_type.parameters
    for name in ("type", "start"):
        if name not in parameters:
            raise corrupt(f"multipart/related lacks its parameter {name}.")
    if read_content_id(parameters["start"]) != first.content_id:
        raise corrupt(f"start is {parameters['start']}, but the first part has another Content-ID.")
    if parameters["type"].lower() != first.type:
        raise corrupt(f"type is {parameters['type']}, but the first part is {first.type}.")


def _split(media_type: MediaType, body: bytes) -> list[bytes]:
    boundary = media_type.parameters.get("boundary", "").encode("ascii")
    if not _BOUNDARY.fullmatch(boundary):
        raise corrupt(f"{media_type.name} has no boundary that could be one.")
    dash = b"--" + boundary
    position = 2 if body.startswith(b"\r\n" + dash) else 0
    if not body.startswith(dash, position):
        raise corrupt("A multipart does not begin with its boundary.")
    found: list[bytes] = []
    while True:
        after = position + len(dash)
        ending = body[after : after + 2]
        if ending == b"--":
            break
        if ending != b"\r\n":
            raise corrupt("A line begins with the boundary and goes on.")
        if len(found) == MAX_PARTS:
            raise corrupt(f"A multipart has more than {MAX_PARTS} parts.")
        closing = body.find(b"\r\n" + dash, after)
        if closing < 0:
            raise corrupt("A multipart is not closed by its boundary.")
        found.append(body[after + 2 : closing])
        position = closing + 2
    if body[after + 2 :] not in {b"", b"\r\n"}:
        raise corrupt("Something follows after the end of a multipart.")
    if not found:
        raise corrupt("A multipart holds no part.")
    return found


def _read_part(raw: bytes, levels: int) -> Part:
    head, empty_line, body = raw.partition(b"\r\n\r\n")
    if not empty_line or not head:
        raise corrupt("A part has no headers, or no empty line after them.")
    headers = read_headers(head)
    if "content-type" not in headers:
        raise corrupt("A part has no Content-Type.")
    media_type = read_media_type(headers["content-type"])
    if "name" in media_type.parameters:
        check_name(media_type.parameters["name"], "name")
    encoding = headers.get("content-transfer-encoding", "binary").lower()
    if media_type.name.startswith("multipart/") and encoding == "base64":
        raise corrupt("A multipart may not be base64 itself.")
    content = _open(media_type, _decode(encoding, body), levels)
    content_id, location = headers.get("content-id", ""), headers.get("content-location", "")
    return Part(
        media_type,
        content.body,
        content.parts,
        read_content_id(content_id) if content_id else "",
        check_name(location, "Content-Location") if location else "",
    )


def _decode(encoding: str, body: bytes) -> bytes:
    """Undo a transfer encoding; without a header HTTP's own rule holds: the bytes as they are."""
    if encoding == "binary":
        return body
    if encoding == "base64":
        return _from_base64(body)
    if encoding not in {"7bit", "8bit"}:
        raise corrupt(f"The transfer encoding {encoding[:40]!r} is none that we take.")
    if b"\0" in body:
        raise corrupt(f"A part is called {encoding} and holds a NUL.")
    if encoding == "7bit" and not body.isascii():
        raise corrupt("A part is called 7bit and holds bytes above 127.")
    return body


def _from_base64(body: bytes) -> bytes:
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    if max(map(len, lines)) > MAX_BASE64_LINE:
        raise corrupt(f"A base64 line is longer than {MAX_BASE64_LINE} characters.")
    joined = b"".join(lines)
    if not _BASE64.fullmatch(joined):
        raise corrupt("A part is called base64 and is not.")
    try:
        return base64.b64decode(joined, validate=True)
    except binascii.Error as error:
        raise corrupt(f"A part is called base64 and is not: {error}.") from error
