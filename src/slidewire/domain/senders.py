"""Who a message may come from: the account's own numbers, and the alphanumeric mask over them (settled 13).

sendMMS never rewrites a sender: what may not send is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

import phonenumbers

from slidewire.domain.account import Account
from slidewire.domain.countries import country_name
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.phone import NumberError, read_number, strict_digits

MASK_REFUSED_ABOVE = 50  #: characters: E115
MASK_LENGTH = 11  #: what a network carries; longer ones are cut
_SHORT_CODE_LENGTHS = range(3, 9)
_ASCII_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_MASK_SIGNS = _ASCII_LETTERS | frozenset("0123456789 -_&")


@unique
class MaskRule(Enum):
    """What the networks of a country do with an alphanumeric sender (standards.md 6)."""

    YES = "yes"
    NO = "no"  #: they refuse it
    REPLACED = "replaced"  #: they put something else in its place
    REGISTERED = "registered"  #: taken where it was registered, which is between the sender and its carrier


@unique
class SenderKind(Enum):
    """What kind of address a sender is: networks set limits by it (standards.md 3.1)."""

    SHORT_CODE = "short code"
    LONG_CODE = "long code"
    TOLL_FREE = "toll-free"
    ALPHANUMERIC = "alphanumeric"


@dataclass(frozen=True, slots=True)
class CheckedMask:
    """An alphanumeric sender as it will be shown, and what the customer should know of it."""

    text: str
    warning: str = ""


@lru_cache(maxsize=1024)
def classify(sender: str) -> SenderKind:
    """The kind of ``sender``, given as it is sent: digits without plus, or letters."""
    if not sender.isdigit() or not sender.isascii():
        return SenderKind.ALPHANUMERIC
    if len(sender) in _SHORT_CODE_LENGTHS:
        return SenderKind.SHORT_CODE
    try:
        kind = phonenumbers.number_type(phonenumbers.parse("+" + sender, None))
    except phonenumbers.NumberParseException:
        return SenderKind.LONG_CODE
    return SenderKind.TOLL_FREE if kind == phonenumbers.PhoneNumberType.TOLL_FREE else SenderKind.LONG_CODE


def check_sender(account: Account, sender: str, country: str) -> str:
    """The digits that ``sender`` is sent as, if ``account`` owns it and it may send to ``country``.

    Raises FaultError E111: the plain one for a number that is not the account's, the one that names the country
    for an owned number that may not send there.
    """
    owned = _owned_digits(account, sender)
    if not _may_send(account, owned, country):
        raise Fault.BAD_SENDER_FOR_COUNTRY.error(country=country_name(country))
    return owned


def own_sender(account: Account, sender: str) -> str:
    """As ``check_sender``, for a receiver whose country is not known. Raises FaultError E111."""
    return _owned_digits(account, sender)


def sender_for(account: Account, sender: str, country: str) -> str:
    """The digits that a saved message leaves with: ``sender``, else the account's sender for ``country`` (settled 13).

    That is the first that the settings name for it, else the first that may send anywhere.
    Raises FaultError E111 for a number that is not the account's, and when it has none for the country.
    """
    owned = _owned_digits(account, sender)
    if _may_send(account, owned, country):
        return owned
    return sender_among(account, account.senders, country)


def sender_among(account: Account, numbers: Collection[str], country: str) -> str:
    """The account's sender for ``country`` among ``numbers``: a campaign's, or all it has. Raises FaultError E111."""
    named = (each.number for each in account.settings.sender_countries if each.country == country)
    free = sorted(number for number in numbers if _may_send(account, number, country))
    found = next((number for number in (*named, *free) if number in account.senders and number in numbers), "")
    if not found:
        raise Fault.BAD_SENDER_FOR_COUNTRY.error(country=country_name(country))
    return found


def _owned_digits(account: Account, sender: str) -> str:
    try:
        digits = strict_digits(sender)
        if digits in account.senders:
            return digits
        digits = read_number(sender).digits
    except NumberError as error:
        raise Fault.BAD_SENDER.error() from error
    if digits not in account.senders:
        raise Fault.BAD_SENDER.error()
    return digits


def _may_send(account: Account, sender: str, country: str) -> bool:
    """Whether an owned sender reaches ``country``: one that the settings name no country for reaches all."""
    if not account.settings.sender_countries:
        return True
    reach = [each.country for each in account.settings.sender_countries if each.number == sender]
    return not reach or country in reach


def check_mask(mask: str, country: str, rule: MaskRule) -> CheckedMask:
    """The mask cut to what networks carry. Raises FaultError E115 or E111 (settled 13).

    ``mask`` is trimmed and not empty; ``rule``: of the networks in ``country``.
    """
    if len(mask) > MASK_REFUSED_ABOVE:
        raise Fault.MASK_TOO_LONG.error()
    cut = mask[:MASK_LENGTH].rstrip()
    if not _ASCII_LETTERS.intersection(cut) or not _MASK_SIGNS.issuperset(cut):
        raise _bad_mask()
    if rule is MaskRule.NO:
        raise Fault.BAD_SENDER_FOR_COUNTRY.error(country=country_name(country))
    warnings = [f"the sender mask was cut to {MASK_LENGTH} characters"] if len(mask) > MASK_LENGTH else []
    if rule is MaskRule.REPLACED:
        warnings.append(f"networks in {country_name(country)} replace the sender mask")
    return CheckedMask(cut, "; ".join(warnings))


def _bad_mask() -> FaultError:
    return Fault.BAD_SENDER.error("a mask needs a letter, and has only A-Z, a-z, 0-9, blank, - _ and &")
