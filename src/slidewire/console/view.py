"""Templates read once, pages made from them; everything that is filled in is escaped there (security 9)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jinja2

from slidewire.console.answer import NO_STORE, Answer, Headers
from slidewire.console.desk import ROOT

_HERE: Final = Path(__file__)
#: What a browser may keep: named by its bytes, so that an update is another address.
_KEPT: Final = (b"cache-control", b"private, max-age=604800, immutable")
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Views:
    """Makes answers of templates."""

    def __init__(self) -> None:
        self._files = _files()
        self._environment = _environment()

    def page(self, template: str, values: Mapping[str, Any], status: int = 200, headers: Headers = ()) -> Answer:
        """A page, kept by nobody."""
        body = self._environment.get_template(template).render(values).encode("utf-8", "replace")
        return Answer(status, body, headers=(NO_STORE, *headers))

    def file(self, name: str) -> Answer | None:
        """A file of the console's own; None when there is none of this name."""
        body = self._files.get(name)
        if body is None:
            return None
        return Answer(200, body, _TYPES[Path(name).suffix], headers=(_KEPT,))


@lru_cache(maxsize=1)
def _files() -> Mapping[str, bytes]:
    """The console's own files by name."""
    return {path.name: path.read_bytes() for path in sorted(_HERE.with_name("static").iterdir())}


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    """The templates, each compiled once in a process."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE.with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": _moment, "number": _number, "share": _share}
    environment.globals["static"] = {name: _address(name, body) for name, body in _files().items()}
    return environment


def moved(to: str, *headers: tuple[bytes, bytes]) -> Answer:
    """The browser goes on to ``to``, by GET."""
    location = (b"location", to.encode("ascii", "replace"))
    return Answer(303, type="text/plain; charset=utf-8", headers=(NO_STORE, location, *headers))


def _address(name: str, body: bytes) -> str:
    return f"{ROOT}static/{name}?v={hashlib.sha256(body).hexdigest()[:12]}"


def _moment(at: int | str) -> tuple[str, str]:
    """A time in UTC for machines and for people; as Unix milliseconds, or in the words that facts have."""
    when = datetime.fromtimestamp(at / 1000, UTC) if isinstance(at, int) else datetime.fromisoformat(at)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{when.day} {when:%b %Y, %H:%M:%S} UTC"


def _number(count: int) -> str:
    return f"{count:,}"


def _share(count: int, total: int) -> str:
    """A part of ``total`` in per cent: never 0 of something, never 100 of less than all."""
    if not total or count in {0, total}:
        return "100 %" if total and count else "0 %"
    return f"{min(max(round(100 * count / total), 1), 99)} %"
