"""Pages of a list that is numbered."""

from dataclasses import dataclass

#: No list of ours goes further; a longer number is none that a page of ours led to.
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page stands among the others."""

    number: int
    last: int


def read_number(word: str) -> int:
    """The page that is asked for; the first where it is none."""
    return min(max(int(word), 1), _MOST) if word.isascii() and word.isdigit() and len(word) < 9 else 1


def paging(number: int, items: int, per_page: int) -> Paging:
    """``number`` of as many pages as ``items`` need."""
    return Paging(number, max(-(-items // per_page), 1))
