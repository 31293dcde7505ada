"""The log: for people on a terminal, JSON lines elsewhere, always on standard error and never obeyed by a terminal."""

import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from slidewire.cli.terminal import visible

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

#: Libraries that tell more than anybody asked for.
_QUIET = ("uvicorn", "asyncio", "aiohttp", "alembic", "PIL", "sqlalchemy")


def set_up_logs(level: str, stream: TextIO | None = None, *, as_json: bool = False) -> None:
    """Send our log and the libraries' to ``stream`` (standard error), from ``level`` on: debug to error.

    ``as_json``: also where it is a terminal.
    """
    to = stream or sys.stderr
    least = getattr(logging, level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # the plain traceback: others print variables, and secrets with them
        _made_visible,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    out = logging.StreamHandler(to)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(to, as_json)],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[out], level=least, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))


def _renderer(stream: TextIO, as_json: bool) -> "Processor":
    if stream.isatty() and not as_json:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()


def _made_visible(_logger: Any, _method: str, event: "EventDict") -> "EventDict":
    """Every text without control characters; a traceback keeps its lines (security 11)."""
    return {
        visible(key): visible(value, lines=key == "exception") if isinstance(value, str) else value
        for key, value in event.items()
    }
