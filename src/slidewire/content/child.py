"""What runs in a media child: fenced in before its first job, one job at a time, gone when its parent is.

Started by the pool as ``python -m slidewire.content.child LIMITS``. It holds no secret, opens no socket and can
write no file; whatever a hostile file does to it is lost with it (durability 21, security 8).
"""

import math
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from slidewire.content.fence import confine
from slidewire.content.fitting import CannotFitError
from slidewire.content.jobs import (
    CORRUPT,
    MAX_MESSAGE,
    NO_FIT,
    OVERSIZE,
    PREFIX,
    Answer,
    ChildLimits,
    FitJob,
    InspectJob,
    Job,
    PdfJob,
    PdfSeen,
    Refused,
    Source,
)
from slidewire.content.shapes import CorruptError, OversizeError


def fence(limits: ChildLimits) -> None:
    """Give up whatever a job does not need; ends the process when its parent is already gone."""
    confine(limits.parent, limits.nice)
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def serve(limits: ChildLimits, work: Callable[[Job], Answer]) -> None:
    """Answer jobs from stdin on stdout until stdin ends."""
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not reach the parent as an answer
    decoder, encoder = msgspec.msgpack.Decoder(Job), msgspec.msgpack.Encoder()
    while (message := _read(jobs)) is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
        answer = encoder.encode(work(decoder.decode(message)))
        answers.write(len(answer).to_bytes(PREFIX, "big"))
        answers.write(answer)
        answers.flush()


def _read(jobs: BinaryIO) -> bytes | None:
    """The next message; None at the end."""
    prefix = jobs.read(PREFIX)
    length = int.from_bytes(prefix, "big")
    if len(prefix) < PREFIX or length > MAX_MESSAGE:
        return None
    message = jobs.read(length)
    return message if len(message) == length else None


def do(job: Job) -> Answer:
    """Look at one file, or fit one image."""
    try:
        return _done(job)
    except CorruptError as error:
        return Refused(CORRUPT, str(error))
    except OversizeError as error:
        return Refused(OVERSIZE, str(error))
    except CannotFitError as error:
        return Refused(NO_FIT, str(error), error.size)


def _done(job: Job) -> Answer:
    data = _bytes_of(job.source)
    # Libraries are loaded here, so that a child is fenced in before, and has only those that it needs.
    match job:
        case InspectJob():
            from slidewire.content import images

            return images.inspect(data, job.mime, job.max_pixels)
        case FitJob():
            from slidewire.content import images

            goal = images.Goal(job.budget, job.max_width, job.max_height, job.max_pixels, job.types)
            return images.fit(data, job.mime, goal)
        case PdfJob():
            from slidewire.content.pdf import read_pdf

            return PdfSeen(read_pdf(data))


def _bytes_of(source: Source) -> bytes:
    return Path(source.path).read_bytes() if source.path else source.data


def main() -> None:
    """Entry point: the limits come as JSON in the first argument."""
    limits = msgspec.json.decode(sys.argv[1], type=ChildLimits)
    fence(limits)
    serve(limits, do)


if __name__ == "__main__":
    main()
