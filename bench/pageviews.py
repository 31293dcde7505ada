"""How many page views a second one process serves: the page, its picture, its film whole and in ranges."""

import asyncio
import tempfile
import time
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.builders import DAY, a_message
from tests.content.makers import mp4
from tests.store.kit import stored

from bench.cases import Scale, bare_rate, median, picture
from bench.peers import Plan, add_account, cpu_seconds, load, pss_mb, serving, write_config
from slidewire.content.store import FolderStore
from slidewire.demo.loopback import free_port
from slidewire.domain.ids import new_token
from slidewire.domain.message import Content, Kind, Part, Slide
from slidewire.settings import load as settings
from slidewire.store.database import open_database
from slidewire.store.links import LinkKey, add_link, new_link

_KEY = "a server key of the benchmarks"
_PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"
_FILM = 1_000_000  #: bytes
_PIECE = "bytes=0-65535"  #: what a player asks for first
_CONNECTIONS = 16
#: What is asked for -> each request of one turn: the end of its address, and its range.
_KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "page": (("", ""),),
    "picture": (("/1-image-480", ""),),
    "film": (("/2-video.mp4", ""),),
    "film_in_ranges": (("/2-video.mp4", _PIECE),),
    "view": (("", ""), ("/1-image-480", ""), ("/2-video.mp4", _PIECE)),
}


def pages(scale: Scale, database: str = "") -> dict[str, Any]:
    """Views a second by kind, each beside the bare server of the same round; ``view`` is all that a phone asks for."""
    return median([_round(scale, database) for _ in range(scale.rounds)])


def _round(scale: Scale, database: str) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-pages-")))
        picture(folder / "picture.jpg")
        bare = bare_rate(folder, scale.seconds / 2)
        port = free_port()
        config = write_config(Plan(folder, 9, database=database), port)
        config.write_text(f'server_key = "{_KEY}"\n{config.read_text()}')
        add_account(config)
        token = asyncio.run(_publish(config, folder))
        process = stack.enter_context(serving(config, port, folder / "gateway.log", role="api"))
        found: dict[str, Any] = {"bare_server_rate": bare["rate"], "bare_server_cpu_ms": bare["server_cpu_ms"]}
        for kind, turn in _KINDS.items():
            asks = [_asked(port, f"/m/{token}{end}", span) for end, span in turn]
            orders = {"port": port, "path": "/", "body": "", "connections": _CONNECTIONS, "asks": asks}
            load(**orders | {"seconds": 1.0})
            before = cpu_seconds(process.pid)
            done = load(**orders | {"seconds": scale.seconds})
            views = done["success"] / len(turn)
            figures = {
                "rate": done["rate"] / len(turn),
                "share_of_bare_server": done["rate"] / bare["rate"],
                "cpu_ms_a_view": 1000 * (cpu_seconds(process.pid) - before) / max(views, 1),
                "p50_ms": done["p50_ms"],
                "p99_ms": done["p99_ms"],
                "refused": sum(done["refused"].values()),
            }
            found |= {f"{kind}_{name}": value for name, value in figures.items()}
        return found | {"pss_mb": pss_mb(process.pid)}


def _asked(port: int, path: str, span: str) -> str:
    ranged = f"Range: {span}\r\n" if span else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {_PHONE}\r\n{ranged}\r\n"


async def _publish(config: Path, folder: Path) -> str:
    """A message with a picture and a film, and a link to its page; the link's token."""
    now = time.time_ns() // 1_000_000
    film = mp4()
    film += bytes(_FILM - len(film))
    bodies = ((folder / "picture.jpg").read_bytes(), film)
    photo, moving = [Content(sha256(body).hexdigest(), len(body), "") for body in bodies]
    parts = (
        Part(Kind.IMAGE, "", Content(photo.digest, photo.size, "image/jpeg", width=480, height=480)),
        Part(Kind.VIDEO, "", Content(moving.digest, moving.size, "video/mp4")),
    )
    slides = tuple(Slide(text="Hi! Thank you for joining us!", parts=(part,)) for part in parts)
    message = a_message(accepted_at=now, link_expires_at=now + DAY, slides=slides)
    token = new_token()
    database = open_database(settings(str(config)).database)
    try:
        async with FolderStore(folder / "content") as store:
            for body in bodies:
                await store.put(sha256(body).hexdigest(), body)
        await stored(database, message)
        link = new_link(message, token, LinkKey.of(_KEY.encode()), now)
        await database.write(lambda connection: add_link(connection, link))
    finally:
        await database.close()
    return token
