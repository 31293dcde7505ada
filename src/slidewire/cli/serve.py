"""``slidewire serve``: a gateway, one process or several, from its settings to its last message."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Annotated

import typer

from slidewire.cli.options import ConfigFile, LogAsJson, run, settings_of

if TYPE_CHECKING:
    from slidewire.cli.child import Orders
    from slidewire.runtime.gateway import Gateway
    from slidewire.runtime.supervisor import Child
    from slidewire.settings import Settings

#: What a shell reports of a process that a second interrupt ended.
_INTERRUPTED = 130
#: Objects made and not gone before the collector looks at the young ones, and how many such looks make a deeper one.
_YOUNG, _MIDDLE, _OLD = 10_000, 20, 20
#: What a process ends with that took too long to stop.
_LATE = 1


@unique
class Role(StrEnum):
    """What one process does of the whole."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


def serve(
    config: ConfigFile = None,
    as_json: LogAsJson = False,
    role: Role = Role.ALL,
    processes: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=64, help="Run N processes under a supervisor; else one, without."),
    ] = None,
) -> None:
    """Run the gateway until it is told to stop.

    SIGTERM or Ctrl-C finishes what is under way, gives back the rest and ends; a second one ends at once.
    With --processes a supervisor starts a process again that fell, and SIGHUP replaces them all, one after the other,
    without dropping a request: with new settings, and new code.
    The log goes to standard error: lines for people on a terminal, JSON elsewhere.

    Example:
      slidewire serve --config /etc/slidewire.toml --processes 2

    """
    from slidewire.cli.logs import set_up_logs

    settings = settings_of(config)
    set_up_logs(settings.log_level, as_json=as_json)
    if processes is not None:
        sys.exit(_supervise(settings, config, role, processes, as_json))
    run(_serve(settings, role, config))


async def _serve(settings: "Settings", role: Role, config: str | None) -> None:
    from slidewire.runtime.gateway import Gateway
    from slidewire.settings import Watched

    await serve_until_told(Gateway(settings, role=role.value, reread=Watched(config)), settings, role.value)


async def serve_until_told(
    gateway: "Gateway", settings: "Settings", role: str, ready: Callable[[], None] = lambda: None
) -> None:
    """From its start to its last message; ``ready`` is called when it is up."""
    import structlog

    from slidewire import __version__
    from slidewire.settings import read_span

    log = structlog.get_logger("slidewire")
    told = stop_signal()
    addresses = await gateway.start()
    log.info("listening", version=__version__, role=role, api=addresses.api, admin=addresses.admin)
    ready()
    _spare_collector()
    await told.wait()
    log.info("stopping", again="a second signal ends at once")
    late = asyncio.get_running_loop().call_later(read_span(settings.stop_limit), _end_late)
    await gateway.stop()
    late.cancel()
    log.info("stopped")


def _spare_collector() -> None:
    """Leave what was made at the start out of every garbage collection.

    It stays anyway, and looking through it holds up all requests for 80 ms, once in some thousand of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def _end_late() -> None:
    import structlog

    structlog.get_logger("slidewire").error("stopping took too long: ended where it stands")
    os._exit(_LATE)


def _supervise(settings: "Settings", config: str | None, role: Role, processes: int, as_json: bool) -> int:
    """Listen, then keep the processes; the exit code."""
    import structlog

    from slidewire.cli.child import Orders
    from slidewire.runtime.listening import open_socket, url_of
    from slidewire.runtime.rehearsal import rehearse
    from slidewire.runtime.sheets import make_sheets
    from slidewire.runtime.supervisor import Supervisor, roles_of
    from slidewire.settings import read_span

    rehearse(settings)
    sockets = {key: open_socket(getattr(settings, key), key) for key in ("listen", "admin_listen")}
    roles, sheets = roles_of(role.value, processes), make_sheets()

    def again() -> float:
        fresh = settings_of(config)
        rehearse(fresh)
        for key in sockets:
            if getattr(fresh, key) != getattr(settings, key):
                structlog.get_logger("slidewire").warning("a changed address needs a new start", setting=key)
        return read_span(fresh.stop_limit)

    def spawn(each: str) -> "Child":
        serves = each != Role.WORKER or role is Role.WORKER
        given = {key: made.fileno() for key, made in sockets.items()} if serves else {}
        return _spawn(Orders(each, config, os.getpid(), given, as_json, sheets))

    urls = {"api": url_of(sockets["listen"]), "admin": url_of(sockets["admin_listen"])}
    structlog.get_logger("slidewire").info("supervising", processes=roles, **urls)
    return Supervisor(roles, spawn, again).run()


def _spawn(orders: "Orders") -> "Child":
    import msgspec

    from slidewire.runtime.supervisor import start

    ready, mouth = os.pipe2(os.O_CLOEXEC)
    told = msgspec.json.encode(msgspec.structs.replace(orders, ready=mouth)).decode()
    command = [sys.executable, "-m", "slidewire.cli.child", told]
    shared = () if orders.sheets is None else (orders.sheets,)
    return start(command, (*orders.sockets.values(), *shared), ready, mouth)


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
