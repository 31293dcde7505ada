"""One file of the corpus and the answer that the contract demands for it, typed before any code ran."""

from collections.abc import Callable
from dataclasses import dataclass

SUCCESS = "Success"
JPEG, PNG, GIF = "image/jpeg", "image/png", "image/gif"
#: A PNG stays one where that is smaller than the best JPEG, so either may leave (settled 20; issue: images).
EITHER = f"{JPEG} {PNG}"


@dataclass(frozen=True, slots=True)
class Case:
    """Sent behind ``element`` in the second slide."""

    name: str
    make: Callable[[], bytes]
    answer: str = SUCCESS  #: or the published code
    element: str = "IMAGE"
    header: str = "application/octet-stream"  #: the Content-Type that its origin claims
    path: str = ""  #: what the address ends in
    leaves: str = ""  #: the types of which one must reach the phone; empty: not looked at (sound and film)
    size: tuple[int, int] = (0, 0)  #: width and height at the phone, upright
    frames: int = 1
    corners: bool = False  #: red, green, blue, yellow clockwise from the top left must be seen so


def taken(name: str, make: Callable[[], bytes], leaves: str, size: tuple[int, int], **more: object) -> Case:
    """An image that is accepted, and what of it reaches the phone."""
    return Case(name, make, leaves=leaves, size=size, **more)  # type: ignore[arg-type]  # names of its fields


def refused(name: str, make: Callable[[], bytes], answer: str, element: str = "IMAGE", **more: object) -> Case:
    """A file that is answered with a code."""
    return Case(name, make, answer, element, **more)  # type: ignore[arg-type]  # names of its fields
