"""Media files made on the spot, every kind and every way of being broken: no file is kept in the repository."""

import random
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

#: What Image.save calls them.
PROGRESSIVE: dict[str, object] = {"progressive": True}


def photo(width: int, height: int, seed: int = 1) -> Image.Image:
    """An RGB picture with a photograph's spectrum: soft shapes, edges, fine grain, muted colours."""
    luminance = _clouds(width, height, octaves=12, seed=seed)
    blue, red = (_clouds(width, height, octaves=5, seed=seed + n).point(lambda v: 128 + (v - 128) // 3) for n in (1, 2))
    picture = Image.merge("YCbCr", (luminance, blue, red)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    dice = random.Random(seed)
    for _ in range(24):
        x, y, size = dice.randrange(width), dice.randrange(height), dice.randrange(2, max(3, width // 8))
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        draw.ellipse((x, y, x + size, y + size), outline=colour, width=max(1, width // 500))
    return picture


def _clouds(width: int, height: int, octaves: int, seed: int) -> Image.Image:
    """Noise of every size, the coarser the stronger; the same for the same seed."""
    dice = random.Random(seed)
    sheet = Image.new("L", (width, height), 128)
    amplitude, cells = 60.0, 4
    for _ in range(octaves):
        across, down = min(cells, width), max(1, min(cells * height // width, height))
        spread = amplitude
        noise = Image.frombytes("L", (across, down), dice.randbytes(across * down))
        noise = noise.point(lambda v, s=spread: int(128 + (v - 128) / 128 * s))
        sheet = ImageChops.add(sheet, noise.resize((width, height), Image.Resampling.BICUBIC), 1, -128)
        amplitude, cells = amplitude * 0.72, cells * 2
        if cells > max(width, height) * 2:
            break
    return sheet


def screenshot(width: int, height: int) -> Image.Image:
    """Flat areas and text: what PNG is made for."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, height // 8), fill=(30, 60, 160))
    for row in range(height // 6, height, 18):
        draw.text((10, row), f"Line {row}: the quick brown fox jumps over the lazy dog", fill="black")
    return picture


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green, blue and yellow corners, clockwise from the top left: shows every turn and flip."""
    picture = Image.new("RGB", (width, height), "gray")
    draw = ImageDraw.Draw(picture)
    across, down = width // 2, height // 2
    for left, top, colour in ((0, 0, "red"), (across, 0, "lime"), (across, down, "blue"), (0, down, "yellow")):
        draw.rectangle((left, top, left + across - 1, top + down - 1), fill=colour)
    return picture


def saved(picture: Image.Image, name: str = "JPEG", **how: object) -> bytes:
    out = BytesIO()
    picture.save(out, name, **how)
    return out.getvalue()


def exif(orientation: int = 1, gps: bool = True) -> bytes:
    """EXIF with an orientation, a camera's name and a place."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "SecretCamera"
    if gps:
        tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return tags.tobytes()


def stored_as(upright: Image.Image, orientation: int) -> Image.Image:
    """``upright`` as a camera stores it that says ``orientation``."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return upright.transpose(undo[orientation]) if orientation in undo else upright


def animation(count: int, width: int = 96, height: int = 72, seed: int = 5) -> list[Image.Image]:
    """A dot that wanders over a photograph, each frame another picture."""
    ground = photo(width, height, seed)
    frames = []
    for number in range(count):
        frame = ground.copy()
        x, y = number * 7 % width, number * 3 % height
        ImageDraw.Draw(frame).ellipse((x, y, x + width // 6, y + width // 6), fill=(255, number % 256, 0))
        frames.append(frame)
    return frames


def animated(frames: list[Image.Image], name: str = "GIF", millis: int = 80, **how: object) -> bytes:
    if name == "GIF":
        frames = [frame.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE) for frame in frames]
    return saved(frames[0], name, save_all=True, append_images=frames[1:], duration=millis, loop=0, **how)


# headers without a picture behind them


def png(width: int, height: int, depth: int = 8, colour: int = 2, body: bytes = b"") -> bytes:
    """A PNG that says what we want in its header and holds ``body`` as its packed pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(body or bytes(1000), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, content) for name, content in chunks)


def chunk(name: bytes, content: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(side: int) -> bytes:
    """A whole, valid, empty PNG of ``side`` x ``side`` pixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def resized_header(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame header claims another size."""
    at = next(at for at in range(2, len(jpeg)) if jpeg[at] == 0xFF and jpeg[at + 1] in (0xC0, 0xC2))
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


# sound and moving pictures: containers with nothing worth playing in them


def box(name: bytes, *inside: bytes) -> bytes:
    """One box of an ISO base media file."""
    content = b"".join(inside)
    return struct.pack(">I", len(content) + 8) + name + content


def mp4(brand: bytes = b"isom", tracks: tuple[bytes, ...] = (b"vide", b"soun"), moov_first: bool = True) -> bytes:
    """ftyp, moov with the tracks' handlers, mdat."""
    handlers = (box(b"hdlr", bytes(8), kind, bytes(13)) for kind in tracks)
    moov = box(b"moov", box(b"mvhd", bytes(100)), *(box(b"trak", box(b"mdia", one)) for one in handlers))
    mdat = box(b"mdat", bytes(5000))
    return box(b"ftyp", brand, bytes(4), brand, b"mp41") + (moov + mdat if moov_first else mdat + moov)


def mp3(frames: int = 20, tag: bytes = b"") -> bytes:
    """MPEG 1 layer III frames of 128 kbit/s at 44100 Hz, silent, behind ``tag``."""
    frame = b"\xff\xfb\x90\x00"
    return tag + (frame + bytes(417 - len(frame))) * frames


def id3(size: int = 200) -> bytes:
    """An ID3v2 tag of ``size`` bytes, padding only."""
    return b"ID3\x03\x00\x00" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + bytes(size)


WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"
    + bytes(4)
)
BMP = b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00" + bytes(60)
SVG = b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"

VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Doe;Jane;;;\r\nFN:Jane Doe\r\nTEL;TYPE=CELL:+15557650001\r\nEND:VCARD\r\n"


def large_vcard(size: int) -> bytes:
    """A vCard with so many bytes more, in a note of many lines: nothing makes it smaller."""
    note = b"NOTE:" + b"\r\n ".join(b"x" * 60 for _ in range(size // 63)) + b"\r\n"
    return VCARD.replace(b"END:VCARD", note + b"END:VCARD")


ICAL = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20300101T000000Z\r\n"
    b"DTSTART:20300102T100000Z\r\nSUMMARY:A long evening with\r\n  friends\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def pdf() -> bytes:
    """A PDF of one page with an old-style cross-reference table."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    return pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page)


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, the first its root, with an old-style cross-reference table."""
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + table + trailer
