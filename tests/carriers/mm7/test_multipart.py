import time

import pytest

from slidewire.carriers.mm7.multipart import read_content_type, soap_part
from slidewire.carriers.mm7.tree import MalformedError

TYPE = 'multipart/related; boundary="b 1"; type="text/xml"; start="<soap>"'
PICTURE = b"Content-Type: image/jpeg\r\nContent-ID: <pic>\r\n\r\n\xff\xd8\r\n"
SOAP = b"Content-Type: text/xml\r\nContent-ID: <soap>\r\n\r\n<a/>"


def body(*parts: bytes, gap: bytes = b"\r\n", padding: bytes = b"", end: bytes = b"--") -> bytes:
    lines = [gap + b"--b 1" + padding + gap + part for part in parts]
    return b"".join(lines) + gap + b"--b 1" + end + gap


@pytest.mark.parametrize(
    ("given", "content_type"),
    [
        pytest.param(b"<a/>", 'text/xml; charset="utf-8"', id="plain XML"),
        pytest.param(b"<a/>", "", id="no type"),
        pytest.param(body(SOAP, PICTURE), TYPE, id="first part"),
        pytest.param(body(PICTURE, SOAP), TYPE, id="start says which"),
        pytest.param(body(PICTURE, SOAP), TYPE.replace("<soap>", "soap"), id="start without brackets"),
        pytest.param(body(PICTURE, SOAP.replace(b"<soap>", b"soap")), TYPE, id="Content-ID without brackets"),
        pytest.param(body(PICTURE, SOAP), 'multipart/related; boundary="b 1"', id="no start: the XML part"),
        pytest.param(body(PICTURE, SOAP), 'MULTIPART/MIXED; start=nobody; BOUNDARY="b 1"', id="start names nobody"),
        pytest.param(body(SOAP.partition(b"\r\n\r\n")[2].join([b"\r\n", b""])), TYPE, id="a part without headers"),
        pytest.param(body(SOAP.replace(b"\r\n", b"\n"), gap=b"\n"), TYPE, id="line feeds alone"),
        pytest.param(body(SOAP, padding=b"  \t"), TYPE, id="blanks after the boundary"),
        pytest.param(b"preamble" + body(SOAP), TYPE, id="a preamble"),
        pytest.param(body(SOAP).rpartition(b"\r\n--b 1")[0], TYPE, id="no closing boundary"),
        pytest.param(
            body(SOAP.replace(b"<a/>", b"PGE\r\nvPg==").replace(b"ID:", b"Transfer-Encoding: base64\r\nContent-ID:")),
            TYPE,
            id="base64",
        ),
        pytest.param(
            body(SOAP.replace(b"<a/>", b"=3Ca/>").replace(b"ID:", b"Transfer-Encoding: Quoted-Printable\r\nX:")),
            TYPE,
            id="quoted-printable",
        ),
        pytest.param(body(SOAP.replace(b"text/xml", b"text/xml;\r\n charset=utf-8")), TYPE, id="a folded header"),
    ],
)
def test_finds_the_soap_part(given: bytes, content_type: str) -> None:
    assert soap_part(given, content_type) == b"<a/>"


@pytest.mark.parametrize(
    ("given", "content_type"),
    [
        pytest.param(b"", TYPE, id="no part"),
        pytest.param(b"x--b 1\r\n\r\n<a/>", TYPE, id="a boundary that does not start its line"),
        pytest.param(body(b"Content-Type: text/xml"), TYPE, id="headers that do not end"),
        pytest.param(body(b"X: " + b"x" * 9000 + b"\r\n\r\n<a/>"), TYPE, id="headers without end"),
        pytest.param(body(*[SOAP] * 70), TYPE, id="too many parts"),
        pytest.param(
            body(SOAP.replace(b"<a/>", b"x").replace(b"ID:", b"Transfer-Encoding: base64\r\nX:")), TYPE, id="not base64"
        ),
    ],
)
def test_refuses_what_has_none(given: bytes, content_type: str) -> None:
    with pytest.raises(MalformedError):
        soap_part(given, content_type)


def test_reads_a_content_type() -> None:
    value = ' Multipart/Related ; Boundary="a;b=c" ; start = <x>; start=<y>'
    assert read_content_type(value) == ("multipart/related", {"boundary": "a;b=c", "start": "<x>"})


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(b"--b 1", id="boundaries without a line break"),
        pytest.param(b"\r\n--b 1x\r\n", id="lines that begin like one"),
        pytest.param(b"\r\n--b 1" + b" " * 99, id="blanks without end"),
    ],
)
def test_takes_time_in_proportion(unit: bytes) -> None:
    """Ten times the bytes take about ten times as long, not a hundred."""

    def seconds(size: int) -> float:
        given = unit * (size // len(unit))
        started = time.process_time()
        with pytest.raises(MalformedError):
            soap_part(given, TYPE)
        return time.process_time() - started

    small = min(seconds(100_000) for _ in range(3))
    assert seconds(1_000_000) < 40 * small + 0.05
