"""What the operations of /admin/v1 work with; handed over by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slidewire.domain.audit import By
from slidewire.provisioning.phones import HandsetFacts, LookupAnswer, OperatorFacts
from slidewire.provisioning.secrets import Strongbox
from slidewire.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, and what is known of networks and phones."""

    database: Database
    box: Strongbox
    operators: Callable[[str], list[OperatorFacts]]  #: of a country, or all
    look_up: Callable[[str], Awaitable[list[LookupAnswer]]]  #: raises RefusedError
    handset: Callable[[Connection, str], HandsetFacts]  #: raises RefusedError
    now: Callable[[], int]  #: Unix milliseconds
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read."""

    desk: Desk
    path: Mapping[str, str]  #: the names in braces of the operation's path
    query: Any  #: the operation's query type
    body: Any  #: the operation's body type
    by: By
