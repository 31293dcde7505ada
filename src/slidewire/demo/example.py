"""examples/send-mms.xml: the request that the demo sends, with the things of it that differ from run to run.

The file works as it stands against ``slidewire playground``; the demo puts in its own key and its own address of
the picture, for its second message another receiver too, and leaves every other character as it is.
"""

from dataclasses import dataclass
from pathlib import Path

from slidewire.demo.customer import fill_in, text_of

_NAME = "send-mms.xml"
#: Beside this module in a package, in examples/ of a source checkout.
_PLACES = (Path(__file__).with_name(_NAME), Path(__file__).parents[3] / "examples" / _NAME)


@dataclass(frozen=True, slots=True)
class Example:
    """A request with what the demo must know of it."""

    xml: bytes

    @property
    def sender(self) -> str:
        """FROM."""
        return text_of(self.xml, "FROM")

    @property
    def receiver(self) -> str:
        """TO."""
        return text_of(self.xml, "TO")

    @property
    def text(self) -> str:
        """TEXT of the first slide, its line ends as XML reads them."""
        return text_of(self.xml, "TEXT").replace("\r\n", "\n")

    @property
    def subject(self) -> str:
        """SUBJECT."""
        return text_of(self.xml, "SUBJECT")

    @property
    def fallback_text(self) -> str:
        """FALLBACKSMSTEXT."""
        return text_of(self.xml, "FALLBACKSMSTEXT")

    @property
    def key(self) -> str:
        """API_KEY."""
        return text_of(self.xml, "API_KEY")

    @property
    def client_reference(self) -> str:
        """CLIENT_REFERENCE."""
        return text_of(self.xml, "CLIENT_REFERENCE")

    def with_key(self, key: str) -> "Example":
        """The same with another API_KEY."""
        return Example(fill_in(self.xml, "API_KEY", key))

    def with_receiver(self, receiver: str) -> "Example":
        """The same to another phone."""
        return Example(fill_in(self.xml, "TO", receiver))

    def with_picture(self, url: str) -> "Example":
        """The same with another address of its picture."""
        return Example(fill_in(self.xml, "URL", url))


def read_example() -> Example:
    """The example of this installation. Raises FileNotFoundError."""
    place = next((place for place in _PLACES if place.is_file()), _PLACES[-1])
    return Example(place.read_bytes())
