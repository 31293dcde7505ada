"""How facts reach whoever asked: foreign text with its control characters escaped, JSON, tables (security 11).

Facts go to standard output, everything about how it went to standard error.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

#: C0 and C1 controls, DEL, line and paragraph separators, everything that turns or hides text, lone surrogates, tags.
#: The joiners U+200C and U+200D stay: scripts and emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: object, *, lines: bool = False) -> str:
    """``text`` without anything that a terminal obeys; ``lines`` lets line feeds through."""
    return _UNSEEN.sub(lambda found: found[0] if lines and found[0] == "\n" else _escaped(found[0]), str(text))


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def say(text: str = "") -> None:
    """One line of facts; what is foreign in it was made visible before."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """One line about how it goes."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """``value`` as indented JSON that any terminal can be shown."""
    say(json_text(value))


def say_json_rows(rows: Iterable[Any]) -> None:
    """``rows`` as one JSON list with a row on each line, written as they come: a million of them are never held."""
    between = "["
    for row in rows:
        sys.stdout.write(f"{between}\n{json_text(row, indent=None)}")
        between = ","
    say("[]" if between == "[" else "\n]")


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """JSON, indented for people, readable in every script.

    Characters that a terminal obeys are escaped as JSON escapes them.
    """
    reads_all = (sys.stdout.encoding or "").lower() in {"utf-8", "utf8"}
    text = json.dumps(value, ensure_ascii=not reads_all, indent=indent, default=str)
    return _UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else _json_escaped(found[0]), text)


def _json_escaped(character: str) -> str:
    pair = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pair[start : start + 4]}" for start in range(0, len(pair), 4))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as wide as its content; every cell is made visible."""
    from rich.cells import cell_len  # a Chinese letter is two columns wide

    table = [[title.upper() for title in columns], *([visible(cell) for cell in row] for row in rows)]
    widths = [max(cell_len(row[n]) for row in table) for n in range(len(columns))]
    for row in table:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        say("  ".join(padded).rstrip())


def is_terminal() -> bool:
    """Whether somebody looks at standard output."""
    return sys.stdout.isatty()


def our_command() -> str:
    """How whoever runs this calls us: the name alone where the shell finds it, else the way to it."""
    ran = Path(sys.argv[0])
    if shutil.which("slidewire") or ran.name != "slidewire":
        return "slidewire"
    return os.path.relpath(ran)


def byte_count(size: int) -> str:
    """``2,431,022 bytes``, in words that nobody has to count digits of."""
    return f"{size:,} bytes"
