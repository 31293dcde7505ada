"""The arguments that ffmpeg opens a file with: one demuxer, no other protocol, a list of decoders, caps on what it
decodes (security 7).
"""

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
#: What cameras, phones and editors write into these containers. ffmpeg knows some 500 decoders, most of them for what
#: nobody sends; each is code that a stranger's bytes would reach. Where a codec has several decoders, all are named.
_PICTURES: Final = (
    *("h264", "hevc", "av1", "libdav1d", "libaom-av1", "vp8", "libvpx", "vp9", "libvpx-vp9", "theora"),
    *("mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "h263", "h263i", "h263p", "mpeg1video", "mpeg2video", "mpegvideo"),
    *("mjpeg", "wmv1", "wmv2", "wmv3", "vc1", "dvvideo", "prores"),
)
_SOUNDS: Final = (
    *("aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "mp1float", "mp1", "ac3", "eac3", "alac", "flac"),
    *("amrnb", "libopencore_amrnb", "amrwb", "libopencore_amrwb", "qcelp", "evrc", "gsm_ms", "speex"),
    *("opus", "libopus", "vorbis", "libvorbis", "wmav1", "wmav2", "wmapro", "wmavoice"),
    *("adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms", "pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8"),
    *(
        f"pcm_{kind}{bits}{order}"
        for kind, bits in (("s", 16), ("s", 24), ("s", 32), ("f", 32), ("f", 64))
        for order in ("le", "be")
    ),
)
DECODERS: Final = ",".join((*_PICTURES, *_SOUNDS))
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
    fence = ("-protocol_whitelist", "file", "-format_whitelist", name, "-codec_whitelist", DECODERS, "-f", name)
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
