"""What makes a repeated request the same one, and what it is answered with: as it was the first time, byte for byte.

A request that made nothing keeps no key: whoever repeats it tries again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Generic, TypeVar

from slidewire.domain.faults import Fault, FaultError

Result = TypeVar("Result")

LONGEST_KEY = 255  #: characters of an Idempotency-Key
_HEADER = "Idempotency-Key"


@unique
class KeyKind(Enum):
    """Where a word comes from that one request may use once."""

    HEADER = "key"  #: the header Idempotency-Key
    REFERENCE = "reference"  #: CLIENT_REFERENCE of an account with unique_client_reference


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A word that its account gives to one request only."""

    kind: KeyKind
    word: str

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(f"{self.kind.value}\n{self.word}".encode(errors="surrogatepass")).hexdigest()

    def conflict(self) -> FaultError:
        """Another request came with it before."""
        if self.kind is KeyKind.REFERENCE:
            return Fault.INVALID_REQUEST.about("client_reference", "came with another request before")
        return Fault.INVALID_REQUEST.error(f"this {_HEADER} came with another request before")


def read_key(given: bytes) -> RequestKey | None:
    """The header; None where it is blank. Raises FaultError E100 for what is no line of printable ASCII."""
    word = given.decode("latin-1").strip()
    if not word:
        return None
    if len(word) > LONGEST_KEY or not word.isascii() or not word.isprintable():
        raise Fault.INVALID_REQUEST.error(f"{_HEADER} is no line of at most {LONGEST_KEY} printable ASCII characters")
    return RequestKey(KeyKind.HEADER, word)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered with."""

    body: str
    warning: str = ""  #: the header X-Slidewire-Warning; empty: none


@dataclass(frozen=True, slots=True)
class Hold:
    """Keys that one request holds while it is worked on; nobody else makes anything of them meanwhile."""

    account_id: str
    digests: tuple[str, ...]
    holder: str


@dataclass(frozen=True, slots=True)
class Answering(Generic[Result]):
    """The answer that is written together with what the request made or did (durability 15)."""

    hold: Hold
    tell: Callable[[Result], KeptAnswer | None]  #: None: nothing was made, so that no answer is kept

    def of(self, made: Callable[[Any], Result | None]) -> "Answering[Any]":
        """The same for a write; ``made`` says what there is to tell of what it gave, None: nothing was made."""

        def tell(given: Any) -> KeptAnswer | None:
            result = made(given)
            return None if result is None else self.tell(result)

        return Answering(self.hold, tell)
