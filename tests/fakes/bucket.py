"""A bucket on loopback: moto's S3 server in a process of its own."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from slidewire.demo.loopback import free_port

NAME = "slidewire-content"


@dataclass
class Bucket:
    """Where it is; it can go away and come back empty."""

    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """[s3] for it, but for the folder."""
        return {"endpoint": self.endpoint, "region": "us-east-1", "access_key": "testing", "secret_key": "testing"}

    def start(self) -> None:
        """Serve, with an empty bucket."""
        arguments = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends = time.monotonic() + 60
        while not self._made():
            assert time.monotonic() < ends, "the bucket does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """Go away; what was in it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _made(self) -> bool:
        asked = urllib.request.Request(f"{self.endpoint}/{NAME}", method="PUT")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """A bucket that is there."""
    bucket = Bucket(free_port())
    bucket.start()
    try:
        yield bucket
    finally:
        bucket.stop()


def clear(folder: Path) -> None:
    """Drop every copy in ``folder``."""
    for path in folder.glob("*/*"):
        path.unlink()
