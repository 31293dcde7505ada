"""The arguments that ffmpeg opens a file with: one demuxer, no other protocol, caps on what it decodes (security 7)."""

from typing import Final

from slidewire.content.av.running import INPUT
from slidewire.content.formats import Format

#: The largest picture that is decoded: 4096 x 2304.
MAX_PIXELS: Final = 9_437_184
#: format -> the only demuxer that may open it.
_DEMUXERS: Final = {
    Format.MP4: "mov",
    Format.THREEGP: "mov",
    Format.THREEG2: "mov",
    Format.MOV: "mov",
    Format.M4A: "mov",
    Format.AUDIO_3GP: "mov",
    Format.MP3: "mp3",
    Format.WAV: "wav",
    Format.AAC: "aac",
    Format.AMR: "amr",
    Format.OGG: "ogg",
    Format.MPEG: "mpeg",
    Format.MPEG_TS: "mpegts",
    Format.AVI: "avi",
    Format.WMV: "asf",
    Format.WEBM: "matroska",
}
#: What is called MPEG and is a bare stream of pictures, without a container.
_BARE_MPEG: Final = b"\x00\x00\x01\xb3"
_ALWAYS: Final = ("-hide_banner", "-nostdin", "-v", "info")


def demuxer(found: Format, head: bytes) -> str:
    """The demuxer of a file that begins with ``head``; raises KeyError for what is neither audio nor video."""
    if found is Format.MPEG and head.startswith(_BARE_MPEG):
        return "mpegvideo"
    return _DEMUXERS[found]


def opening(name: str, *more: str) -> tuple[str, ...]:
    """The arguments up to the input, which only the demuxer ``name`` may open."""
    fence = ("-protocol_whitelist", "file", "-format_whitelist", name, "-f", name)
    return (*_ALWAYS, *fence, "-max_pixels", str(MAX_PIXELS), *more, "-i", INPUT)


def looking(name: str, *, picture: bool) -> tuple[str, ...]:
    """Arguments that read a whole file: every packet, all of its sound and its key pictures decoded."""
    if not picture:
        return (*opening(name), "-map", "0:a:0", "-f", "null", "-", "-progress", "pipe:1")
    streams = ("-map", "0:V:0", "-map", "0:a:0?")
    return (
        *opening(name, "-skip_frame", "nokey"),
        *(*streams, "-c", "copy", "-f", "null", "-"),
        *(*streams, "-f", "null", "-"),
        *("-progress", "pipe:1"),
    )
