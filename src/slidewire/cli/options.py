"""The options that every command has, and what they lead to."""

import asyncio
import inspect
import re
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from slidewire.settings import Settings
    from slidewire.store.database import Connection

T = TypeVar("T")

#: Seconds that a thread may keep the interpreter while another waits: the writer thread shares it (performance 9).
_SWITCH = 0.0005

ConfigFile = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Settings file; else slidewire.toml where there is one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LogAsJson = Annotated[bool, typer.Option("--json", help="The log is JSON on a terminal too.")]


def add_command(app: typer.Typer, name: str, command: Callable[..., None], words: str, **settings: Any) -> None:
    """Give ``app`` a command; ``words`` stand in the list of commands, its docstring in its own help.

    The lines of its example, and of a table, are printed as they are.
    """
    told = inspect.cleandoc(command.__doc__ or "")
    told = re.sub(r"^(?=Example:|\S[^\n]*:\n  )", "\b\n", told, flags=re.MULTILINE)
    app.command(name, help=told, short_help=words, **settings)(command)


def settings_of(config: str | None) -> "Settings":
    """The settings that a command works with. Raises SettingsError."""
    from slidewire.settings import load

    return load(config)


def checked(config: str | None) -> str:
    """For commands that bring settings of their own: the file that was named must be good. Its log level.

    Raises SettingsError.
    """
    return settings_of(config).log_level if config is not None else "info"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end, on the loop and at the pace of the gateway."""
    import uvloop

    sys.setswitchinterval(_SWITCH)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def read_store(settings: "Settings", fn: "Callable[[Connection], T]") -> T:
    """What ``fn`` finds in the database. Raises DatabaseError, SettingsError."""
    return run(_in_store(settings, fn, writing=False))


def write_store(settings: "Settings", fn: "Callable[[Connection], T]") -> T:
    """Run ``fn`` in one transaction; a running gateway's writes and ours take turns. Raises as ``read_store``."""
    return run(_in_store(settings, fn, writing=True))


def erase_in_store(settings: "Settings", fn: "Callable[[Connection], T]") -> "tuple[T, bool]":
    """As ``write_store``, and no copy of what it overwrote is left in files of ours; False: for a moment there is."""

    async def erase() -> "tuple[T, bool]":
        from slidewire.runtime.offline import open_store

        async with open_store(settings) as database:
            return await database.write(fn), await database.forget()

    return run(erase())


async def _in_store(settings: "Settings", fn: "Callable[[Connection], T]", *, writing: bool) -> T:
    from slidewire.runtime.offline import open_store

    async with open_store(settings) as database:
        return await (database.write(fn) if writing else database.read(fn))
