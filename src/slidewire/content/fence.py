"""How a process that opens hostile media gives up whatever it does not need, before it opens any (durability 21).

Standard library only: what is confined loads nothing else first.
"""

import ctypes
import os
import resource
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
#: File descriptors: its three, the libraries that it loads, the file it reads.
_FILES: Final = 64


def confine(parent: int, nice: int) -> None:
    """No network where the kernel lets us, no new rights, an end with ``parent``, a low priority.

    Ends the process when its parent is already gone.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # Where the kernel lets anyone: no network. First, for a change of credentials cancels the signal below.
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    end_with(parent, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # The parent says when to stop: a signal to the whole group must not cut off a job.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with(parent: int, how: signal.Signals) -> None:
    """Have the system send us ``how`` when ``parent`` has ended; when it already has, end now."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0)
    if os.getppid() != parent:  # it died before the signal was ordered
        os._exit(0)
