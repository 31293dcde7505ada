"""What this machine can do at best: these programs never change with the product.

The bare server: uvicorn with httptools and uvloop, the body read, a 300-byte answer. The bare image library: a JPEG
decoded at a fraction of its size, resized, saved once.
"""

import argparse
import io
import json
import socket
import time
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

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
