"""The demo's own web server: it serves, it catches, and nothing sent to it breaks it."""

import asyncio

import pytest

from slidewire.demo.loopback import File, Loopback, free_port, get


async def raw(loopback: Loopback, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", loopback.port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read(-1)
    writer.close()
    return answer


async def test_serves_files_and_counts_who_asked() -> None:
    async with Loopback() as loopback:
        loopback.files["/a.jpg"] = File("image/jpeg", b"picture")
        assert await get(f"{loopback.url}/a.jpg?x=1") == b"picture"
        with pytest.raises(OSError, match="answered 404"):
            await get(f"{loopback.url}/b.jpg")
        assert loopback.hits == 1


async def test_catches_what_is_posted_in_order() -> None:
    told: list[bytes] = []
    async with Loopback(on_post=told.append) as loopback:
        for body in (b"one", b"two"):
            answer = await raw(loopback, b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n" + body)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert loopback.posts == told == [b"one", b"two"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"DELETE / HTTP/1.1\r\n\r\n", b"HTTP/1.1 404", id="another method"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", b"HTTP/1.1 413", id="a huge body"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 413", id="a negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"", id="a length that is none"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort", b"", id="a body cut off"),
        pytest.param(b"hello\r\n\r\n", b"", id="no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\n", b"", id="half a head"),
        pytest.param(b"GET /" + b"x" * 100_000, b"", id="an endless line"),
    ],
)
async def test_what_is_no_request_of_ours_breaks_nothing(request_: bytes, status: bytes) -> None:
    async with Loopback() as loopback:
        assert (await raw(loopback, request_))[:12] == status
        loopback.files["/a"] = File("text/plain", b"still here")
        assert await get(f"{loopback.url}/a") == b"still here"
        assert loopback.posts == []


async def test_a_free_port_is_given_once_and_a_server_may_take_it() -> None:
    ports = [free_port() for _ in range(400)]
    assert len(set(ports)) == 400
    async with Loopback(ports[0]) as loopback:
        loopback.files["/a"] = File("text/plain", b"here")
        assert await get(f"http://127.0.0.1:{ports[0]}/a") == b"here"
