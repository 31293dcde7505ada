"""``slidewire serve``: one gateway process, from its settings to its last message."""

import asyncio
import gc
import os
import signal
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from slidewire.cli.options import ConfigFile, run, settings_of

if TYPE_CHECKING:
    from slidewire.settings import Settings

#: What a shell reports of a process that a second interrupt ended.
_INTERRUPTED = 130
#: Objects made and not gone before the collector looks at the young ones, and how many such looks make a deeper one.
_YOUNG, _MIDDLE, _OLD = 10_000, 20, 20


@unique
class Role(StrEnum):
    """What one process does of the whole."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


def serve(config: ConfigFile = None, role: Role = Role.ALL) -> None:
    """Run the gateway until it is told to stop.

    SIGTERM or Ctrl-C finishes what is under way, gives back the rest and ends; a second one ends at once.
    The log goes to standard error: lines for people on a terminal, JSON elsewhere.

    Example:
      slidewire serve --config /etc/slidewire.toml

    """
    from slidewire.cli.logs import set_up_logs

    settings = settings_of(config)
    set_up_logs(settings.log_level)
    run(_serve(settings, role))


async def _serve(settings: "Settings", role: Role) -> None:
    import structlog

    from slidewire import __version__
    from slidewire.runtime.gateway import Gateway

    log = structlog.get_logger("slidewire")
    told = stop_signal()
    gateway = Gateway(settings, role=role.value)
    addresses = await gateway.start()
    log.info("listening", version=__version__, role=role.value, api=addresses.api, admin=addresses.admin)
    _spare_collector()
    await told.wait()
    log.info("stopping", again="a second signal ends at once")
    await gateway.stop()
    log.info("stopped")


def _spare_collector() -> None:
    """Leave what was made at the start out of every garbage collection.

    It stays anyway, and looking through it holds up all requests for 80 ms, once in some thousand of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets; the second signal ends the process where it stands."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell() -> None:
        if told.is_set():
            os._exit(_INTERRUPTED)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell)
    return told
