"""What is measured: accept beside the bare server, accept while sending until all is delivered, memory."""

import io
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers import Gateway, Plan, cpu_seconds, gateway, load, pss_mb, running, serving, tally

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


def accept(scale: Scale, database: str = "") -> dict[str, Any]:
    """Accept (text and a 30 kB JPEG that is fresh in the cache) and, to the end, delivery of all of it."""
    return median([_accept_round(scale, database) for _ in range(scale.rounds)])


def accept_alone(scale: Scale, database: str = "") -> dict[str, Any]:
    """The same, accepted by ``--role api`` alone; a worker delivers all of it afterwards."""
    return median([_alone_round(scale, database) for _ in range(scale.rounds)])


def median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle of each figure, with all rounds beside."""
    middle: dict[str, Any] = {}
    for name in rounds[0]:
        values = [each[name] for each in rounds]
        middle[name] = statistics.median(values) if isinstance(values[0], int | float) else values[-1]
    middle["rounds"] = rounds
    return middle


def _accept_round(scale: Scale, database: str) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        ceiling = _ceiling(folder, scale.seconds / 2)
        _, sink = stack.enter_context(
            running(["bench.sink", "--image", str(folder / "picture.jpg")], folder / "sink.log")
        )
        plan = Plan(folder, sink, database=database)
        running_gateway = stack.enter_context(gateway(plan))
        idle = pss_mb(running_gateway.pid)
        orders = orders_of(running_gateway, sink)
        load(**orders | {"seconds": 2.0, "rate": 50})  # fills the cache, starts the media child
        warm = _wait_all(sink, 2)
        before = cpu_seconds(running_gateway.pid)
        done = load(**orders | {"seconds": scale.seconds, "first": 10_000_000})
        sent_meanwhile = tally(sink)["distinct"] - warm
        busy = pss_mb(running_gateway.pid)
        drained = time.perf_counter()
        delivered = _wait_all(sink, warm + done["success"]) - warm
        drain = time.perf_counter() - drained
        cpu = cpu_seconds(running_gateway.pid) - before
        return {
            "ceiling_rate": ceiling["rate"],
            "accept_rate": done["rate"],
            "accept_share_of_ceiling": done["rate"] / ceiling["rate"],
            "accept_p50_ms": done["p50_ms"],
            "accept_p99_ms": done["p99_ms"],
            "accepted": done["success"],
            "refused": sum(done["refused"].values()),
            "sent_rate_while_accepting": sent_meanwhile / done["seconds"],
            "sent_share_of_accepted": sent_meanwhile / max(done["success"], 1),
            "delivered": delivered,
            "all_delivered": delivered == done["success"],
            "end_to_end_rate": delivered / (done["seconds"] + drain),
            "cpu_ms_a_message": 1000 * cpu / max(delivered, 1),
            "load_cpu_ms_a_message": 1000 * done["cpu_seconds"] / max(done["success"], 1),
            "idle_pss_mb": idle,
            "busy_pss_mb": busy,
            "refusals": done["refused"],
        }


def _alone_round(scale: Scale, database: str) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        ceiling = _ceiling(folder, scale.seconds / 2)
        image = str(folder / "picture.jpg")
        _, sink = stack.enter_context(running(["bench.sink", "--image", image], folder / "sink.log"))
        with gateway(Plan(folder, sink, database=database), role="api") as api:
            orders = orders_of(api, sink)
            warm = load(**orders | {"seconds": 2.0, "rate": 50})["success"]
            before = cpu_seconds(api.pid)
            done = load(**orders | {"seconds": scale.seconds, "first": 10_000_000})
            cpu = cpu_seconds(api.pid) - before
        with serving(api.config, api.port, folder / "worker.log", role="worker"):
            delivered = _wait_all(sink, warm + done["success"]) - warm
        return {
            "ceiling_rate": ceiling["rate"],
            "accept_rate": done["rate"],
            "accept_share_of_ceiling": done["rate"] / ceiling["rate"],
            "accept_p50_ms": done["p50_ms"],
            "accept_p99_ms": done["p99_ms"],
            "accept_cpu_ms_a_message": 1000 * cpu / max(done["success"], 1),
            "accepted": done["success"],
            "delivered": delivered,
            "all_delivered": delivered == done["success"],
            "refusals": done["refused"],
        }


def orders_of(api: Gateway, sink: int) -> dict[str, Any]:
    """What the load posts to a gateway: text and a picture that the sink serves."""
    return {
        "port": api.port,
        "path": "/API/wxml/1.3/",
        "body": BODY.replace("{key}", api.key),
        "connections": _CONNECTIONS,
        "media": f"http://127.0.0.1:{sink}/media/picture.jpg",
    }


def _ceiling(folder: Path, seconds: float) -> dict[str, Any]:
    """The bare server with the same body and connections, in the same run."""
    with running(["bench.ceilings"], folder / "ceiling.log") as (_, port):
        return load(
            port=port,
            path="/",
            body=BODY,
            connections=_CONNECTIONS,
            seconds=seconds,
            media="http://127.0.0.1:8000/media/picture.jpg",
            accept_any=True,
        )


def _wait_all(sink: int, wanted: int, limit: float = 180.0) -> int:
    """Wait until ``wanted`` distinct texts have arrived; how many have."""
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        if (arrived := tally(sink)["distinct"]) >= wanted:
            time.sleep(0.3)
            return int(tally(sink)["distinct"])
        time.sleep(0.1)
    return int(arrived)
