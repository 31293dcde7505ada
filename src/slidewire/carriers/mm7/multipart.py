"""Finds the SOAP part in what a peer sends: plain XML, or one part of a multipart body (standards.md 1.4, 1.6).

A splitter of our own with limits; linear in the body's length.
"""

import binascii
import re
from collections.abc import Iterator

from slidewire.carriers.mm7.reader import MalformedError

MAX_PARTS = 64
#: Bytes of one part's headers.
MAX_HEADERS = 8_192
#: Bytes that may follow a boundary on its line: some peers write blanks there (standards.md 1.6).
MAX_PADDING = 100
_PARAMETER = re.compile(r';\s*([\w-]{1,40})\s*=\s*(?:"([^"]*)"|([^;\s"]*))', re.ASCII)
_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml")


def soap_part(body: bytes, content_type: str) -> bytes:
    """The XML in ``body``. Raises MalformedError when a multipart body has none."""
    kind, parameters = read_content_type(content_type)
    boundary = parameters.get("boundary", "").strip()
    if not kind.startswith("multipart/") or not boundary:
        return body
    parts = list(_parts(body, boundary.encode("latin-1", "replace")))
    start = _bare(parameters.get("start", ""))
    for headers, content in parts:
        if start and _bare(headers.get("content-id", "")) == start:
            return _decoded(headers, content)
    for headers, content in parts:
        if read_content_type(headers.get("content-type", ""))[0] in _XML_TYPES:
            return _decoded(headers, content)
    if not parts:
        raise MalformedError("a multipart body without a part")
    return _decoded(*parts[0])


def read_content_type(value: str) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters with lower-case names."""
    value = value[:2_000]
    parameters: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        parameters.setdefault(name.lower(), quoted or bare)
    return value.partition(";")[0].strip().lower(), parameters


def _bare(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">").strip()


def _decoded(headers: dict[str, str], content: bytes) -> bytes:
    encoding = headers.get("content-transfer-encoding", "").strip().lower()
    try:
        if encoding == "base64":
            return binascii.a2b_base64(content)
        return binascii.a2b_qp(content) if encoding == "quoted-printable" else content
    except binascii.Error as error:
        raise MalformedError(f"the part is not {encoding}: {error}") from None


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    begin = -1  # where the present part starts; -1: still before the first boundary
    for count, (mark, behind, is_last) in enumerate(_boundaries(body, b"--" + boundary), start=1):
        if begin >= 0:
            yield _part(body[begin : max(mark, begin)])
        begin = behind
        if is_last:
            return
        if count > MAX_PARTS:
            raise MalformedError(f"more than {MAX_PARTS} parts")
    if begin >= 0:  # the closing boundary is missing: the rest is the last part
        yield _part(body[begin:])


def _boundaries(body: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each boundary line starts (its line break included), where the next line starts, and whether it closes."""
    at = body.find(mark)
    while at >= 0:
        behind = at + len(mark)
        line_end = body.find(b"\n", behind, behind + MAX_PADDING)
        after = line_end + 1 if line_end >= 0 else len(body)
        rest = body[behind : min(after, behind + MAX_PADDING)].strip()
        ends_line = line_end >= 0 or len(body) - behind < MAX_PADDING
        if (at == 0 or body[at - 1 : at] == b"\n") and ends_line and rest in (b"", b"--"):
            yield _line_start(body, at), after, rest == b"--"
        at = body.find(mark, behind)


def _line_start(body: bytes, at: int) -> int:
    """Where the line break before ``at`` starts: it belongs to the boundary, not to the part."""
    if body[max(at - 2, 0) : at] == b"\r\n":
        return at - 2
    return max(at - 1, 0)


def _part(part: bytes) -> tuple[dict[str, str], bytes]:
    if part.startswith((b"\r\n", b"\n")):  # no headers at all
        return {}, part.lstrip(b"\r\n")
    ends = [(at, len(gap)) for gap in (b"\r\n\r\n", b"\n\n") if (at := part.find(gap, 0, MAX_HEADERS)) >= 0]
    if not ends:
        raise MalformedError("a part whose headers do not end")
    at, gap = min(ends)
    return _read_headers(part[:at]), part[at + gap :]


def _read_headers(lines: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    unfolded = re.sub(r"\r?\n[ \t]+", " ", lines.decode("latin-1"))
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers
