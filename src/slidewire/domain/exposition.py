"""Figures as Prometheus reads them: its text format 0.0.4."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from slidewire.domain.figures import Figure

TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: The values of a figure's labels -> its cells.
Rows: TypeAlias = Mapping[tuple[str, ...], tuple[float, ...]]


def written(figures: Sequence[tuple[Figure, Rows]]) -> bytes:
    """One family after the other, each with its HELP and TYPE."""
    return "".join(line + "\n" for figure, rows in figures for line in _family(figure, rows)).encode()


def _family(figure: Figure, rows: Rows) -> Iterator[str]:
    yield f"# HELP {figure.name} {_escaped(figure.words)}"
    yield f"# TYPE {figure.name} {figure.kind.value}"
    for labels, cells in sorted(rows.items()):
        pairs = tuple(zip(figure.labels, labels, strict=True))
        if figure.bounds:
            yield from _histogram(figure, pairs, cells)
        else:
            yield f"{figure.name}{_braced(pairs)} {_number(cells[0])}"


def _histogram(figure: Figure, pairs: tuple[tuple[str, str], ...], cells: tuple[float, ...]) -> Iterator[str]:
    *buckets, total = cells
    bounds = (*map(_number, figure.bounds), "+Inf")
    counts = list(accumulate(buckets))
    for bound, count in zip(bounds, counts, strict=True):
        yield f"{figure.name}_bucket{_braced((*pairs, ('le', bound)))} {_number(count)}"
    yield f"{figure.name}_sum{_braced(pairs)} {_number(total)}"
    yield f"{figure.name}_count{_braced(pairs)} {_number(counts[-1])}"


def _braced(pairs: tuple[tuple[str, str], ...]) -> str:
    inside = ",".join(f'{name}="{_quoted(value)}"' for name, value in pairs)
    return f"{{{inside}}}" if inside else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
