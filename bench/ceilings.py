"""What this machine can do at best: these programs never change with the product.

The bare server: uvicorn with httptools and uvloop, the body read, a 300-byte answer.
"""

import argparse
import socket
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


def main() -> None:
    """Serve until killed; prints the port."""
    parser = argparse.ArgumentParser()
    parser.parse_args()
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
