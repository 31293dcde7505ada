"""Images that are damaged, bombs, or no images at all, each with the code that settled 17, 18 and 20 demand."""

import gzip
import struct
import zlib
from functools import partial

from tests.content import makers, odd_makers
from tests.content.makers import chunk
from tests.content.odd_makers import Frame, flipped, gif_of, png_of, with_segment, without_segment
from tests.story.corpus.case import JPEG as JPEG_TYPE
from tests.story.corpus.case import Case, refused, taken
from tests.story.corpus.pictures import PHOTO, SCRIPT, SIZE, moving, thousand

JPEG = makers.saved(PHOTO)
PROGRESSIVE = makers.saved(PHOTO, progressive=True)
PNG = makers.saved(PHOTO, "PNG")
GIF = moving(3)
WEBP = makers.saved(PHOTO, "WEBP")
MOVING_WEBP = moving(3, "WEBP")

#: Format -> a whole file, and bytes below which nothing tells what it is: E629; cut off later, E341 (adr 0020).
WHOLE = {
    "JPEG": (JPEG, 3),
    "progressive JPEG": (PROGRESSIVE, 3),
    "PNG": (PNG, 8),
    "GIF": (GIF, 6),
    "WebP": (WEBP, 12),
    "animated WebP": (MOVING_WEBP, 12),
}
CUT = [
    refused(f"{name} cut to its first {known - 1} bytes", lambda d=data, n=known: d[: n - 1], "E629")  # type: ignore[misc]
    for name, (data, known) in WHOLE.items()
]
CUT += [
    refused(f"{name} cut at {told}", lambda d=data, n=at: d[:n], "E341")  # type: ignore[misc]
    for name, (data, known) in WHOLE.items()
    for told, at in {
        "its first mark": known,
        "byte 20": 20,
        "a tenth": len(data) // 10,
        "its half": len(data) // 2,
        "nine tenths": len(data) * 9 // 10,
        "its last byte but one": len(data) - 2,
        "its last byte": len(data) - 1,
    }.items()
]
FLIPPED = [
    refused("JPEG whose first byte is another", lambda: flipped(JPEG, 0), "E629"),
    refused("JPEG without its end mark's FF", lambda: flipped(JPEG, -2), "E341"),
    refused("JPEG without quantisation", lambda: without_segment(JPEG, 0xDB), "E341"),
    refused("JPEG without code tables", lambda: without_segment(PROGRESSIVE, 0xC4), "E341"),
    refused("JPEG without a frame", lambda: without_segment(JPEG, 0xC0), "E341"),
    refused("JPEG of two frames", lambda: with_segment(JPEG, 0xC0, b"\x08\x00\x50\x00\x78\x01\x01\x11\x00"), "E341"),
    refused("JPEG with a segment that is too long", lambda: JPEG[:2] + b"\xff\xe5\xff\xff" + JPEG[2:], "E341"),
    refused("JPEG of twelve bits", lambda: JPEG.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), "E341"),
    refused("JPEG of nine colours", lambda: JPEG.replace(b"\x03\x01\x22\x00", b"\x09\x01\x22\x00"), "E341"),
    *(refused(f"PNG with byte {at} turned over", partial(flipped, PNG, at), "E341") for at in (8, 17, 30, 45, 900)),
    refused("PNG with its end turned over", lambda: flipped(PNG, -5), "E341"),
    refused("PNG with a filter that there is not", lambda: png_of((8, 8, 8, 2), (b"\x09" + bytes(24)) * 8), "E341"),
    refused("PNG with too few rows", lambda: png_of((8, 8, 8, 2), bytes(25) * 3), "E341"),
    refused("PNG with a depth that there is not", lambda: png_of((8, 8, 3, 2), bytes(25) * 8), "E341"),
    refused("PNG of a colour type that there is not", lambda: png_of((8, 8, 8, 7), bytes(25) * 8), "E341"),
    refused(
        "PNG with a palette of nothing", lambda: png_of((8, 8, 8, 3), bytes(9) * 8, extra=chunk(b"PLTE", b"")), "E341"
    ),
    refused("PNG without pixels", lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "E341"),
    refused(
        "PNG whose pixels are no deflate", lambda: PNG[:33] + chunk(b"IDAT", b"no deflate at all") + PNG[-12:], "E341"
    ),
    refused("GIF without a picture", lambda: gif_of((16, 16), []), "E341"),
    refused(
        "GIF with a code size that there is not",
        lambda: gif_of((16, 16), [Frame()]).replace(b"\x07\xff", b"\x0d\xff"),
        "E341",
    ),
    refused("GIF with an unknown block", lambda: gif_of((16, 16), [Frame()], extra=b"\x99\x00"), "E341"),
    refused("GIF that only begins as one", lambda: b"GIF89a/*" + SCRIPT + b"*/", "E341"),
    refused("GIF of an unknown version", lambda: b"GIF90a" + GIF[6:], "E629"),
    refused("WebP with another chunk name", lambda: WEBP.replace(b"VP8 ", b"VP9 "), "E341"),
    refused("WebP with its first frame mark turned over", lambda: flipped(WEBP, 23), "E341"),
    refused("WebP, a canvas and nothing on it", lambda: odd_makers.webp_canvas(64, 64), "E341"),
]
EMPTY = [
    refused("JPEG of 0 x 0", lambda: makers.resized_header(JPEG, 0, 0), "E341"),
    refused("JPEG of 0 x 80", lambda: makers.resized_header(JPEG, 0, 80), "E341"),
    refused("JPEG of 120 x 0", lambda: makers.resized_header(JPEG, 120, 0), "E341"),
    refused("PNG of 0 x 0", lambda: makers.png(0, 0), "E341"),
    refused("PNG of 9 x 0", lambda: makers.png(9, 0), "E341"),
    refused("GIF of 0 x 0", lambda: gif_of((0, 0), [Frame(width=0, height=0)]), "E341"),
    refused("WebP of 0 x 0", lambda: WEBP[:26] + bytes(4) + WEBP[30:], "E341"),
]
#: Refused by their headers, before they cost memory (issue 3, part 2; security 8; adr 0022).
BOMBS = [
    refused("PNG of 64 megapixels in 200 kB", lambda: makers.png_bomb(8000), "E331"),
    refused("PNG that says 2147483647 x 2147483647", lambda: makers.png(2**31 - 1, 2**31 - 1), "E331"),
    refused("PNG that says 60000 x 60000 in one bit", lambda: makers.png(60000, 60000, 1, 0), "E331"),
    refused("PNG that says 26 megapixels", lambda: makers.png(5100, 5100), "E331"),
    refused("JPEG that says 65535 x 65535", lambda: makers.resized_header(JPEG, 65535, 65535), "E331"),
    refused("JPEG that says 51 megapixels", lambda: makers.resized_header(JPEG, 7500, 6800), "E331"),
    refused("progressive JPEG that says 36 megapixels", lambda: makers.resized_header(PROGRESSIVE, 6000, 6000), "E331"),
    refused("JPEG of 70 scans", lambda: scans(70), "E331"),
    refused("GIF with a screen of 65535 x 65535", lambda: gif_of((65535, 65535), [Frame()]), "E331"),
    refused("GIF with a frame far off the screen", lambda: gif_of((16, 16), [Frame(left=60000, top=60000)]), "E331"),
    refused("GIF of 1001 frames", lambda: gif_of((8, 8), [Frame(width=8, height=8)] * 1001), "E331"),
    refused(
        "GIF of 200 frames of a megapixel", lambda: gif_of((1000, 1000), [Frame(n % 99) for n in range(200)]), "E331"
    ),
    refused("WebP with a canvas of 16384 x 16384", lambda: odd_makers.webp_canvas(16384, 16384), "E331"),
    refused(
        "WebP of 13 megapixels", lambda: makers.saved(PHOTO.resize((4000, 3300)), "WEBP", quality=5, method=0), "E331"
    ),
    refused("WebP of 1001 frames", lambda: more_frames(thousand("WEBP")), "E331"),
    refused("JPEG over its bytes", lambda: JPEG + bytes(3_000_000), "E331"),
    refused("GIF over its bytes", lambda: GIF + bytes(1_024_000), "E331"),
    taken("JPEG with a profile that inflates", lambda: makers.saved(PHOTO, icc_profile=bytes(60_000)), JPEG_TYPE, SIZE),
    taken(
        "PNG with a profile that inflates to 100 MB",
        lambda: with_chunk(b"iCCP", b"x\x00\x00" + inflating()),
        "image/png image/jpeg",
        SIZE,
    ),
    taken(
        "PNG with a text that inflates to 100 MB",
        lambda: with_chunk(b"zTXt", b"x\x00\x00" + inflating()),
        "image/png image/jpeg",
        SIZE,
    ),
]
#: Recognised or not, sendMMS takes none of these: E629; E229 where only the element is another's (settled 18).
STRANGERS = [
    refused("SVG", lambda: makers.SVG, "E629", header="image/svg+xml", path=".svg"),
    refused("SVG served as a JPEG", lambda: makers.SVG, "E629", header="image/jpeg", path=".jpg"),
    refused(
        "SVG with an outside entity",
        lambda: b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        "E629",
    ),
    refused("SVG in gzip", lambda: gzip.compress(makers.SVG), "E629"),
    refused("a web page", lambda: makers.HTML, "E629", header="image/jpeg"),
    refused("a web page behind white space", lambda: b" \r\n\t" * 50 + makers.HTML, "E629"),
    refused("XML", lambda: b'<?xml version="1.0"?><a/>', "E629"),
    refused("BMP", lambda: makers.saved(PHOTO, "BMP"), "E629", header="image/bmp"),
    refused("TIFF", lambda: makers.saved(PHOTO, "TIFF"), "E629", header="image/tiff"),
    refused("JPEG 2000", lambda: makers.saved(PHOTO, "JPEG2000"), "E629"),
    refused("an icon", lambda: makers.saved(PHOTO, "ICO"), "E629"),
    refused("TGA", lambda: makers.saved(PHOTO, "TGA"), "E629"),
    refused("PCX", lambda: makers.saved(PHOTO, "PCX"), "E629"),
    refused("PPM", lambda: makers.saved(PHOTO, "PPM"), "E629"),
    refused("PostScript", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "E629"),
    refused("HEIC", lambda: makers.mp4(b"heic", ()), "E629", header="image/heic"),
    refused("AVIF", lambda: makers.mp4(b"avif", ()), "E629", header="image/avif"),
    refused("an archive", lambda: b"PK\x03\x04" + bytes(100), "E629"),
    refused("a program", lambda: b"\x7fELF" + bytes(100), "E629"),
    refused("random bytes", lambda: bytes(range(255, 0, -1)) * 9, "E629"),
    refused("zeros", lambda: bytes(5000), "E629"),
    refused("one byte", lambda: b"\xff", "E629"),
    refused("words", lambda: b"This is not a picture.", "E629", header="text/plain"),
    refused("zero bytes", lambda: b"", "E351"),
]
BROKEN: list[Case] = [*CUT, *FLIPPED, *EMPTY, *BOMBS, *STRANGERS]


def scans(count: int) -> bytes:
    """A JPEG that refines its pixels over and over: each scan costs a pass over all of them."""
    start = PROGRESSIVE.rindex(b"\xff\xda")
    return PROGRESSIVE[:-2] + PROGRESSIVE[start:-2] * count + b"\xff\xd9"


def more_frames(webp: bytes) -> bytes:
    """The same with its last frame twice."""
    last = webp.rindex(b"ANMF")
    body = webp[8:] + webp[last:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def inflating() -> bytes:
    return zlib.compress(bytes(100_000_000), 9)


def with_chunk(name: bytes, content: bytes) -> bytes:
    """The PNG with one more chunk behind its header."""
    return PNG[:33] + chunk(name, content) + PNG[33:]
