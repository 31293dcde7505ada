"""Files of phone numbers: read whole and judged whole before anything is done, with every bad line named."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slidewire.cli.errors import CommandError
from slidewire.cli.terminal import is_terminal, note, visible

#: Bad lines that are told; the rest is counted.
_TOLD = 20
#: Rows between two plain lines of progress.
_EVERY = 200_000


def read_numbers(file: Path, words: Callable[[str], str]) -> dict[str, str]:
    """Number in E.164 without plus -> what the file's second column says of it; the last line of a number counts.

    ``words`` reads the second column (an empty one too) and raises ValueError. A first line without any digit in its
    first cell is a heading. Raises CommandError naming the bad lines: then nothing was read.
    """
    from slidewire.domain.phone import read_number

    found: dict[str, str] = {}
    bad: list[str] = []
    count = 0
    for line, row in _rows(file):
        first = row[0].strip()
        if line == 1 and not any(sign.isdigit() for sign in first):
            continue
        try:
            found[read_number(first).digits] = words(row[1].strip() if len(row) > 1 else "")
        except ValueError as error:
            count += 1
            if count <= _TOLD:
                bad.append(f"line {line}: {visible(first[:40])}: {error}")
    if count:
        more = f"\n  and {count - _TOLD} more" if count > _TOLD else ""
        lines = "\n  ".join(bad)
        raise CommandError(f"{file}: {count} bad lines; nothing was done", f"Mend or drop them:\n  {lines}{more}")
    return found


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.reader(text, strict=True)
            for row in rows:
                if row and any(cell.strip() for cell in row):
                    yield rows.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: no CSV in UTF-8: {error}", "Save it as CSV, UTF-8.") from None


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, plain lines elsewhere; what it gives is told how many more are done."""
    if is_terminal():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(what, total=total)
            yield lambda count: bar.advance(task, count)
        return
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if done // _EVERY > before // _EVERY:
            note(f"{what}: {done} of {total}")

    yield tell
