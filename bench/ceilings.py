"""What this machine can do at best: these programs never change with the product.

The bare server: uvicorn with httptools and uvloop, the body read, a 300-byte answer. The bare image library: a JPEG
decoded at a fraction of its size, resized, saved once.
"""

import argparse
import asyncio
import io
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from pysqlite3 import dbapi2

from bench.load import Caller

_ANSWER = b"x" * 300
_HEADERS = [(b"content-type", b"text/html; charset=UTF-8"), (b"content-length", b"300")]


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body, answer 300 bytes."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


def fit_image(path: Path, box: tuple[int, int], count: int) -> None:
    """Pillow's shortest way from a JPEG to one inside ``box`` at quality 82; prints CPU seconds and bytes."""
    from PIL import Image

    before = time.process_time()
    for _ in range(count):
        out = io.BytesIO()
        with Image.open(io.BytesIO(path.read_bytes()), formats=["JPEG"]) as image:
            scale = min(1.0, box[0] / image.width, box[1] / image.height)
            size = (round(image.width * scale), round(image.height * scale))
            image.draft("RGB", size)
            image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0).save(out, "JPEG", quality=82)
    print(json.dumps({"cpu_seconds": time.process_time() - before, "bytes": out.tell(), "pixels": size}))


def fsyncs(folder: Path, seconds: float) -> float:
    """Writes of 4 kB a second, each on disk before the next."""
    count, ends = 0, time.perf_counter() + seconds
    handle = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        while time.perf_counter() < ends:
            os.pwrite(handle, b"x" * 4096, 4096 * (count % 1000))
            os.fsync(handle)
            count += 1
    finally:
        os.close(handle)
    return count / seconds


def inserts(folder: Path, seconds: float, group: int = 32) -> float:
    """Rows of 1 kB a second that SQLite takes ``group`` to a commit, each commit on disk."""
    database = dbapi2.connect(folder / "inserted.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT)")
    count, ends = 0, time.perf_counter() + seconds
    while time.perf_counter() < ends:
        database.execute("BEGIN IMMEDIATE")
        rows = [(f"{count + n:032x}", "x" * 1000) for n in range(group)]
        database.executemany("INSERT INTO rows VALUES (?, ?)", rows)
        database.execute("COMMIT")
        count += group
    database.close()
    return count / seconds


def posts(port: int, image: str, seconds: float, connections: int = 8) -> float:
    """SubmitReq bodies with the picture a second that one process posts to the sink, and nothing else."""
    return uvloop.run(_post_on(port, _submit(Path(image).read_bytes(), port), seconds, connections))


def _submit(picture: bytes, port: int) -> bytes:
    """A request as our MM7 client writes it, near enough: an envelope, a text, a picture."""
    boundary = b"--=_bench"
    parts = b"".join(
        boundary + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + body + b"\r\n"
        for kind, body in (
            (b"text/xml", b"<x:Envelope><TransactionID>1</TransactionID>" + b" " * 1400 + b"</x:Envelope>"),
            (b"text/plain; charset=utf-8", b"bench 00000001"),
            (b"image/jpeg", picture),
        )
    )
    body = parts + boundary + b"--\r\n"
    head = (
        f"POST /mm7 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: multipart/related; "
        f'boundary="=_bench"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    return head.encode() + body


async def _post_on(port: int, request: bytes, seconds: float, connections: int) -> float:
    count, ends = 0, time.perf_counter() + seconds

    async def one() -> None:
        nonlocal count
        _, caller = await asyncio.get_running_loop().create_connection(Caller, "127.0.0.1", port)
        while time.perf_counter() < ends:
            await caller.ask(request)
            count += 1

    await asyncio.gather(*(one() for _ in range(connections)))
    return count / seconds


def main() -> None:
    """Serve until killed, and print the port; or, with --image, fit it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", type=Path)
    parser.add_argument("--box", type=int, nargs=2, default=(2592, 1944))
    parser.add_argument("--count", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.image:
        fit_image(arguments.image, tuple(arguments.box), arguments.count)
        return
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        bare, http="httptools", loop="uvloop", lifespan="off", access_log=False, log_level="error", ws="none"
    )
    uvloop.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
