"""One request, as far as it is read before anybody is asked who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from slidewire.console.answer import Scope
from slidewire.console.cookies import FORM, SESSION, read_cookie
from slidewire.console.desk import ROOT


@dataclass(frozen=True, slots=True)
class Request:
    """Where it goes, and what its cookies say."""

    method: str
    segments: tuple[str, ...]  #: the path below ROOT, cut before it is decoded: a slash may be part of a name
    query: bytes
    headers: Mapping[bytes, bytes]  #: names in lower case, the first of each
    address: str  #: of the caller
    secure: bool  #: it came by https
    session: str  #: the token of its cookie; empty: it has none
    form: str  #: likewise, of who is not signed in
    outside: bool  #: it is for no page below ROOT


def read_request(scope: Scope, *, secure: bool) -> Request:
    """``secure``: it came by https whatever it says."""
    raw = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    secure = secure or scope.get("scheme") == "https"
    client = scope.get("client")
    return Request(
        method="GET" if scope["method"] == "HEAD" else scope["method"],
        segments=tuple(unquote(each) for each in raw.removeprefix(ROOT).split("/") if each),
        query=scope.get("query_string", b""),
        headers=dict(reversed(scope["headers"])),
        address=client[0] if client else "",
        secure=secure,
        session=read_cookie(scope["headers"], SESSION, secure=secure),
        form=read_cookie(scope["headers"], FORM, secure=secure),
        outside=not raw.startswith(ROOT),
    )
