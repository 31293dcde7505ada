"""The customer: who may send, from which numbers, and how we treat what it sends.

Settings arrive as words (console, command line) and are read here, once.
"""

import json
from dataclasses import dataclass, fields, replace

from slidewire.domain.characters import first_forbidden
from slidewire.domain.countries import COUNTRIES
from slidewire.domain.fairness import HEAVIEST, LIGHTEST
from slidewire.domain.limits import ActionRate, CallLimits, read_interval, read_quota, read_throughput
from slidewire.domain.networks import Network, lies_in, read_address, read_network
from slidewire.domain.quiet import ALL, MARKETING, QuietRules, QuietWindow, read_windows
from slidewire.domain.repeats import HOLD, WARN, read_hold, read_minutes
from slidewire.domain.retention import KEPT, REDACT_WORDS, Retention, read_retention
from slidewire.domain.spending import OWN, read_prepaid, read_segments_a_day, read_sms_countries

#: Every action, in the spelling of a right.
ALL_ACTIONS = "all"
#: Characters of a text that answers a phone.
LONGEST_ANSWER = 320
_NO_LIMITS = CallLimits()


class SettingError(ValueError):
    """A setting that cannot be read, in words for whoever gave it."""


@dataclass(frozen=True, slots=True)
class SenderCountry:
    """A country that a sender may send to."""

    number: str  #: as it is sent
    country: str  #: ISO 3166 alpha-2

    def __str__(self) -> str:
        return f"{self.number}={self.country}"


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """How one account is treated (interfaces.md, Account settings)."""

    api_on: bool = True  #: false: E109
    blocked: bool = False  #: true: E103
    test: bool = False  #: true: every message goes to the simulator, by a route with `test`
    actions: tuple[str, ...] = (ALL_ACTIONS,)  #: lower-case action names it may call, or `all`; empty: E105
    password_login: bool = False  #: whether USER and PASS speak for it too
    addresses: tuple[Network, ...] = ()  #: networks that may call; empty: any (E112)
    min_interval: float = 0.0  #: seconds between two calls of any action (E106)
    throughput: tuple[ActionRate, ...] = ()  #: calls of each action in a time (E113)
    quota: int = 0  #: calls in a UTC day; 0: any number (E120)
    quota_month: int = 0  #: calls in a UTC month, likewise
    require_operator: bool = False  #: OPERATORID must be given (E650)
    enforce_campaign: bool = False  #: CAMPAIGNREF must name a campaign that the receiver has joined (settled 14)
    sms_segments: int = 3  #: segments of one SMS; a longer fallback text is cut (settled 30)
    stop_text: str = "You get no more messages from this number. Reply START to come back."  #: answers STOP
    start_text: str = ""  #: answers START; empty: it is not answered
    help_text: str = ""  #: answers HELP
    sms_countries: tuple[str, ...] = (OWN,)  #: where SMS may go: countries, `own`, `*` (security 16)
    sms_daily: int = 0  #: segments of SMS in a UTC day; 0: any number
    prepaid: int | None = None  #: messages that were paid for in advance, all in all (E713); None: it pays otherwise
    repeat_window: int = 0  #: minutes within which the same content to one receiver is warned of; 0: it is not
    quiet_hours: tuple[QuietWindow, ...] = ()  #: when nothing leaves, by the clock where the receiver is
    quiet_holds: str = MARKETING  #: what quiet hours hold: messages of campaigns, or all
    quiet_exempt: tuple[str, ...] = ()  #: campaigns that are no marketing
    repeat_action: str = WARN  #: or it is held until an admin lets it go
    repeat_hold: int = 60  #: minutes that it is held at most
    weight: int = LIGHTEST  #: its share of a route on which others wait too, measured by theirs
    unknown_operator: str = "lookup"  #: or "refuse" (E651)
    max_slides: int = 9  #: E225 above (settled 8)
    service_ids: tuple[str, ...] = ()  #: when not empty, SERVICEID must be one of them (E627)
    keep_url_queries: bool = False  #: keep the query of media addresses (settled 17)
    fallback: bool = True  #: may an MMS that cannot reach the phone go as SMS
    unique_client_reference: bool = False  #: a CLIENT_REFERENCE names one request (durability 15)
    reuse_sent_mms: bool = False  #: the MMSID of a sendMMS can be sent again with sendSavedMMS (settled 22)
    #: where a sender may send to; one that is not named here may send anywhere (E111, settled 13)
    sender_countries: tuple[SenderCountry, ...] = ()
    postback_url: str = ""  #: where events are posted; empty: nowhere
    postback_failover_url: str = ""  #: where a postback goes at once when its address does not receive it
    inbound_postback_url: str = ""  #: where N211, N301 and N302 are posted instead
    postback_format: str = "dialect"  #: of the request; or xml, xml-lower, json (settled 29)
    postback_secret: str = ""  #: what postbacks are signed with, sealed (security 17); empty: they are not
    opened_postback: bool = False  #: the first opening of a fallback page is posted
    postback_order: bool = True  #: a later postback of a message waits for the earlier one
    postback_schedule: str = "published"  #: or "long"
    retention_days: Retention = KEPT  #: how long content, text and numbers are kept
    redact: str = "none"  #: what goes once a message is over: none, content, numbers

    @property
    def limits(self) -> CallLimits:
        """How often it may call (settled 16)."""
        if not (self.throughput or self.quota or self.quota_month or self.min_interval):
            return _NO_LIMITS
        return CallLimits(self.min_interval, self.throughput, self.quota, self.quota_month)

    @property
    def quiet(self) -> QuietRules | None:
        """Its quiet hours; None: it has none."""
        return QuietRules(self.quiet_hours, self.quiet_holds, self.quiet_exempt) if self.quiet_hours else None


