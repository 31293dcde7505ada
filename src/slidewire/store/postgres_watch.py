"""Connections to PostgreSQL that notice when the server's machine is gone: it says nothing (docs/adr/0204)."""

import socket
from typing import Any

import asyncpg

#: Seconds: a network that loses a packet or two is none that is gone.
_LEAST = 5.0


def watched(seconds: float) -> type[asyncpg.Connection]:
    """The driver's connections, given up after about so many seconds without a sign of life from the server's machine.

    One that lost its power or its network says nothing more, and who waits for its answer would wait for ever. A
    statement that takes long is none of that: the machine acknowledges meanwhile.
    """

    class Watched(asyncpg.Connection):  # type: ignore[misc]  # it has no types
        def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
            super().__init__(protocol, transport, *rest)
            _watch(transport.get_extra_info("socket"), seconds)

    return Watched


def _watch(sock: Any, seconds: float) -> None:
    if sock.family == socket.AF_UNIX:
        return
    seconds = max(seconds, _LEAST)
    options = {
        "TCP_KEEPIDLE": round(seconds / 2),
        "TCP_KEEPINTVL": round(seconds / 5),
        "TCP_KEEPCNT": 3,
        "TCP_USER_TIMEOUT": round(seconds * 1000),
    }
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):  # not every system has each
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
