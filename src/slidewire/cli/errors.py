"""What goes wrong, in one line that says what to do next; only a bug of ours shows a traceback.

Exceptions are known by their full name: importing their modules would cost every command the start-up time.
"""

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slidewire.cli.terminal import note, visible

#: Asked for in a way that cannot be understood: arguments and settings. Everything else that fails ends with 1.
WRONG_USE = 2
FAILED = 1


class CommandError(Exception):
    """A command that cannot do what it was asked, with what to do next."""

    def __init__(self, problem: str, advice: str = "", code: int = FAILED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.code = code


@dataclass(frozen=True, slots=True)
class Told:
    """What is printed of an error, and the exit code."""

    problem: str
    advice: str
    code: int = FAILED


@contextmanager
def ending_in_words() -> Iterator[None]:
    """What goes wrong inside ends the process, told in words; a bug of ours goes on as it is."""
    try:
        yield
    except Exception as error:
        known = told(error)
        if known is None:
            raise
        complain(known.problem, known.advice)
        sys.exit(known.code)


def complain(problem: str, advice: str = "") -> None:
    """The one line of a failure, and what to do next."""
    note(f"slidewire: {visible(problem)}")
    if advice:
        note(f"  {visible(advice)}")


def told(error: BaseException) -> Told | None:
    """``error`` in words, when it is no bug."""
    if isinstance(error, CommandError):
        return Told(error.problem, error.advice, error.code)
    for kind in type(error).__mro__:
        words = _KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if words is not None:
            return words(error)
    if isinstance(error, OSError):
        return _system(error)
    return None


def _settings(error: BaseException) -> Told:
    advice = "Settings are listed in docs/reference/settings.md; `slidewire check` tries them all."
    return Told(str(error), advice, WRONG_USE)


def _database(error: BaseException) -> Told:
    return Told(str(error), "Look at the setting `database` and at the server it names; `slidewire check` tries it.")


def _content_away(error: BaseException) -> Told:
    return Told(str(error), "Look at the setting `content` and at [s3]; `slidewire check` tries the bucket.")


def _driver(error: BaseException) -> Told:
    """The first line of what the driver says: the rest is our own statement."""
    cause = getattr(error, "orig", None) or error
    return _database(Exception(f"the database: {(str(cause).splitlines() or [repr(cause)])[0]}"))


def _no_account(error: BaseException) -> Told:
    return Told(f"there is no account {error}", "`slidewire account list` shows them all.")


def _refused(error: BaseException) -> Told:
    """What provisioning refuses: ours to say with which exit code."""
    code = WRONG_USE if getattr(error, "why").value in {"wrong", "taken"} else FAILED  # noqa: B009  # known by its name
    return Told(str(error), getattr(error, "advice"), code)  # noqa: B009  # likewise


def _account_setting(error: BaseException) -> Told:
    return Told(str(error), "Account settings are listed in docs/reference/account-settings.md.", WRONG_USE)


def _broken_disk(error: BaseException) -> Told:
    return Told(f"the disk failed: {error}", "Nothing was kept. Look at the disk and its free space, then start again.")


_KNOWN: dict[str, Callable[[BaseException], Told]] = {
    "slidewire.content.store.ContentAwayError": _content_away,
    "slidewire.settings.reading.SettingsError": _settings,
    "slidewire.store.database.DatabaseError": _database,
    "sqlalchemy.exc.SQLAlchemyError": _driver,
    "pysqlite3.dbapi2.Error": _driver,
    "asyncpg.exceptions._base.PostgresError": _driver,
    "asyncpg.exceptions._base.InterfaceError": _driver,
    "slidewire.store.database.BrokenDiskError": _broken_disk,
    "slidewire.store.accounts.NoSuchAccountError": _no_account,
    "slidewire.domain.account.SettingError": _account_setting,
    "slidewire.provisioning.refusals.RefusedError": _refused,
}

#: What the operating system refuses -> what to do about it.
_ADVICE = {
    errno.EADDRINUSE: "Stop what uses it (`ss -ltnp` shows it), or set another port.",
    errno.EADDRNOTAVAIL: "This machine does not have that address: set one that it has, such as 127.0.0.1.",
    errno.EACCES: "Run as the user who owns it, or name another place.",
    errno.EPERM: "Run as the user who owns it, or name another place.",
    errno.EROFS: "It lies on a file system that is read-only: name another place.",
    errno.ENOSPC: "The disk is full: make room, then try again.",
    errno.ECONNREFUSED: "Nothing listens there: start it, or set another address.",
}


def _system(error: OSError) -> Told | None:
    """What the operating system refused; one without its number is ours, and a bug."""
    if error.errno is None:
        return None
    place = f": {error.filename}" if error.filename else ""
    return Told(f"{error.strerror or error}{place}", _ADVICE.get(error.errno, ""))
