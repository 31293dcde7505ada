"""What metadata an image file carries, read from its bytes by our own eyes: written apart from content/strip.py."""

import struct


def leftovers(data: bytes) -> list[str]:
    """Everything in a JPEG, GIF or PNG that is not needed to show its pixels; empty for a clean file."""
    if data.startswith(b"\xff\xd8"):
        return _in_jpeg(data)
    if data.startswith(b"GIF8"):
        return _in_gif(data)
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), data[:16]
    return _in_png(data)


def jpeg_frames(data: bytes) -> list[int]:
    """The frame markers of a JPEG: [0xC0] for a baseline one."""
    return [
        marker for marker, _ in _jpeg_markers(data)[0] if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)
    ]


def _jpeg_markers(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    found: list[tuple[int, bytes]] = []
    at = 2
    while True:
        assert data[at] == 0xFF, at
        marker = data[at + 1]
        if marker == 0xD9:
            return found, at + 2
        length = struct.unpack_from(">H", data, at + 2)[0]
        found.append((marker, data[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == 0xDA:
            while not (data[at] == 0xFF and data[at + 1] not in (0, *range(0xD0, 0xD8))):
                at += 1


def _in_jpeg(data: bytes) -> list[str]:
    markers, end = _jpeg_markers(data)
    found = []
    for marker, content in markers:
        if marker == 0xFE or 0xE1 <= marker <= 0xED or marker == 0xEF:
            found.append(f"segment {marker:02x} {content[:12]!r}")
        if marker == 0xE0 and len(content) != 14:
            found.append("a thumbnail")
        if marker == 0xEE and len(content) != 12:
            found.append(f"Adobe {content!r}")
    if end != len(data):
        found.append(f"{len(data) - end} bytes behind the end")
    return found


def _in_gif(data: bytes) -> list[str]:
    found, at = [], 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 128 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            at += 10 + (3 * 2 ** ((data[at + 9] & 7) + 1) if data[at + 9] & 128 else 0) + 1
        else:
            assert data[at] == 0x21, at
            label, size = data[at + 1], data[at + 2]
            body = data[at + 3 : at + 3 + size]
            if not (label == 0xF9 and size == 4 and data[at + 7] == 0):
                following = data[at + 3 + size : at + 3 + size + 5]
                if not (
                    label == 0xFF and body == b"NETSCAPE2.0" and following[:2] == b"\x03\x01" and following[4:] == b"\0"
                ):
                    found.append(f"extension {label:02x} {body[:12]!r}")
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    if at + 1 != len(data):
        found.append(f"{len(data) - at - 1} bytes behind the end")
    return found


def _in_png(data: bytes) -> list[str]:
    found, at = [], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name not in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            found.append(f"chunk {name!r}")
        at += 12 + length
        if name == b"IEND" and at != len(data):
            found.append(f"{len(data) - at} bytes behind the end")
            break
    return found
