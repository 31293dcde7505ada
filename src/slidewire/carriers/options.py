"""Single options of a route as the settings file writes them: read once, with errors that name what is wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


def with_options(usual: T, given: Iterable[tuple[str, str]], readers: Mapping[str, Callable[[str], object]]) -> T:
    """``usual`` with the fields changed that are named in ``given``. Raises ValueError naming what cannot be read."""
    changed = usual
    for name, text in given:
        if name not in readers:
            raise ValueError(f"option {name!r} is not one of: {', '.join(readers)}")
        try:
            value = readers[name](text.strip())
        except ValueError as error:
            raise ValueError(f"option {name}: {error}") from error
        changed = replace(changed, **{name: value})  # type: ignore[type-var]  # any dataclass
    return changed


def word_of(words: type[Enum]) -> Callable[[str], object]:
    """What reads one of ``words``."""

    def read(text: str) -> object:
        try:
            return words(text)
        except ValueError:
            raise ValueError(f"{text!r} is not one of: {', '.join(word.value for word in words)}") from None

    return read


def read_switch(text: str) -> bool:
    """``true`` or ``false``."""
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"