def secret_place(account_id: str) -> str:
    """Where an account's postback_secret belongs: what it is sealed for."""
    return f"accounts/{account_id}/postback_secret"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer with its settings and the numbers that it owns."""

    id: str
    name: str
    settings: AccountSettings
    senders: frozenset[str]  #: digits as they are sent: short codes bare, long codes in E.164 without plus
    disabled: bool = False
    campaigns: frozenset[str] = frozenset()  #: refs of those that are open

    def allows_address(self, address: str) -> bool:
        """Whether a call may come from ``address`` (E112)."""
        networks = self.settings.addresses
        return not networks or lies_in(read_address(address), networks)

    def allows_action(self, action: str) -> bool:
        """Whether the account has the right for ``action`` (E107)."""
        rights = self.settings.actions
        return ALL_ACTIONS in rights or action.lower() in rights


def as_test(account: Account) -> Account:
    """The account as a test key speaks for it: everything goes to the simulator."""
    return replace(account, settings=replace(account.settings, test=True))


def read_settings(words: dict[str, str], base: AccountSettings | None = None) -> AccountSettings:
    """``base`` with the settings in ``words`` changed. Raises SettingError naming the setting."""
    known = {field.name for field in fields(AccountSettings)}
    values: dict[str, object] = {}
    for name, text in words.items():
        if name not in known:
            raise SettingError(f"there is no account setting {name!r}; there are: {', '.join(sorted(known))}")
        try:
            values[name] = _READERS[name](text.strip())
        except ValueError as error:
            raise SettingError(f"account setting {name}: {error}") from error
    current = base or AccountSettings()
    merged = {field.name: values.get(field.name, getattr(current, field.name)) for field in fields(current)}
    return AccountSettings(**merged)  # type: ignore[arg-type]  # each reader gives its own field's type


def write_settings(settings: AccountSettings) -> dict[str, str]:
    """The words that read_settings reads back to ``settings``."""
    return {field.name: _say(getattr(settings, field.name)) for field in fields(settings)}


def _say(value: object) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _read_bool(text: str) -> bool:
    word = text.lower()
    if word in {"on", "true", "yes", "1"}:
        return True
    if word in {"off", "false", "no", "0"}:
        return False
    raise ValueError(f"{text!r} is neither on nor off")


def read_answer(text: str) -> str:
    """What a phone is answered; empty: nothing. Raises ValueError."""
    if len(text) > LONGEST_ANSWER:
        raise ValueError(f"has {len(text)} characters, at most {LONGEST_ANSWER}")
    if first_forbidden(text):
        raise ValueError("holds a character that no text may hold")
    return text


def _read_words(text: str) -> tuple[str, ...]:
    """A list with commas, or one of JSON: ``actions=[]`` is no action, not one with the name ``[]`` (settled 16)."""
    words = _read_json_list(text) if text.startswith("[") else text.split(",")
    return tuple(word.strip() for word in words if word.strip())


def _read_json_list(text: str) -> list[str]:
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) and "," not in word for word in words):
        raise ValueError(f'{text!r} is no list, as in a, b or in ["a", "b"]')
    return words


def _read_countries(text: str) -> tuple[str, ...]:
    return read_sms_countries(_read_words(text))


def _read_quiet_hours(text: str) -> tuple[QuietWindow, ...]:
    return read_windows(_read_words(text))


def _read_actions(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _read_words(text))


def _read_networks(text: str) -> tuple[Network, ...]:
    return tuple(read_network(word) for word in _read_words(text))


def _read_max_slides(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise ValueError("must be from 1 to 100")
    return number


def _read_segments(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 20:
        raise ValueError("must be from 1 to 20")
    return number


def _read_weight(text: str) -> int:
    number = int(text)
    if not LIGHTEST <= number <= HEAVIEST:
        raise ValueError(f"must be from {LIGHTEST} to {HEAVIEST}")
    return number


def _read_sender_countries(text: str) -> tuple[SenderCountry, ...]:
    return tuple(_read_sender_country(word) for word in _read_words(text))


def _read_sender_country(word: str) -> SenderCountry:
    number, equals, country = (part.strip() for part in word.partition("="))
    digits = number.removeprefix("+")
    if not equals or not digits.isdigit() or not word.isascii():
        raise ValueError(f"{word!r} is not a sender and a country, as in 24680=US")
    if country.upper() not in COUNTRIES:
        raise ValueError(f"{country!r} is no country of ISO 3166, as in 24680=US")
    return SenderCountry(digits, country.upper())


def _read_url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is not an http or https address")
    return text


def _read_sealed(text: str) -> str:
    """Sealed before it comes here: a secret in plain words is in no table and in no memory for long."""
    if text and not text.startswith("sealed"):
        raise ValueError("is written by slidewire account set, which seals it")
    return text


def _one_of(*words: str):  # type: ignore[no-untyped-def]  # a reader of one word out of these
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not one of: {', '.join(words)}")
        return text

    return read


_READERS = {
    "api_on": _read_bool,
    "blocked": _read_bool,
    "test": _read_bool,
    "actions": _read_actions,
    "password_login": _read_bool,
    "addresses": _read_networks,
    "min_interval": read_interval,
    "throughput": read_throughput,
    "quota": read_quota,
    "quota_month": read_quota,
    "require_operator": _read_bool,
    "enforce_campaign": _read_bool,
    "unknown_operator": _one_of("lookup", "refuse"),
    "max_slides": _read_max_slides,
    "weight": _read_weight,
    "sms_segments": _read_segments,
    "stop_text": read_answer,
    "start_text": read_answer,
    "help_text": read_answer,
    "sms_countries": _read_countries,
    "sms_daily": read_segments_a_day,
    "prepaid": read_prepaid,
    "repeat_window": read_minutes,
    "repeat_action": _one_of(WARN, HOLD),
    "repeat_hold": read_hold,
    "quiet_hours": _read_quiet_hours,
    "quiet_holds": _one_of(MARKETING, ALL),
    "quiet_exempt": _read_words,
    "service_ids": _read_words,
    "keep_url_queries": _read_bool,
    "fallback": _read_bool,
    "unique_client_reference": _read_bool,
    "reuse_sent_mms": _read_bool,
    "sender_countries": _read_sender_countries,
    "postback_url": _read_url,
    "postback_failover_url": _read_url,
    "inbound_postback_url": _read_url,
    "postback_format": _one_of("dialect", "xml", "xml-lower", "json"),
    "postback_secret": _read_sealed,
    "opened_postback": _read_bool,
    "postback_order": _read_bool,
    "postback_schedule": _one_of("published", "long"),
    "retention_days": read_retention,
    "redact": _one_of(*REDACT_WORDS),
}
