"""The head of a MIME part: header lines and the parameters in them, strictly.

ASCII only, CRLF only, nothing twice. Used for parts and for the HTTP header Content-Type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slidewire.simulator.status import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEAD = 8_192
MAX_LINES = 20
MAX_NAME = 40  # standards.md 2.1
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(rf"({_WORD}/{_WORD})[ \t]*")
_PARAMETER = re.compile(rf';[ \t]*({_WORD})=(?:({_WORD})|"((?:[^"\\]|\\.)*)")[ \t]*')
_HEADER = re.compile(rf"({_WORD}):[ \t]*(.*)", re.DOTALL)
_CONTENT_ID = re.compile(r"<([!-;=?-~]{1,120})>")
_NAME = re.compile(r"[A-Za-z0-9._@+=~!#$%&'(),{}\[\]^-]+")


def corrupt(sentence: str) -> RefusedError:
    """The refusal for whatever is not MIME as it should be."""
    return RefusedError(Code.FORMAT_CORRUPT, sentence)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type, its type and parameter names in lower case."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_media_type(value: str) -> MediaType:
    """Take a Content-Type apart. Raises RefusedError 2007."""
    if not value.isascii():
        raise corrupt("A Content-Type holds something else than ASCII.")
    head = _TYPE.match(value)
    if not head:
        raise corrupt(f"{value[:80]!r} is no Content-Type.")
    position, parameters = head.end(), {}
    while position < len(value):
        found = _PARAMETER.match(value, position)
        if not found:
            raise corrupt(f"A parameter of {head[1]} cannot be read at {value[position : position + 40]!r}.")
        name = found[1].lower()
        if name in parameters:
            raise corrupt(f"{head[1]} has the parameter {name} twice.")
        parameters[name] = found[2] if found[2] is not None else re.sub(r"\\(.)", r"\1", found[3])
        position = found.end()
    return MediaType(head[1].lower(), parameters)


def read_headers(head: bytes) -> dict[str, str]:
    """Header lines by lower-case name. ``head`` ends before its empty line. Raises RefusedError 2007."""
    if len(head) > MAX_HEAD:
        raise corrupt(f"The headers of a part are longer than {MAX_HEAD} bytes.")
    if not head.isascii():
        raise corrupt("A header or a name holds something else than ASCII.")
    unfolded = re.sub(r"\r\n[ \t]+", " ", head.decode("ascii"))
    lines = unfolded.split("\r\n")
    if len(lines) > MAX_LINES:
        raise corrupt(f"A part has more than {MAX_LINES} headers.")
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if not found or any(not (" " <= letter <= "~" or letter == "\t") for letter in line):
            raise corrupt(f"A header line cannot be read: {line[:60]!r}.")
        if found[1].lower() in headers:
            raise corrupt(f"A part has the header {found[1]} twice.")
        headers[found[1].lower()] = found[2].strip(" \t")
    return headers


def read_content_id(value: str) -> str:
    """A Content-ID without its angle brackets, which it must have. Raises RefusedError 2007."""
    found = _CONTENT_ID.fullmatch(value)
    if not found:
        raise corrupt(f"{value[:80]!r} is no Content-ID: it needs angle brackets around plain ASCII.")
    return found[1]


def check_name(name: str, where: str) -> str:
    """A part's name that every phone can read. Raises RefusedError 2007."""
    if not _NAME.fullmatch(name):
        raise corrupt(f"The {where} {name[:80]!r} is no plain ASCII file name.")
    if len(name) > MAX_NAME:
        raise corrupt(f"The {where} {name[:80]!r} is longer than {MAX_NAME} characters.")
    return name
