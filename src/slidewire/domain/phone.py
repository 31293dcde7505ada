"""Phone numbers as customers write them, read strictly, given back as the library's E.164 without plus.

The library is slow for a hot path: US and Canadian numbers are judged from a table of area codes that it
fills once each, all others from a cache in front of it (performance 6).
"""

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

#: Nothing longer is a number anywhere: E.164 has 15 digits, and a national 0 or a doubled code may be on top.
_MAX_DIGITS = 20
_NANP_LENGTH = 11  #: 1, area code, seven digits
_NANP_MAIN = frozenset({"US", "CA"})
_SECOND_TO_NINTH = "23456789"  #: what an exchange begins with in the North American plan
#: One of each pattern that the plan knows behind an area code and the first digit of an exchange.
_PROBES = ("345678", "555678", "112345")


class NumberError(ValueError):
    """No phone number, with the reason in words for the customer."""


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that can be sent to."""

    digits: str  #: E.164 without plus
    country: str  #: ISO 3166 alpha-2, or 001 where a calling code belongs to no country


def strict_digits(text: str) -> str:
    """The digits of ``text``: white space around and one leading plus are dropped.

    Raises NumberError for anything else among them: `00` too (settled 5).
    """
    digits = text.strip().removeprefix("+")
    if not digits.isdigit() or not digits.isascii():
        raise NumberError("only digits 0-9 with at most one + before them are allowed")
    if digits.startswith("00"):
        raise NumberError("international form begins with the calling code, not with 00")
    return digits


def read_number(text: str, *, valid: bool = False) -> Number:
    """The number that ``text`` names, in E.164 (settled 5). Raises NumberError.

    ``valid`` also asks whether the number's range is given out at all: off by default, since new ranges appear
    before the library knows them.
    """
    digits = strict_digits(text)
    if len(digits) == _NANP_LENGTH and digits[0] == "1" and digits[4] in _SECOND_TO_NINTH and not valid:
        region = _area_region(digits[1:4])
        if region:
            return Number(digits, region)
    if len(digits) > _MAX_DIGITS:
        raise NumberError("the number is too long")
    found = _ask_library(digits, valid)
    if isinstance(found, str):
        raise NumberError(found)
    return found


def national(digits: str) -> str:
    """``digits``, a number in E.164, without its calling code; as it is where there is none."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse("+" + digits, None))
    except phonenumbers.NumberParseException:
        return digits


@lru_cache(maxsize=1024)
def _area_region(area: str) -> str:
    """US or CA when every number of ``area`` is the one's; else empty: ask the library for each number."""
    found = {_ask_library(f"1{area}{first}{rest}", False) for first in _SECOND_TO_NINTH for rest in _PROBES}
    regions = {answer.country if isinstance(answer, Number) else "" for answer in found}
    region = regions.pop()
    return region if not regions and region in _NANP_MAIN else ""


@lru_cache(maxsize=16_384)
def _ask_library(digits: str, valid: bool) -> Number | str:
    """What the library makes of ``digits``: a Number, or why it is none (so that refusals are cached too)."""
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return "no country has this calling code"
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return _REASONS.get(reason, "no such number can exist")
    if valid and not phonenumbers.is_valid_number(number):
        return "no network has this range of numbers"
    region = phonenumbers.region_code_for_number(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Number(e164[1:], region or phonenumbers.region_code_for_country_code(number.country_code or 0))


_REASONS = {
    phonenumbers.ValidationResult.TOO_SHORT: "the number is too short for its country",
    phonenumbers.ValidationResult.TOO_LONG: "the number is too long for its country",
    phonenumbers.ValidationResult.INVALID_LENGTH: "no number of its country has this length",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "no country has this calling code",
    # docs/adr/0011: the library calls it possible, but only who is in the same area can dial it
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the number lacks its area code or its country's code",
}
