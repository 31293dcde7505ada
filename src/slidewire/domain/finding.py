"""What is known of the network behind a phone number, and who told it."""

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Source(Enum):
    """The link of the look-up that told, in its order (settled 12)."""

    GIVEN = "given"  #: the request's OPERATORID
    CACHE = "cache"
    PREFIXES = "prefixes"
    PROVIDER = "provider"
    TRAFFIC = "traffic"  #: a receipt or an inbound message named the network
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one source tells of one number. All blank: it knows the number and cannot say."""

    source: Source
    network: str = ""  #: MCC and MNC, such as 311480
    operator: str = ""  #: our id
    name: str = ""  #: the network's name, in the source's words
    line_type: str = ""  #: in lower case, in the source's words

    @property
    def names_a_network(self) -> bool:
        """Whether the receiver's network is known from it, in our catalogue or not."""
        return bool(self.network or self.operator)

    @property
    def is_landline(self) -> bool:
        """Whether no handset can be behind the number. What is voice over IP may well have a text service."""
        return self.line_type in _LANDLINES


#: What sources call a landline.
_LANDLINES = frozenset({"landline", "land line", "fixed", "fixed line", "fixed_line", "fixed-line", "fixedline"})


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding about ``number`` as the cache keeps it. Times are Unix milliseconds."""

    number: str
    finding: Finding
    found_at: int
    until: int
