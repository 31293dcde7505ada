"""Becomes ffmpeg, fenced in: limits first, then the program that was asked for (security 7, durability 21).

Started as ``python -m slidewire.content.av.launch SPACE CPU SIZE NICE PARENT PROGRAM ARGUMENT...``. Standard library
only, for it runs once for every file.
"""

import os
import resource
import sys

from slidewire.content.fence import confine


def main() -> None:
    """Entry point: address space in bytes, CPU seconds, bytes of a written file, niceness, our parent's id."""
    space, cpu, size, nice, parent = map(int, sys.argv[1:6])
    confine(parent, nice)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # whoever wakes up goes first
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    os.execv(sys.argv[6], sys.argv[6:])  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main()
