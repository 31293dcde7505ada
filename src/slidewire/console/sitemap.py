"""Every page and every button of the console: one table, from which requests are served."""

from dataclasses import dataclass
from typing import Final

from slidewire.console import accounts, batches, endpoints, messages, overview
from slidewire.console.desk import MissingError, Show
from slidewire.console.forms import FormError

#: Where style, script and icon lie.
STATIC: Final = "static"


@dataclass(frozen=True, slots=True)
class View:
    """A page, or with POST what a button does."""

    method: str
    path: str  #: below ROOT; what stands in braces is a name
    show: Show
    place: str = ""  #: the part of the navigation that it belongs to

    @property
    def segments(self) -> tuple[str, ...]:
        """The path, cut."""
        return tuple(filter(None, self.path.split("/")))


#: What leads to each part: address below ROOT, words, whether it is for admins only.
NAVIGATION: Final = (
    ("", "Home", False),
    ("accounts", "Accounts", True),
    ("messages", "Messages", False),
    ("batches", "Batches", False),
    ("endpoints", "Postbacks", False),
)
VIEWS: Final = (
    View("GET", "", overview.show_start, ""),
    View("POST", "routes/{route}/rate", overview.set_rate),
    View("GET", "accounts", accounts.show_list, "accounts"),
    View("GET", "accounts/{account}", accounts.show_account, "accounts"),
    View("GET", "batches", batches.show_list, "batches"),
    View("GET", "batches/{batch}", batches.show_batch, "batches"),
    View("GET", "messages", messages.show_list, "messages"),
    View("GET", "messages/{message}", messages.show_message, "messages"),
    View("GET", "messages/{message}/images/{slide}", messages.show_preview, "messages"),
    View("POST", "messages/{message}/post-again", messages.post_again, "messages"),
    View("GET", "endpoints", endpoints.show_list, "endpoints"),
    View("POST", "endpoints/{account}/turn-on", endpoints.turn_on, "endpoints"),
)


def find_view(method: str, segments: tuple[str, ...]) -> tuple[View, dict[str, str]]:
    """The view at a path, and what stands in its braces. Raises MissingError, FormError."""
    if not all(each.isprintable() for each in segments):
        raise MissingError
    found = [view for view in VIEWS if _fits(view.segments, segments)]
    if not found:
        raise MissingError
    view = next((view for view in found if view.method == method), None)
    if view is None:
        allowed = ", ".join(view.method for view in found).replace("GET", "GET, HEAD")
        raise FormError(405, "That is not how this page is used.", allowed)
    pairs = zip(view.segments, segments, strict=True)
    return view, {name[1:-1]: word for name, word in pairs if name.startswith("{")}


def _fits(wanted: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    return len(wanted) == len(segments) and all(
        name.startswith("{") or name == word for name, word in zip(wanted, segments, strict=True)
    )
