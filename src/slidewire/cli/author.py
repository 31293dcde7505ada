"""Who sits at the command line, for the audit log: the operating system's user (security 18)."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slidewire.domain.audit import By


def by_us() -> "By":
    """The change that is about to be made, ours and now."""
    from slidewire.domain.audit import By
    from slidewire.domain.ids import IdMaker
    from slidewire.runtime.clock import now

    return By(system_user(), now(), IdMaker(now)())


def system_user() -> str:
    """As the system knows us, whatever the environment says; the number of a user without a name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
