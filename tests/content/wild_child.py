"""A media child that misbehaves as its job's bytes say, behind the very fence of the real one."""

import ctypes
import os
import signal
import socket
import sys
import time
from pathlib import Path

import msgspec

from slidewire.content.child import fence, serve
from slidewire.content.jobs import Answer, ChildLimits, Inspected, Job, Refused


def work(job: Job) -> Answer:  # noqa: C901  # a list of misdeeds
    """``what amount``: do it, and answer a picture as wide as this process has done jobs."""
    what, _, amount = job.source.data.decode().partition(" ")
    match what:
        case "exit":
            os._exit(3)
        case "crash":
            ctypes.string_at(0)
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(float(amount))
        case "grow":
            hog = bytearray(int(amount))
            return Inspected(len(hog), 0, 1)
        case "write":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            Path(amount).write_bytes(b"x")
        case "term":
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
        case "print":
            print("an answer that is none", flush=True)
            os.write(1, b"another")
        case "network":
            socket.create_connection(("127.0.0.1", int(amount)), timeout=2).close()
        case "other":
            return Refused("corrupt", "as ordered")
        case "environment":
            return Refused("corrupt", " ".join(sorted(os.environ)))
        case "nice":
            return Inspected(os.nice(0), len(list(Path("/proc/self/fd").iterdir())), 1)
        case "garbage":
            os.write(int(amount), b"\x00\x00\x00\x04junk")
            time.sleep(60)
        case "endless":
            os.write(int(amount), b"\xff\xff\xff\xff")
            time.sleep(60)
    global done
    done += 1
    return Inspected(done, os.getpid(), 1)


done = 0
limits = msgspec.json.decode(sys.argv[1], type=ChildLimits)
fence(limits)
serve(limits, work)
