"""The log: JSON lines where nobody looks, no control characters, no variables in tracebacks."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from slidewire.cli.logs import set_up_logs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, config = list(root.handlers), root.level, structlog.get_config()
    yield
    structlog.configure(**config)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_writes_json_lines_where_nobody_looks() -> None:
    out = io.StringIO()
    set_up_logs("info", out)
    structlog.get_logger("x").info("taken", bytes=5)
    structlog.get_logger("x").debug("not told")
    logging.getLogger("aiohttp.access").info("not told either")
    logging.getLogger("other").warning("of a library %s", "here")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line | {"timestamp": ""} for line in lines] == [
        {"event": "taken", "bytes": 5, "level": "info", "timestamp": ""},
        {"event": "of a library here", "level": "warning", "timestamp": ""},
    ]


def test_it_is_json_on_a_terminal_too_when_that_is_asked_for() -> None:
    out = Terminal()
    set_up_logs("info", out, as_json=True)
    structlog.get_logger("x").info("taken")
    assert json.loads(out.getvalue())["event"] == "taken"


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_nothing_in_it_is_obeyed_by_a_terminal(kind: type[io.StringIO]) -> None:
    out = kind()
    set_up_logs("info", out)
    structlog.get_logger("x").info("said \x1b]0;owned\x07", word="\x9b31m\u202e")
    logging.getLogger("other").warning("\x1b[2J\r\nforged line")
    printed = out.getvalue()
    assert "\\x1b]0;owned\\x07" in printed.replace("\\\\", "\\")
    assert not {"\x07", "\x9b", "\u202e", "\r"} & set(printed)
    assert "\x1b]" not in printed
    assert "\x1b[2J" not in printed
    assert len(printed.splitlines()) == 2


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_a_traceback_tells_no_variables(kind: type[io.StringIO]) -> None:
    out = kind()
    set_up_logs("info", out)
    secret = "s3cret"
    try:
        raise ValueError(f"of {len(secret)} letters\x1b[2J")
    except ValueError:
        structlog.get_logger("x").exception("broke")
    assert "ValueError: of 6 letters\\" in out.getvalue()
    assert "s3cret" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
