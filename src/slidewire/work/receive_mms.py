"""Keeps the media of MMS that phones send: on disk before the message, and the message before its MMSC is answered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from slidewire.content.formats import Format, declared_type
from slidewire.content.sniff import sniff
from slidewire.content.store import ContentStore
from slidewire.domain.characters import one_line_end, without_forbidden
from slidewire.domain.inbound import ArrivedFile, ArrivedMms, Inbound, InboundPart
from slidewire.domain.message import Content
from slidewire.domain.usage import Channel
from slidewire.store.pins import Insertion
from slidewire.work.receive import Arrival, InboundDesk

TEXT = "text/plain"
#: What is recognised in what was sent as text, and stays text: it is words that look like markup.
_MARKUP = (Format.HTML, Format.XML, Format.SVG)
#: Of a file that we do not recognise.
_UNKNOWN = ("application/octet-stream", ".bin")
#: Characters of a message's text that stand beside it; its files hold it whole.
_MOST_TEXT = 20_000
#: Charsets as MIME and the MMS encoding name them -> how they are read. No other is: some codecs are no charsets.
_CHARSETS: Mapping[str, str] = MappingProxyType(
    {
        "": "utf-8",
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "106": "utf-8",
        "us-ascii": "utf-8",
        "ascii": "utf-8",
        "3": "utf-8",
        "iso-8859-1": "windows-1252",
        "latin1": "windows-1252",
        "4": "windows-1252",
        "windows-1252": "windows-1252",
        "iso-8859-2": "iso-8859-2",
        "iso-8859-5": "iso-8859-5",
        "iso-8859-7": "iso-8859-7",
        "iso-8859-9": "iso-8859-9",
        "iso-8859-15": "iso-8859-15",
        "windows-1250": "windows-1250",
        "windows-1251": "windows-1251",
        "koi8-r": "koi8-r",
        "utf-16": "utf-16",
        "1015": "utf-16",
        "utf-16be": "utf-16-be",
        "utf-16le": "utf-16-le",
        "iso-10646-ucs-2": "utf-16-be",
        "1000": "utf-16-be",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "gb18030": "gb18030",
        "big5": "big5",
        "shift_jis": "shift_jis",
        "iso-2022-jp": "iso-2022-jp",
        "euc-jp": "euc-jp",
        "euc-kr": "euc-kr",
    }
)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it will lie in the store."""

    part: InboundPart
    data: bytes


class MmsDesk:
    """Stores MMS of phones; what it returns from is committed (durability 23)."""

    def __init__(self, desk: InboundDesk, store: ContentStore, keep_ms: int) -> None:
        """``keep_ms``: how long media are kept, and their links work ([inbound] keep)."""
        self._desk = desk
        self._store = store
        self._keep_ms = keep_ms

    async def take(self, mms: ArrivedMms) -> None:
        """Take one message; the MMSC may be answered when this returns."""
        files = [kept_file(file, number) for number, file in enumerate(mms.files, start=1)]
        arrival = self._arrival(mms, files)
        arrival = replace(arrival, written=await self._put(files))
        if await self._desk.keep(arrival) is Insertion.CONTENT_LEAVING:
            written = await self._put(files, force=True)
            await self._desk.keep(replace(arrival, written=written, again=True))

    def _arrival(self, mms: ArrivedMms, files: list[KeptFile]) -> Arrival:
        texts = (kept.data.decode() for kept in files if kept.part.content.type == TEXT)
        message = Inbound(
            route=mms.route,
            phone=mms.phone,
            number="",
            text="\n".join(texts)[:_MOST_TEXT],
            received_at=mms.received_at,
            channel=Channel.MMS,
            subject=mms.subject,
            parts=tuple(kept.part for kept in files),
            network=mms.network,
        )
        keep_until = mms.received_at + self._keep_ms
        return Arrival(message, mms.to, mms.shown, mms.ids, mms.handset, keep_until)

    async def _put(self, files: list[KeptFile], *, force: bool = False) -> frozenset[str]:
        """Write the bytes; the digests that lie there now by our own hand (durability 19)."""
        data = {kept.part.content.digest: kept.data for kept in files}
        return frozenset([digest for digest in data if await self._store.put(digest, data[digest], force=force)])


def kept_file(file: ArrivedFile, number: int) -> KeptFile:
    """What a file is, its bytes say (settled 18); a text is kept in UTF-8."""
    declared = declared_type(file.type)
    found = sniff(file.data, declared)
    text = _text(file) if declared in {"", TEXT} and (found is None or found in _MARKUP) else None
    if text is not None:
        data, kind, ending = text.encode(), TEXT, ".txt"
    else:
        data, (kind, ending) = file.data, (found.type, found.ending) if found else _UNKNOWN
    content = Content(hashlib.sha256(data).hexdigest(), len(data), kind)
    return KeptFile(InboundPart(f"{number}{ending}", content, file.name), data)


def _text(file: ArrivedFile) -> str | None:
    """The words of a text; None for what is none, though nobody said so."""
    charset = _CHARSETS.get(_charset(file.type), "")
    for name in filter(None, (charset, "utf-8", "windows-1252" if file.type else "")):
        try:
            text = file.data.decode(name)
        except UnicodeDecodeError:
            continue
        return one_line_end(without_forbidden(text.removeprefix("\ufeff")))
    return without_forbidden(file.data.decode("latin-1")) if file.type else None


def _charset(content_type: str) -> str:
    _, _, after = content_type.lower().partition("charset=")
    return after.partition(";")[0].strip().strip("\"'")
