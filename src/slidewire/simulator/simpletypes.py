"""The simple types of the MM7 schema, each as a check on one element.

White space around dates, booleans and numbers collapses as XML Schema says; that of plain strings counts.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from slidewire.simulator.status import Code, RefusedError
from slidewire.simulator.xmlread import attributes, inner_text, local

if TYPE_CHECKING:
    from collections.abc import Callable

    from slidewire.simulator.xmlread import Element

    Check = Callable[[Element], None]

XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: MM7Version of REL-6-MM7-1-4 (standards.md 1.2).
VERSIONS = frozenset(["6.8.0", "6.6.0", "6.5.0", "6.4.0", "6.3.0", "5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"])
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]{1,9}Y)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,9}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,9})?S)?)?"
)


def wrong(sentence: str) -> RefusedError:
    """The validation error that breaks of the schema are answered with."""
    return RefusedError(Code.VALIDATION_ERROR, sentence)


def only_attributes(element: Element, *allowed: str) -> dict[str, str]:
    """The element's own attributes; raises for one that is not ``allowed``. Those of XML Schema pass."""
    found = {}
    for space, name, value in attributes(element):
        if space == XSI:
            continue
        if space or name not in allowed:
            raise wrong(f"{local(element)} has the unknown attribute {name}.")
        found[name] = value
    return found


def text(element: Element) -> None:
    """Any string, and nothing but a string."""
    if len(element):
        raise wrong(f"{local(element)} holds an element where text belongs.")
    only_attributes(element)


def filled(element: Element) -> None:
    """A string that says something."""
    text(element)
    if not inner_text(element).strip():
        raise wrong(f"{local(element)} is empty.")


def version(element: Element) -> None:
    """A version of the schema's list: here the answer is 4002, not 4004."""
    text(element)
    if inner_text(element) not in VERSIONS:
        raise RefusedError(Code.UNSUPPORTED_VERSION, f"MM7Version {inner_text(element)!r} is not in the schema's list.")


def one_of(*words: str) -> Check:
    """A closed list of words, in their exact case."""

    def check(element: Element) -> None:
        text(element)
        if inner_text(element) not in words:
            listed = ", ".join(words)
            raise wrong(f"{local(element)} is {inner_text(element)!r}, which is none of {listed}.")

    return check


def boolean(element: Element) -> None:
    """xs:boolean."""
    text(element)
    if inner_text(element).strip() not in BOOLEANS:
        raise wrong(f"{local(element)} is neither true nor false.")


def positive(element: Element) -> None:
    """xs:positiveInteger."""
    text(element)
    if not re.fullmatch(r"\+?0*[1-9][0-9]{0,9}", inner_text(element).strip()):
        raise wrong(f"{local(element)} is no positive number.")


def date_time(element: Element) -> None:
    """xs:dateTime."""
    text(element)
    if not is_date_time(inner_text(element).strip()):
        raise wrong(f"{local(element)} is no xs:dateTime.")


def moment(element: Element) -> None:
    """xs:dateTime or xs:duration."""
    text(element)
    if not is_moment(inner_text(element).strip()):
        raise wrong(f"{local(element)} is neither an xs:dateTime nor an xs:duration.")


def is_date_time(value: str) -> bool:
    """Whether ``value`` is an xs:dateTime that the calendar knows."""
    found = _DATE_TIME.fullmatch(value)
    if not found:
        return False
    year, month, day, hour, minute, second = (int(group) for group in found.groups())
    try:
        datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - only asked whether it exists
    except ValueError:
        return False
    return True


def is_moment(value: str) -> bool:
    """Whether ``value`` is an xs:dateTime or an xs:duration."""
    return is_date_time(value) or _DURATION.fullmatch(value) is not None
