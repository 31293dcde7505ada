"""What a page shows, as plain values for the template; everything in it from outside is escaped there."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import jinja2

from slidewire.content.previews import size_of
from slidewire.domain.message import Kind, Message
from slidewire.pages.answer import FILE_POLICY, Answer, page_policy
from slidewire.pages.parts import PageFile, files_of

_TEMPLATES: Final = Path(__file__).with_name("templates")
#: The one address that is no token's, and for how many seconds it may be kept.
ICON: Final = "icon.svg"
_ICON_KEPT: Final = 604_800
#: The query with which a player asks for a file that may come from elsewhere.
PLAY: Final = "play"
#: The width in pixels that browsers take which know no srcset.
_USUAL: Final = 640
#: Bytes of a page from which packing pays.
_PACKED: Final = 4096
#: kind of a file -> (what it is called on the page, and in the name under which it is saved).
_WORDS: Final[Mapping[Kind | None, tuple[str, str]]] = {
    None: ("File", "file"),
    Kind.IMAGE: ("Picture", "picture"),
    Kind.AUDIO: ("Sound", "sound"),
    Kind.VIDEO: ("Video", "video"),
    Kind.VCARD: ("Contact card", "contact"),
    Kind.ICAL: ("Calendar event", "event"),
    Kind.PDF: ("PDF document", "document"),
    Kind.PASSBOOK: ("Pass", "pass"),
}


@dataclass(frozen=True, slots=True)
class Plain:
    """A page of one sentence."""

    status: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in all its widths."""

    source: str  #: addresses are relative to the page
    srcset: str
    width: int
    height: int
    largest: str


@dataclass(frozen=True, slots=True)
class Medium:
    """A file to be played or saved."""

    kind: str
    title: str
    address: str
    played: str  #: where a player finds it
    type: str
    save_as: str
    size: str


@dataclass(frozen=True, slots=True)
class SlideView:
    """One slide."""

    number: int
    text: str
    picture: Picture | None
    media: tuple[Medium, ...]
    has_unshown: bool  #: a file of a type that pages do not serve


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page is asked for."""

    prefix: str  #: leads from the page to its files
    packed: bool  #: gzip is understood
    media: str = ""  #: the origin from which its sound and film come; empty: from us


class PageView:
    """Templates read once, pages made from them."""

    def __init__(self) -> None:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._css = _minified((_TEMPLATES / "page.css").read_text("utf-8"))
        self._icon = (_TEMPLATES / ICON).read_bytes()
        self._page = environment.get_template("page.html")
        self._plain = environment.get_template("plain.html")
        self._style = f"sha256-{base64.b64encode(hashlib.sha256(self._css.encode()).digest()).decode()}"
        self._headers = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": page_policy(self._style),
        }

    def page(self, message: Message, expires_at: int, frame: Frame) -> Answer:
        """The page of a message."""
        slides = _slides(message, frame)
        body = self._page.render(
            css=self._css,
            home="" if frame.prefix else "../",
            title=message.subject.strip() or f"Message from {_sender(message)}",
            sender=_sender(message),
            sent=_day(message.accepted_at),
            until=_day(expires_at),
            slides=slides,
        ).encode()
        headers = self._headers | {"cache-control": "private, no-cache", "vary": "accept-encoding"}
        if frame.media:
            headers |= {"content-security-policy": page_policy(self._style, frame.media)}
        if frame.packed and len(body) >= _PACKED:
            body = gzip.compress(body, 6, mtime=0)
            headers |= {"content-encoding": "gzip"}
        return Answer(200, headers, body)

    def icon(self) -> Answer:
        """What browsers show beside the title; the same for every page."""
        headers = {"content-type": "image/svg+xml", "content-security-policy": FILE_POLICY}
        return Answer(200, headers | {"cache-control": f"public, max-age={_ICON_KEPT}"}, self._icon)

    def plain(self, plain: Plain, headers: dict[str, str] | None = None) -> Answer:
        """A page of one sentence, the same for everyone."""
        body = self._plain.render(css=self._css, title=plain.title, text=plain.text).encode()
        return Answer(plain.status, self._headers | {"cache-control": "no-store"} | (headers or {}), body)


def _slides(message: Message, frame: Frame) -> list[SlideView]:
    files = list(files_of(message).values())
    views = []
    for number, slide in enumerate(message.slides, 1):
        mine = [file for file in files if file.slide == number]
        images = [file for file in mine if file.kind is Kind.IMAGE]
        media = tuple(_medium(file, frame) for file in mine if file.kind is not Kind.IMAGE)
        unshown = {part.kind for part in slide.parts} - {file.kind for file in mine}
        views.append(SlideView(number, slide.text, _picture(images, frame.prefix), media, bool(unshown)))
    return views


def _picture(images: list[PageFile], prefix: str) -> Picture | None:
    if not images:
        return None
    sizes = [size_of(image.content, image.width) for image in images]
    usual = next((image for image in images if image.width >= _USUAL), images[-1])
    return Picture(
        source=prefix + usual.name,
        srcset=", ".join(f"{prefix}{image.name} {width}w" for image, (width, _) in zip(images, sizes, strict=True)),
        width=sizes[-1][0],
        height=sizes[-1][1],
        largest=prefix + images[-1].name,
    )


def _medium(file: PageFile, frame: Frame) -> Medium:
    title, _ = _WORDS[file.kind]
    kind = file.kind.value if file.kind else ""
    address = frame.prefix + file.name
    played = f"{address}?{PLAY}" if frame.media and file.may_leave else address
    return Medium(kind, title, address, played, file.content.type, save_name(file), _size(file))


def save_name(file: PageFile) -> str:
    """The name under which a file is saved: ours, never the customer's."""
    _, word = _WORDS[file.kind]
    return f"{word}-{file.slide}{Path(file.name).suffix}"


def _size(file: PageFile) -> str:
    size = file.content.size
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"


def _sender(message: Message) -> str:
    return message.mask or message.sender


def _day(at: int) -> tuple[str, str]:
    """A day in UTC for machines and for people."""
    when = datetime.fromtimestamp(at / 1000, UTC)
    return when.strftime("%Y-%m-%d"), f"{when.day} {when:%B %Y}"


def _minified(css: str) -> str:
    return "\n".join(line.strip() for line in css.splitlines() if line.strip() and not line.strip().startswith("/*"))
