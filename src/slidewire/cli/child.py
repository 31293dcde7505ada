"""What runs in a process that ``slidewire serve --processes`` started: one gateway on sockets that it was given.

Started by the supervisor as ``python -m slidewire.cli.child ORDERS``; it reads settings and code anew.
"""

import os
import signal
import sys
from contextlib import suppress

import msgspec


class Orders(msgspec.Struct, frozen=True):
    """What the supervisor wants. Descriptors are inherited."""

    role: str
    config: str | None
    parent: int  #: its process id: we end with it
    sockets: dict[str, int]  #: setting -> the socket that listens there
    as_json: bool  #: the log, on a terminal too
    sheets: int | None = None  #: where all of us count; None: this supervisor is older than that
    ready: int = -1  #: where we say that we are up


def main() -> None:
    """Entry point: the orders come as JSON in the first argument."""
    from slidewire.cli.errors import ending_in_words
    from slidewire.cli.logs import set_up_logs
    from slidewire.cli.options import run, settings_of
    from slidewire.cli.serve import serve_until_told
    from slidewire.content.fence import end_with
    from slidewire.runtime.gateway import Gateway
    from slidewire.settings import Watched

    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    end_with(orders.parent, signal.SIGTERM)
    with ending_in_words():
        settings = settings_of(orders.config)
        set_up_logs(settings.log_level, as_json=orders.as_json)
        reread = Watched(orders.config)
        gateway = Gateway(settings, role=orders.role, given=orders.sockets, reread=reread, sheets=orders.sheets)
        run(serve_until_told(gateway, settings, orders.role, lambda: _say_ready(orders.ready)))


def _say_ready(mouth: int) -> None:
    with suppress(BrokenPipeError):  # a supervisor that was killed meanwhile: its end tells us to stop
        os.write(mouth, b"1")
    os.close(mouth)


if __name__ == "__main__":
    main()
