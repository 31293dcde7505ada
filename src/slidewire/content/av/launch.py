"""Becomes ffmpeg, fenced in: limits first, then the program that was asked for (security 7, durability 21).

Started as ``python -m slidewire.content.av.launch SPACE CPU SIZE CORES PARENT PROGRAM ARGUMENT...``. Standard library
only, for it runs once for every file.
"""

import os
import resource
import sys

from slidewire.content.fence import confine

#: Niceness of an encode, for which nobody waits as for an answer, and of a look: behind serving and sending.
_LAST, _LOW = 19, 10


def main() -> None:
    """Entry point: address space in bytes, CPU seconds, bytes of a written file, cores (0: all), our parent's id."""
    space, cpu, size, cores, parent = map(int, sys.argv[1:6])
    confine(parent, _LAST if cores else _LOW)
    # whoever wakes up goes first
    os.sched_setscheduler(0, os.SCHED_IDLE if cores else os.SCHED_BATCH, os.sched_param(0))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])  # its threads are as many
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    os.execv(sys.argv[6], sys.argv[6:])  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main()
