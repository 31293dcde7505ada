"""Compressed answers that nobody asked for (settled 17)."""

import gzip
import zlib

import pytest

from slidewire.outbound.inflate import PIECE, DamagedError, Inflater

BODY = bytes(range(256)) * 1000


def bare(body: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(body) + deflate.flush()


def inflated(encoding: str, data: bytes, step: int) -> bytes:
    inflater = Inflater(encoding)
    found = b"".join(
        piece for start in range(0, len(data), step) for piece in inflater.pieces(data[start : start + step])
    )
    inflater.finish()
    return found


@pytest.mark.parametrize("step", [1, 7, 1000, 10**9])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        pytest.param("gzip", gzip.compress(BODY), id="gzip"),
        pytest.param(" GZip ", gzip.compress(BODY), id="gzip in odd letters"),
        pytest.param("x-gzip", gzip.compress(BODY), id="x-gzip"),
        pytest.param("deflate", zlib.compress(BODY), id="deflate as the standard says"),
        pytest.param("deflate", bare(BODY), id="deflate bare"),
        pytest.param("", BODY, id="none"),
        pytest.param("identity", BODY, id="identity"),
        pytest.param("gzip", BODY, id="a false label"),
        pytest.param("br", BODY, id="one that we do not know passes unchanged"),
        pytest.param("gzip", gzip.compress(BODY) + bytes(20), id="padding behind gzip"),
    ],
)
def test_inflates(encoding: str, data: bytes, step: int) -> None:
    assert inflated(encoding, data, step) == BODY


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(BODY)[:-9], id="cut"),
        pytest.param(gzip.compress(BODY)[:-8] + bytes(8), id="a wrong checksum"),
        pytest.param(gzip.compress(BODY)[:100] + b"x" * 100, id="broken inside"),
        pytest.param(b"\x1f\x8b", id="a start without the rest"),
        pytest.param(gzip.compress(b"a") + gzip.compress(b"b"), id="several members"),
    ],
)
def test_says_what_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedError):
        inflated("gzip", data, 10**9)


def test_gives_a_bomb_out_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(50_000_000), 9)
    pieces = Inflater("gzip").pieces(bomb)
    assert [len(next(pieces)) for _ in range(3)] == [PIECE] * 3
