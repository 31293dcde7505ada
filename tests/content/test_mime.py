"""MIME by hand: exact bytes, exact sizes, read back by a reader that is not ours."""

import base64
import email
import email.message
import email.policy

import pytest

from slidewire.content import mime

ALL = bytes(range(256)) * 3 + b"\r\n\r\n.\r\n--x\r\n\n\n\r\r"


@pytest.mark.parametrize("encoding", ["binary", "base64"])
@pytest.mark.parametrize(
    "data", [b"", b"x", b"\r\n", ALL, bytes(5000), b"--" * 40], ids=lambda data: f"{len(data)} bytes"
)
def test_comes_back_as_it_went(data: bytes, encoding: str) -> None:
    body = (
        mime.head("=_b", "a.bin", "application/x", encoding) + mime.encode(data, encoding) + b"\r\n" + mime.tail("=_b")
    )
    whole = b"MIME-Version: 1.0\r\nContent-Type: " + mime.content_type("=_b", "a.bin").encode() + b"\r\n\r\n" + body
    message = email.message_from_bytes(whole, email.message.EmailMessage, policy=email.policy.HTTP)
    assert not message.defects
    (part,) = message.iter_parts()
    assert part.get_payload(decode=True) == data
    assert {name.lower(): str(value) for name, value in part.items()} == {
        "content-type": 'application/x; name="a.bin"',
        "content-id": "<a.bin>",
        "content-location": "a.bin",
        "content-transfer-encoding": encoding,
    }
    assert message.get_param("type") == "application/smil"
    assert message.get_param("start") == "<a.bin>"


@pytest.mark.parametrize("size", [*range(200), 1000, 4560, 9999])
def test_sizes_are_exact(size: int) -> None:
    encoded = mime.encode(bytes(size), "base64")
    assert mime.encoded_size(size, "base64") == len(encoded)
    assert base64.b64decode(encoded) == bytes(size)
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert mime.encoded_size(size, "binary") == size


@pytest.mark.parametrize("wire", [*range(-1, 300), 10_000, 600_000])
def test_the_most_that_fits(wire: int) -> None:
    most = mime.raw_size(wire, "base64")
    assert mime.encoded_size(most, "base64") <= max(wire, 0) < mime.encoded_size(most + 3, "base64")
    assert mime.raw_size(wire, "binary") == max(wire, 0)


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        pytest.param("Hello", "binary", "8bit", id="short lines"),
        pytest.param("Grüße 😀\nzwei", "binary", "8bit", id="Unicode"),
        pytest.param("x" * 999, "binary", "binary", id="a line that is too long for 8bit"),
        pytest.param("x\n" * 999, "binary", "8bit", id="many lines"),
        pytest.param("Hello", "base64", "7bit", id="ASCII over a route of seven bits"),
        pytest.param("Grüße", "base64", "base64", id="Unicode over it"),
        pytest.param("x" * 999, "base64", "base64", id="a long line over it"),
    ],
)
def test_text_stays_readable_where_it_may(text: str, encoding: str, name: str) -> None:
    assert mime.text_encoding(text.encode(), encoding) == name
