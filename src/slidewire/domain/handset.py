"""What is known of the phone behind a number, in the phone's own words (settled 32)."""

from dataclasses import dataclass

#: Characters of either word that are kept.
MAX_WORD = 500


@dataclass(frozen=True, slots=True)
class Handset:
    """What UACapabilities told of a phone. Both words are a stranger's: printed with care, followed never."""

    profile: str = ""  #: address of its UAProf document
    agent: str = ""  #: user agent
    seen_at: int = 0  #: when it was told, Unix milliseconds

    @property
    def word(self) -> str:
        """What HANDSET says of it; empty when nothing is known."""
        return self.profile or self.agent
