"""The MIME reader: two levels, and nothing that a carrier or a phone might stumble over."""

import base64

import pytest
from tests.simulator.builder import multipart, named, part

from slidewire.simulator.multipart import MAX_PARTS, Part, read_entity, walk
from slidewire.simulator.status import RefusedError

RELATED = 'multipart/related; type="text/xml"; start="<soap>"; boundary="outer"'
MIXED = "multipart/mixed; boundary=outer"
FIRST = part("text/xml; charset=utf-8", b"<x/>", "Content-ID: <soap>")
DATA = bytes(range(256))


def refusal(content_type: str, body: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        read_entity(content_type, body)
    assert refused.value.code.number == 2007
    return refused.value.sentence


def mixed(*parts: bytes) -> Part:
    return read_entity(MIXED, multipart(list(parts)))


def test_reads_two_levels() -> None:
    inner = multipart([named("image/png", "a.png", DATA), named("text/plain", "b.txt", b"hi")], "in")
    second = part("multipart/mixed; boundary=in", inner, "Content-ID: <mms>")
    entity = read_entity(RELATED, multipart([FIRST, second]))
    assert [(one.type, one.content_id, one.location, one.body) for one in walk(entity)] == [
        ("multipart/related", "", "", b""),
        ("text/xml", "soap", "", b"<x/>"),
        ("multipart/mixed", "mms", "", b""),
        ("image/png", "a.png", "a.png", DATA),
        ("text/plain", "b.txt", "b.txt", b"hi"),
    ]


@pytest.mark.parametrize(
    ("encoding", "body", "decoded"),
    [
        pytest.param("binary", DATA, DATA, id="binary"),
        pytest.param("BINARY", DATA, DATA, id="in capitals"),
        pytest.param("8bit", "é".encode(), "é".encode(), id="8bit"),
        pytest.param("7bit", b"hello", b"hello", id="7bit"),
        pytest.param("base64", base64.encodebytes(DATA).replace(b"\n", b"\r\n"), DATA, id="base64 in lines"),
        pytest.param("base64", base64.b64encode(b"short"), b"short", id="base64 in one short line"),
        pytest.param("base64", b"", b"", id="base64 of nothing"),
    ],
)
def test_undoes_the_transfer_encoding(encoding: str, body: bytes, decoded: bytes) -> None:
    entity = mixed(part("application/octet-stream", body, f"Content-Transfer-Encoding: {encoding}"))
    assert entity.parts[0].body == decoded


def test_a_body_may_hold_what_looks_like_a_boundary_elsewhere() -> None:
    body = b"--outer--\r\nx --outer\r\n\r\n-- outer"
    assert mixed(part("text/plain", b"a" + body)).parts[0].body == b"a" + body


def test_unfolds_headers_and_quotes() -> None:
    entity = mixed(part('text/plain;\r\n charset="us-ascii"; name="a\\b.txt"', b""))
    assert dict(entity.parts[0].media_type.parameters) == {"charset": "us-ascii", "name": "ab.txt"}


def with_headers(*headers: str) -> bytes:
    return multipart([part("text/plain", b"x", *headers)])


ENCODING = "Content-Transfer-Encoding"


@pytest.mark.parametrize(
    ("content_type", "body", "says"),
    [
        pytest.param("multipart/mixed", multipart([FIRST]), "no boundary", id="no boundary"),
        pytest.param("multipart/mixed; boundary=" + "b" * 71, b"", "no boundary", id="a boundary too long"),
        pytest.param('multipart/mixed; boundary="a "', b"", "no boundary", id="a boundary with a space at its end"),
        pytest.param(MIXED, b"hello\r\n" + multipart([FIRST]), "does not begin", id="a preamble"),
        pytest.param(MIXED, multipart([FIRST]) + b"bye", "follows", id="an epilogue"),
        pytest.param(MIXED, multipart([FIRST])[:-13], "not closed", id="no closing boundary"),
        pytest.param(MIXED, b"", "does not begin", id="nothing"),
        pytest.param(MIXED, b"--outer--\r\n", "no part", id="no part"),
        pytest.param(MIXED, multipart([FIRST]).replace(b"\r\n", b"\n"), "goes on", id="line feeds only"),
        pytest.param(MIXED, multipart([FIRST]).replace(b"--outer\r", b"--outer \r", 1), "goes on", id="padding"),
        pytest.param(MIXED, multipart([part("text/plain", b"\r\n--outer2")]), "goes on", id="a longer boundary"),
        pytest.param(MIXED, multipart([b"hello"]), "no headers", id="a part without headers"),
        pytest.param(MIXED, multipart([b"\r\n\r\nhello"]), "no headers", id="a part with empty headers"),
        pytest.param(MIXED, multipart([b""]), "no headers", id="an empty part"),
        pytest.param(MIXED, multipart([b"Content-ID: <a>\r\n\r\nx"]), "no Content-Type", id="no Content-Type"),
        pytest.param(MIXED, multipart([FIRST] * (MAX_PARTS + 1)), "more than", id="a bomb of parts"),
        pytest.param(MIXED, multipart([FIRST, FIRST]), "used 2 times", id="a Content-ID twice"),
        pytest.param(
            MIXED,
            multipart([part("text/plain", b"", f"Content-ID: <{n}>", "Content-Location: a") for n in (1, 2)]),
            "used 2 times",
            id="a Content-Location twice",
        ),
        pytest.param(MIXED, with_headers("Content-ID: soap"), "angle brackets", id="a Content-ID without brackets"),
        pytest.param(MIXED, with_headers("Content-ID: <a b>"), "angle brackets", id="a space in a Content-ID"),
        pytest.param(MIXED, with_headers("Content-ID: <é>"), "ASCII", id="a Content-ID that is not ASCII"),
        pytest.param(MIXED, with_headers("Content-Location: é.jpg"), "ASCII", id="a location that is not ASCII"),
        pytest.param(MIXED, with_headers("Content-Location: a b.jpg"), "file name", id="a location with a space"),
        pytest.param(MIXED, with_headers("Content-Location: ../a.jpg"), "file name", id="a location with a path"),
        pytest.param(MIXED, with_headers(f"Content-Location: {'a' * 41}"), "longer", id="a location too long"),
        pytest.param(MIXED, multipart([part('text/plain; name="ä"', b"")]), "ASCII", id="a name not ASCII"),
        pytest.param(MIXED, multipart([part('text/plain; name="a/b"', b"")]), "file name", id="a name with a slash"),
        pytest.param(MIXED, with_headers("Content-Type: text/html"), "twice", id="a header twice"),
        pytest.param(MIXED, with_headers("no colon"), "cannot be read", id="a header without its colon"),
        pytest.param(MIXED, with_headers("X: a\x07b"), "cannot be read", id="a control character in a header"),
        pytest.param(MIXED, with_headers("X: a\nY: b"), "cannot be read", id="a bare line feed in a header"),
        pytest.param(MIXED, with_headers(f"X: {'y' * 9000}"), "longer", id="a header of nine thousand bytes"),
        pytest.param(MIXED, with_headers(*(f"X{n}: y" for n in range(30))), "more than", id="thirty headers"),
        pytest.param(MIXED, multipart([part("text", b"")]), "no Content-Type", id="half a type"),
        pytest.param(MIXED, multipart([part("text/plain; charset", b"")]), "cannot be read", id="half a parameter"),
        pytest.param(MIXED, multipart([part("text/plain;", b"")]), "cannot be read", id="a semicolon at the end"),
        pytest.param(MIXED, multipart([part("a/b; c=1; C=2", b"")]), "twice", id="a parameter twice"),
        pytest.param("", b"", "no Content-Type", id="no type at all"),
        pytest.param("multipart/related; boundary=é", b"", "ASCII", id="a type that is not ASCII"),
        pytest.param(MIXED, with_headers(f"{ENCODING}: quoted-printable"), "none that we take", id="quoted-printable"),
        pytest.param(
            MIXED, multipart([part("text/plain", b"\xe9", f"{ENCODING}: 7bit")]), "above 127", id="7bit that is not"
        ),
        pytest.param(MIXED, multipart([part("text/plain", b"\0", f"{ENCODING}: 8bit")]), "NUL", id="8bit with a NUL"),
        pytest.param(
            MIXED, multipart([part("a/b", b"****", f"{ENCODING}: base64")]), "base64 and is not", id="no base64"
        ),
        pytest.param(
            MIXED, multipart([part("a/b", b"YWJ", f"{ENCODING}: base64")]), "base64 and is not", id="broken base64"
        ),
        pytest.param(
            MIXED, multipart([part("a/b", b"YQ==YQ==", f"{ENCODING}: base64")]), "base64 and is not", id="two in one"
        ),
        pytest.param(
            MIXED, multipart([part("a/b", b"Y" * 80, f"{ENCODING}: base64")]), "line is longer", id="an endless line"
        ),
        pytest.param(
            MIXED,
            multipart([part("multipart/mixed; boundary=b", b"LS1i", f"{ENCODING}: base64")]),
            "may not be base64",
            id="a multipart in base64",
        ),
        pytest.param(
            "multipart/related; start=soap; boundary=outer", multipart([FIRST]), "lacks its parameter type", id="type"
        ),
        pytest.param(
            'multipart/related; type="text/xml"; boundary=outer', multipart([FIRST]), "parameter start", id="start"
        ),
        pytest.param(
            'multipart/related; type="text/xml"; start="soap"; boundary=outer',
            multipart([FIRST]),
            "angle",
            id="bare start",
        ),
        pytest.param(
            RELATED.replace("<soap>", "<other>"), multipart([FIRST]), "another Content-ID", id="another start"
        ),
        pytest.param(RELATED.replace("text/xml", "a/b"), multipart([FIRST]), "but the first part", id="another type"),
        pytest.param(RELATED.replace('"text/xml"', "text/xml"), multipart([FIRST]), "cannot be read", id="no quotes"),
    ],
)
def test_refuses(content_type: str, body: bytes, says: str) -> None:
    assert says in refusal(content_type, body)


def test_refuses_a_third_level() -> None:
    body = part("text/plain", b"x")
    for boundary in ("c", "b"):
        body = part(f"multipart/mixed; boundary={boundary}", multipart([body], boundary))
    assert "deeper" in refusal("multipart/mixed; boundary=a", multipart([body], "a"))


def test_reads_a_large_body_in_linear_time() -> None:
    noise = b"\r\n--oute" * 60_000
    assert mixed(part("application/octet-stream", noise)).parts[0].body == noise
