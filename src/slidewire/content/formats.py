"""Every format that we know by its bytes: one row each, and which of them sendMMS takes.

Recognising more than we take is on purpose: "a PDF behind IMAGE" and "we never saw this" are different
answers (settled 18).
"""

from enum import Enum, unique
from typing import Final

from slidewire.domain.message import Kind


@unique
class Format(Enum):
    """MIME type, the element that it belongs behind, the ending of its file name, other names of the type."""

    JPEG = "image/jpeg", Kind.IMAGE, ".jpg", ("image/jpg", "image/pjpeg")
    PNG = "image/png", Kind.IMAGE, ".png", ("image/x-png", "image/apng", "image/vnd.mozilla.apng")
    GIF = "image/gif", Kind.IMAGE, ".gif", ()
    WEBP = "image/webp", Kind.IMAGE, ".webp", ()
    BMP = "image/bmp", Kind.IMAGE, ".bmp", ("image/x-ms-bmp",)
    TIFF = "image/tiff", Kind.IMAGE, ".tif", ()
    SVG = "image/svg+xml", Kind.IMAGE, ".svg", ()
    HEIC = "image/heic", Kind.IMAGE, ".heic", ("image/heif",)
    AVIF = "image/avif", Kind.IMAGE, ".avif", ()

    MP3 = "audio/mpeg", Kind.AUDIO, ".mp3", ("audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/mpg")
    WAV = "audio/wav", Kind.AUDIO, ".wav", ("audio/x-wav", "audio/wave", "audio/vnd.wave")
    AAC = "audio/aac", Kind.AUDIO, ".aac", ("audio/x-aac", "audio/aacp")
    M4A = "audio/mp4", Kind.AUDIO, ".m4a", ("audio/x-m4a", "audio/m4a")
    AUDIO_3GP = "audio/3gpp", Kind.AUDIO, ".3ga", ("audio/3gpp2",)
    AMR = "audio/amr", Kind.AUDIO, ".amr", ("audio/amr-wb",)
    OGG = "audio/ogg", Kind.AUDIO, ".ogg", ("application/ogg",)

    MP4 = "video/mp4", Kind.VIDEO, ".mp4", ("video/x-m4v", "application/mp4")
    THREEGP = "video/3gpp", Kind.VIDEO, ".3gp", ("video/3gp",)
    THREEG2 = "video/3gpp2", Kind.VIDEO, ".3g2", ()
    MPEG = "video/mpeg", Kind.VIDEO, ".mpg", ("video/mpg", "video/x-mpeg", "video/mp2p")
    MPEG_TS = "video/mp2t", Kind.VIDEO, ".ts", ()
    MOV = "video/quicktime", Kind.VIDEO, ".mov", ()
    AVI = "video/x-msvideo", Kind.VIDEO, ".avi", ("video/avi", "video/msvideo")
    WMV = "video/x-ms-wmv", Kind.VIDEO, ".wmv", ("video/x-ms-asf", "audio/x-ms-wma")
    WEBM = "video/webm", Kind.VIDEO, ".webm", ("audio/webm", "video/x-matroska")

    VCARD = "text/vcard", Kind.VCARD, ".vcf", ("text/x-vcard", "text/directory")
    ICAL = "text/calendar", Kind.ICAL, ".ics", ("text/x-vcalendar", "application/ics")
    PDF = "application/pdf", Kind.PDF, ".pdf", ("application/x-pdf",)
    PKPASS = "application/vnd.apple.pkpass", Kind.PASSBOOK, ".pkpass", ()

    HTML = "text/html", None, ".html", ("application/xhtml+xml",)
    XML = "text/xml", None, ".xml", ("application/xml",)

    def __init__(self, type_: str, kind: Kind | None, ending: str, other_names: tuple[str, ...]) -> None:
        self.type = type_  #: the MIME type that the bytes have
        self.kind = kind  #: the element that it belongs behind; None: behind none
        self.ending = ending  #: of its file name, dot included
        self.names = frozenset((type_, *other_names))  #: every MIME type that says the same


#: What sendMMS takes (api.md 6, founding page).
SEND_FORMATS: Final = frozenset(
    {
        Format.JPEG,
        Format.PNG,
        Format.GIF,
        Format.WEBP,
        Format.MP3,
        Format.MP4,
        Format.THREEGP,
        Format.MPEG,
        Format.VCARD,
        Format.ICAL,
        Format.PDF,
    }
)

#: What saveMMS takes besides: audio and video are encoded, and passes are kept as they are (api.md 6).
SAVE_FORMATS: Final = SEND_FORMATS | {
    Format.WAV,
    Format.AAC,
    Format.M4A,
    Format.AMR,
    Format.OGG,
    Format.MOV,
    Format.AVI,
    Format.WMV,
    Format.WEBM,
    Format.PKPASS,
}

#: The format of a MIME type that we gave ourselves (Content.type).
BY_TYPE: Final = {format_.type: format_ for format_ in Format}

#: Declared types that say nothing: no disagreement to tell of (settled 25).
SILENT_TYPES: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})


def declared_type(header: str) -> str:
    """A Content-Type header's type alone: no parameters, lower case."""
    return header.partition(";")[0].strip().lower()
