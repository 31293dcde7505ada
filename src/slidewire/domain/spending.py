"""What an account may spend: SMS by country and by day (security 16), messages that it paid for. Pure.

SMS is what fraud is after: a stolen key that sends to numbers which pay their owner for each text.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from slidewire.domain.countries import COUNTRIES
from slidewire.domain.phone import NumberError, read_number

if TYPE_CHECKING:
    from slidewire.domain.account import AccountSettings

#: Words for countries: those that the sender is at home in; all there are.
OWN = "own"
EVERYWHERE = "*"
_WORDS = frozenset({OWN, EVERYWHERE})
_DAY = 86_400_000
#: A short code has no country in it.
_SHORTEST_NUMBER = 9


def may_text(settings: "AccountSettings", sender: str, country: str) -> bool:
    """Whether an SMS from ``sender``, digits as it is sent, may go to ``country``."""
    allowed = settings.sms_countries
    if EVERYWHERE in allowed or country in allowed:
        return True
    if OWN not in allowed:
        return False
    home = {each.country for each in settings.sender_countries if each.number == sender}
    home |= {_country_of(sender)} - {""}
    return country in home or not home  # docs/adr/0124: where a short code is at home, only sender_countries tells


@lru_cache(maxsize=1024)
def _country_of(sender: str) -> str:
    """The country of a long or toll-free number; empty for a short code."""
    try:
        return read_number(sender).country if len(sender) >= _SHORTEST_NUMBER else ""
    except NumberError:
        return ""


def day_of(now: int) -> int:
    """The UTC day of ``now``, in Unix milliseconds."""
    return now // _DAY


def read_sms_countries(words: Sequence[str]) -> tuple[str, ...]:
    """Countries of two capitals, `own` and `*`. Raises ValueError."""
    read = tuple(word if word in _WORDS else word.upper() for word in words)
    if unknown := [word for word in read if word not in _WORDS and word not in COUNTRIES]:
        raise ValueError(f"{unknown[0]!r} is neither a country of ISO 3166, such as US, nor own nor *")
    return read


def read_segments_a_day(text: str) -> int:
    """Segments; 0: any number. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise ValueError(f"{text!r} is no number of segments")
    return int(text)


def read_prepaid(text: str) -> int | None:
    """Messages that were paid for; `off`: the account pays otherwise. Raises ValueError."""
    if text.lower() == "off":
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 12:
        raise ValueError(f"{text!r} is neither off nor a number of messages")
    return int(text)
