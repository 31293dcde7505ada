"""One request for many receivers with one image: how long its answer takes, what it costs in memory and fetches."""

import random
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.cases import Scale
from bench.peers import Plan, gateway, pss_mb, running, tally

RECEIVERS = 10_000
#: Small enough that the picture must be made smaller.
_ROUTE = "max_bytes = 60000"
BODY = (
    "<REQUEST><ACTION>{action}</ACTION><API_KEY>{key}</API_KEY>{fields}<FROM>24680</FROM><NAME>bulk</NAME>"
    "<SUBJECT>Bulk</SUBJECT><SLIDE><IMAGE><URL>{media}</URL></IMAGE><TEXT>bench 00000001</TEXT></SLIDE></REQUEST>"
)


def bulk(_scale: Scale, database: str = "") -> dict[str, Any]:
    """10,000 receivers."""
    return batch(RECEIVERS, database)


def batch(receivers: int, database: str) -> dict[str, Any]:
    """One batch, from its request to the last message that the sink has."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        _large_picture(folder / "picture.jpg")
        sinking = ["bench.sink", "--image", str(folder / "picture.jpg")]
        _, sink = stack.enter_context(running(sinking, folder / "sink.log"))
        plan = Plan(folder, sink, database=database, route=_ROUTE)
        served = stack.enter_context(gateway(plan))
        media = f"http://127.0.0.1:{sink}/media/picture.jpg"

        def ask(action: str, fields: str) -> str:
            body = BODY.format(action=action, key=served.key, fields=fields, media=media)
            request = urllib.request.Request(f"http://127.0.0.1:{served.port}/API/wxml/1.3/", body.encode())
            with urllib.request.urlopen(request, timeout=60) as answer:
                return str(answer.read().decode())

        ask("sendMMS", "<TO>15557650001</TO>")  # whatever is loaded once is loaded
        _until(lambda: int(tally(sink)["count"]) == 1, "the first message")
        fetched = tally(sink)["fetches"]
        memory = stack.enter_context(_Memory(served.pid))
        began = time.monotonic()
        numbers = ",".join(f"1202555{n:04}" for n in range(receivers))
        answer = ask("sendBatch", f"<TO>{numbers}</TO><CACHE_CONTENT>false</CACHE_CONTENT>")
        answered = time.monotonic() - began
        found = answer.partition("<BATCHID>")[2].partition("<")[0]
        _until(lambda: "<WAITING>0<" in ask("getBatch", f"<BATCHID>{found}</BATCHID>"), "its messages")
        expanded = time.monotonic() - began
        _until(lambda: int(tally(sink)["count"]) >= receivers + 1, "its last message")
        return {
            "receivers": receivers,
            "answered_after_s": answered,
            "expanded_after_s": expanded,
            "sent_after_s": time.monotonic() - began,
            "sent": tally(sink)["count"] - 1,
            "fetches": tally(sink)["fetches"] - fetched,
            "fitted_images": sum(1 for each in (folder / "content").glob("**/fitted/**/*") if each.is_file()),
            "more_memory_mb": memory.most - memory.before,
        }


def _large_picture(path: Path) -> None:
    """A JPEG that is far over the route's limit."""
    from PIL import Image

    image = Image.effect_noise((1200, 1200), 60).convert("RGB")
    image.putpixel((0, 0), (random.Random(7).randrange(256), 0, 0))
    image.save(path, "JPEG", quality=80)


def _until(is_so: Any, what: str, limit: float = 600.0) -> None:
    ends = time.monotonic() + limit
    while not is_so():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.1)


class _Memory:
    """What a process and its children hold at most while this is open."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch)
        self.before = self.most = pss_mb(pid)

    def __enter__(self) -> "_Memory":
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, pss_mb(self._pid))
