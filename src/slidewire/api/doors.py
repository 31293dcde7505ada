"""What the actions need from the rest of the house, and what they answer, in our own words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Union

from slidewire.api.entry import Entry
from slidewire.domain.account import Account
from slidewire.domain.checks import Rules
from slidewire.domain.faults import FaultError
from slidewire.domain.limits import Standing
from slidewire.domain.request import (
    Accepted,
    CheckedRequest,
    CheckedSavedSend,
    CheckedTemplate,
    Refused,
    Saved,
    SavedSent,
    TemplateQuery,
)
from slidewire.domain.template import TemplatePage

#: Returns when the caller has gone.
HungUp = Callable[[], Awaitable[None]]
#: Our name of a field -> its text, or the fields inside it. In the order of the answer; blocks repeat.
Fields = tuple[tuple[str, Union[str, "Fields"]], ...]


@dataclass(frozen=True, slots=True)
class TemplateDoors:
    """What an account's templates are reached by. Each raises FaultError and OverloadedError."""

    save: Callable[[CheckedTemplate, Account, HungUp], Awaitable[Saved]]
    send: Callable[[CheckedSavedSend, Account], Awaitable[list[SavedSent | Refused]]]
    ids: Callable[[Account], Awaitable[list[int]]]
    page: Callable[[Account, TemplateQuery], Awaitable[TemplatePage]]
    delete: Callable[[Account, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Doors:
    """Handed over by the composition root."""

    entry: Entry
    #: an account as it is now, when something was looked for in it in vain
    look_again: Callable[[Account], Awaitable[Account]]
    accept: Callable[[CheckedRequest, Account, HungUp], Awaitable[Accepted]]
    templates: TemplateDoors
    #: Unix milliseconds
    now: Callable[[], int]
    #: names an unexpected error, in the log and to the caller
    new_id: Callable[[], str]


@dataclass(slots=True)
class Visit:
    """One request on its way."""

    doors: Doors
    rules: Rules
    hung_up: HungUp
    standing: Standing | None = None  #: with its limits, where it has any (settled 23)
    account_id: str = ""  #: who calls, once that is known
    receiver: str | None = None  #: TO as given, once settled 1 (h) is reached: failures from there on name it


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action answers, but for the dialect."""

    fields: Fields
    warnings: tuple[str, ...] = ()  #: silent cuts, told (settled 25)
    refusal: FaultError | None = None  #: nothing was done of a call that asked for several things
