"""The catalogue of mobile networks: our id for each, the aliases that others give it, and whether it takes MMS.

An id or alias is compared as an exact trimmed string (settled 12): 31003, 0001890 and 000189 are three words. An MCC
with its MNC is no word: 31003 is an id, and could be a network of another operator.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources

#: The published form of an operator id (settled 12).
_PUBLISHED = re.compile(r"[0-9]{4,7}")
#: MCC and MNC written together.
_NETWORK = re.compile(r"[0-9]{5,6}")


class CatalogueError(ValueError):
    """Two operators that cannot be told apart, in words for whoever wrote the settings."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One mobile network (interfaces.md, [[operators]])."""

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    country: str = ""  #: ISO 3166 alpha-2
    mms: bool = True  #: false: only the fallback SMS reaches its phones (E628)
    networks: tuple[str, ...] = ()  #: MCC and MNC of each of its networks, such as 311480

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that names it, its id first."""
        return (self.id, *self.aliases)


class Catalogue:
    """All operators that are known."""

    def __init__(self, operators: Iterable[Operator] = ()) -> None:
        """Raises CatalogueError for a blank word, and for a word or a network that belongs to two operators."""
        self._by_word: dict[str, Operator] = {}
        self._by_network: dict[str, Operator] = {}
        for operator in operators:
            for word in dict.fromkeys(operator.words):
                self._add(word, operator)
            for network in operator.networks:
                self._add_network(network, operator)

    def __iter__(self) -> Iterator[Operator]:
        """Every operator once, in the order in which they were given."""
        return iter(dict.fromkeys(self._by_word.values()))

    def _add(self, word: str, operator: Operator) -> None:
        if not word or word != word.strip():
            raise CatalogueError(f"operator {operator.id!r}: {word!r} is blank or has white space around it")
        if word == "*":
            raise CatalogueError("'*' stands for any operator and cannot be the id of one")
        other = self._by_word.get(word)
        if other is not None:
            raise CatalogueError(f"{word!r} names two operators: {other.id!r} and {operator.id!r}")
        self._by_word[word] = operator

    def _add_network(self, network: str, operator: Operator) -> None:
        if not _NETWORK.fullmatch(network):
            raise CatalogueError(f"operator {operator.id!r}: {network!r} is no MCC with its MNC, such as 311480")
        other = self._by_network.setdefault(network, operator)
        if other is not operator:
            raise CatalogueError(f"network {network} belongs to two operators: {other.id!r} and {operator.id!r}")

    def words(self) -> dict[str, str]:
        """Every id and alias with the id that it means."""
        return {word: operator.id for word, operator in self._by_word.items()}

    def resolve(self, word: str) -> Operator | None:
        """The operator with the id or alias ``word``; None when there is none."""
        return self._by_word.get(word.strip())

    def words_of(self, word: str) -> tuple[str, ...]:
        """Everything that names the operator called ``word``; empty when there is none."""
        operator = self.resolve(word)
        return operator.words if operator else ()

    def of_network(self, network: str) -> Operator | None:
        """The operator of an MCC with its MNC; None when there is none.

        Sources write an MNC with two digits or with three: where the one is nobody's, the other is meant.
        """
        mcc, mnc = network[:3], network[3:]
        other = f"{mcc}0{mnc}" if len(mnc) == 2 else f"{mcc}{mnc.removeprefix('0')}"
        return self._by_network.get(network) or self._by_network.get(other)


def has_published_form(word: str) -> bool:
    """Whether an unknown ``word`` could be somebody's operator id: 4 to 7 digits (settled 12)."""
    return _PUBLISHED.fullmatch(word.strip()) is not None


def shipped_operators() -> tuple[Operator, ...]:
    """The operators that come with Slidewire: operators.csv, which says where its rows are from, and of when.

    Columns are found by their names: a file with more of them is read all the same.
    """
    text = resources.files(__package__).joinpath("operators.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(
        Operator(
            id=row["id"],
            name=row["name"],
            aliases=tuple(row["aliases"].split()),
            country=row["country"],
            mms=row["mms"] == "true",
            networks=tuple(row["networks"].split()),
        )
        for row in rows
    )


def merged(own: Iterable[Operator], shipped: Iterable[Operator]) -> list[Operator]:
    """``own`` operators, then the ``shipped`` ones that none of them names.

    An own operator that names a shipped one by its id or an alias takes it over: its other words, its networks, and its
    name and country where they were left out. Words and networks that another own operator has are that one's.
    """
    own = list(own)
    words = {word for operator in own for word in operator.words}
    networks = {network for operator in own for network in operator.networks}
    taken: dict[int, list[Operator]] = {}
    left = []
    for row in shipped:
        by = next((n for word in row.words for n, operator in enumerate(own) if word in operator.words), None)
        if by is None:
            left.append(replace(row, networks=tuple(each for each in row.networks if each not in networks)))
        else:
            taken.setdefault(by, []).append(row)
    return [_taken_over(each, taken.get(n, ()), words, networks) for n, each in enumerate(own)] + left


def _taken_over(own: Operator, rows: Iterable[Operator], words: set[str], networks: set[str]) -> Operator:
    for row in rows:
        aliases = (each for each in row.words if each not in words)
        more = (each for each in row.networks if each not in networks)
        own = replace(
            own,
            name=own.name or row.name,
            country=own.country or row.country,
            aliases=(*own.aliases, *aliases),
            networks=(*own.networks, *more),
        )
    return own
