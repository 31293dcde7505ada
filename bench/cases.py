"""What the cases share: the request, its picture, how long a run is, the middle of several rounds."""

import io
import random
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers import Gateway, cpu_seconds, load, running

BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY>'
    "<TO>15557650001</TO><FROM>24680</FROM><SUBJECT>Free coupon!</SUBJECT><NAME>Membership coupon</NAME>"
    "<SLIDE><IMAGE><URL>{media}</URL></IMAGE><TEXT>Hi! Thank you for joining us! bench {n}</TEXT>"
    "<DURATION>5</DURATION></SLIDE><CLIENT_REFERENCE>order-{n}</CLIENT_REFERENCE></REQUEST>"
)
_CONNECTIONS = 32


@dataclass(frozen=True)
class Scale:
    """How long a run is."""

    seconds: float = 8.0
    rounds: int = 3
    stored: int = 0  #: messages that lie in the full store; 0: as many as the case says
    asked: float = 0.0  #: seconds of a case that is one long run; 0: as long as the case says


def picture(path: Path, size: int = 30_000) -> None:
    """A JPEG of about ``size`` bytes."""
    from PIL import Image

    noise = random.Random(7)
    image = Image.effect_noise((480, 480), 60).convert("RGB")
    image.putpixel((0, 0), (noise.randrange(256), 0, 0))
    for quality in range(90, 10, -3):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        if out.tell() <= size:
            break
    path.write_bytes(out.getvalue())


def median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle of each figure, with all rounds beside."""
    middle: dict[str, Any] = {}
    for name in rounds[0]:
        values = [each[name] for each in rounds]
        middle[name] = statistics.median(values) if isinstance(values[0], int | float) else values[-1]
    middle["rounds"] = rounds
    return middle


def orders_of(api: Gateway, sink: int) -> dict[str, Any]:
    """What the load posts to a gateway: text and a picture that the sink serves."""
    return {
        "port": api.port,
        "path": "/API/wxml/1.3/",
        "body": BODY.replace("{key}", api.key),
        "connections": _CONNECTIONS,
        "media": f"http://127.0.0.1:{sink}/media/picture.jpg",
    }


def bare_rate(folder: Path, seconds: float) -> dict[str, Any]:
    """The bare server with the same body and connections, in the same run; what a request costs it in CPU beside."""
    with running(["bench.ceilings"], folder / "ceiling.log") as (process, port):
        before = cpu_seconds(process.pid)
        done = load(
            port=port,
            path="/",
            body=BODY,
            connections=_CONNECTIONS,
            seconds=seconds,
            media="http://127.0.0.1:8000/media/picture.jpg",
            accept_any=True,
        )
        cpu = cpu_seconds(process.pid) - before
    return done | {"server_cpu_ms": 1000 * cpu / max(done["success"], 1)}
