"""Everything about a sendMMS call that can be judged without I/O, in the order of settled 1 (h) and (i).

The first fault wins, so the order of the lines is the contract.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from slidewire.domain import link_expiration
from slidewire.domain.account import Account
from slidewire.domain.characters import one_line_end
from slidewire.domain.faults import Fault
from slidewire.domain.gathering import FIRST, Faults
from slidewire.domain.graphemes import cut_at_grapheme
from slidewire.domain.moments import DAY_MS, read_moment
from slidewire.domain.phone import Number, NumberError, read_number
from slidewire.domain.request import CheckedRequest, CheckedSlide, SendRequest
from slidewire.domain.senders import MaskRule, check_mask, check_sender, own_sender
from slidewire.domain.slides import check_slides
from slidewire.domain.words import Words, read_line, read_yes_no

MAX_SUBJECT = 80  #: characters; the rest is cut (founding page)
MAX_CLIENT_REFERENCE = 64  #: characters (founding page)
_OPERATOR_FORM = re.compile("[0-9]{4,7}")  #: as operator ids are published (api.md 6.1)
_TRUE_FALSE = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the checks must know of this gateway's settings."""

    operators: Mapping[str, str] = field(default_factory=dict)  #: every id and alias -> our id (settled 12)
    valid_numbers: bool = False  #: refuse numbers of ranges that are not given out (settled 5)
    max_text: int = 5000  #: characters of a slide's text (E334)
    masks: Mapping[str, MaskRule] = field(default_factory=dict)  #: by country; one that is not named takes them
    ahead_ms: int = 366 * DAY_MS  #: how far ahead a message may be scheduled
    longest_validity_ms: int = 30 * DAY_MS  #: of a message that says when it expires
    group: int = 20  #: phones that a message may show besides its receiver
    messages_page: int = 1000  #: the most messages that one page tells
    statistics_ms: int = 31 * DAY_MS  #: the longest time that one report is about


#: Stands for a receiver, and for a subject, whose fault is told already.
_NOBODY, _ANY_SUBJECT = Number("", ""), "-"
_NO_GROUP: tuple[str, ...] = ()


def check_request(
    request: SendRequest, account: Account, now_ms: int, rules: Rules, faults: Faults = FIRST
) -> CheckedRequest:
    """The request as it will be sent, with its silent cuts told. Raises FaultError for the first broken rule.

    ``now_ms`` is Unix time in milliseconds. ``faults`` that gathers them raises none; what it then gives is for
    further checks alone.
    """
    words, take = Words(request), faults.of
    given = words.given  # most requests give few fields, and most that are not given have nothing to be checked
    receiver = take(_NOBODY, read_sole_receiver, words, rules)
    sender = take("", _sender, words, account, receiver)
    mask = take("", read_mask, words, receiver.country, rules) if "mask" in given else ""
    display_only = take(_NO_GROUP, read_display_only, words, receiver.digits, rules) if "display_only" in given else ()
    name, subject, fallback_text = _texts(words, faults)
    spid = take("", words.of, "operator") if "operator" in given else ""
    operator = take("", read_operator, spid, account, rules)
    if account.settings.service_ids:
        take(None, check_service, words, account)
    campaign = take("", read_campaign, words, account)
    times = take(_AT_ONCE, read_times, words, now_ms, rules, faults)
    link_expires_at = take(now_ms, read_link_expiration, words, times.send_at or now_ms)
    force_sms, fallback_off, link_off = _switches(words, faults)
    client_reference = take("", read_client_reference, words)
    use_cache = "cache_content" not in given or take(True, read_yes_no, words, "cache_content", absent=True)
    slides, slide_warnings = take(((), ()), read_slides, request, account, rules, faults)
    return CheckedRequest(
        dialect=request.dialect,
        receiver=receiver.digits,
        country=receiver.country,
        sender=sender,
        mask=mask,
        name=name,
        subject=subject,
        fallback_text=fallback_text,
        spid=spid,
        campaign=campaign,
        link_expires_at=link_expires_at,
        force_sms=force_sms,
        fallback_allowed=force_sms or (account.settings.fallback and not fallback_off),
        link_wanted=not link_off,
        client_reference=client_reference,
        use_cache=use_cache,
        slides=slides,
        operator=operator,
        warnings=(*words.warnings, *slide_warnings),
        send_at=times.send_at,
        expires_at=times.expires_at,
        display_only=display_only,
    )


def read_slides(
    request: SendRequest, account: Account, rules: Rules, faults: Faults = FIRST
) -> tuple[tuple[CheckedSlide, ...], tuple[str, ...]]:
    """The slides, and what is told of them. Raises FaultError (settled 1 i)."""
    if "slides" in request.nested:
        raise Fault.INVALID_REQUEST.about("slides", "is no list of objects")
    return check_slides(request.slides, account.settings.max_slides, rules.max_text, faults)


def _texts(words: Words, faults: Faults) -> tuple[str, str, str]:
    """The message's name, its subject as it is cut, and the SMS's text."""
    take = faults.of
    name = take("", _name, words)
    subject = cut_subject(take(_ANY_SUBJECT, read_line, words, "subject"), words.warnings)
    given = "fallback_text" in words.given
    fallback_text = one_line_end(take(_ANY_SUBJECT, words.of, "fallback_text")) if given else ""
    take(None, _check_says_something, subject, fallback_text)
    return name, subject, fallback_text


def _switches(words: Words, faults: Faults) -> tuple[bool, bool, bool]:
    """Whether it goes as SMS at once; whether it may not; whether that has no link. An SMS at once may go as one."""
    given, take = words.given, faults.of
    force_sms = take(False, read_force_sms, words) if "force_sms" in given else False
    fallback_off = not force_sms and "disable_fallback" in given and take(False, read_yes_no, words, "disable_fallback")
    return force_sms, fallback_off, "disable_link" in given and take(False, read_yes_no, words, "disable_link")


def _sender(words: Words, account: Account, receiver: Number) -> str:
    given = read_sender(words)
    return check_sender(account, given, receiver.country) if receiver is not _NOBODY else own_sender(account, given)


def _name(words: Words) -> str:
    name = words.of("name")
    if not name:
        raise Fault.NAME_REQUIRED.error()
    return name


def _check_says_something(subject: str, fallback_text: str) -> None:
    if not subject and not fallback_text:
        raise Fault.FALLBACK_TEXT_REQUIRED.error()


def read_sole_receiver(words: Words, rules: Rules) -> Number:
    """TO of a call that has one receiver. Raises FaultError E100 where it is not given, E110 (settled 2)."""
    given = words.of("receiver")
    if not given:
        raise Fault.INVALID_REQUEST.about("receiver", "is required")
    return read_receiver(given, rules)


def read_receiver(given: str, rules: Rules) -> Number:
    """The number that a message goes to. Raises FaultError E110."""
    try:
        return read_number(given, valid=rules.valid_numbers)
    except NumberError as error:
        raise Fault.BAD_RECEIVER.error(str(error)) from error


def read_sender(words: Words) -> str:
    """FROM as it was given. Raises FaultError E100 where it is not (settled 2)."""
    given = words.of("sender")
    if not given:
        raise Fault.INVALID_REQUEST.about("sender", "is required")
    return given


def read_mask(words: Words, country: str, rules: Rules) -> str:
    """The alphanumeric sender; empty: none. Raises FaultError E115, E111 (settled 13)."""
    given = words.of("mask")
    if not given:
        return ""
    mask = check_mask(given, country, rules.masks.get(country, MaskRule.YES))
    if mask.warning:
        words.warnings.append(mask.warning)
    return mask.text


def read_display_only(words: Words, receiver: str, rules: Rules) -> tuple[str, ...]:
    """The others of a group, each once and without the receiver: shown, never sent to (api.md 7).

    Raises FaultError E110 for what is no number, E100 for too many.
    """
    given = words.of("display_only")
    if not given:
        return ()
    numbers = [number for each in given.split(",", rules.group + 1) if (number := each.strip())]
    if len(numbers) > rules.group:
        raise Fault.INVALID_REQUEST.about("display_only", f"names more than {rules.group} phones")
    return tuple(dict.fromkeys(n for each in numbers if (n := read_receiver(each, rules).digits) != receiver))


def cut_subject(whole: str, warnings: list[str]) -> str:
    """A subject as it is sent: cut once, everything later uses the cut one (settled 6)."""
    subject = cut_at_grapheme(whole, MAX_SUBJECT)
    if subject != whole:
        warnings.append(f"the subject was cut to {len(subject)} characters")
        subject = subject.rstrip()
    if not subject.isascii():
        warnings.append("the subject holds characters beyond ASCII, which some networks drop")
    return subject


def read_operator(given: str, account: Account, rules: Rules) -> str:
    """Our id of the operator that was given; empty when it is unknown and may be looked up (settled 12)."""
    if not given:
        if account.settings.require_operator:
            raise Fault.OPERATOR_REQUIRED.error()
        return ""
    known = rules.operators.get(given, "")
    may_look_up = account.settings.unknown_operator == "lookup" and _OPERATOR_FORM.fullmatch(given)
    if not known and not may_look_up:
        raise Fault.OPERATOR_UNKNOWN.error()
    return known


def check_service(words: Words, account: Account) -> None:
    """Required and one of the account's where it has some; else ignored (settled 15)."""
    allowed = account.settings.service_ids
    if allowed and words.of("service") not in allowed:
        raise Fault.BAD_SERVICE.error()


def read_campaign(words: Words, account: Account) -> str:
    """Kept as it is given where it is not enforced (settled 14). Raises FaultError E718, E721."""
    given = words.of("campaign")
    if account.settings.enforce_campaign:
        if not given:
            raise Fault.CAMPAIGN_REQUIRED.error()
        if given not in account.campaigns:
            raise Fault.BAD_CAMPAIGN.error()
    return given


@dataclass(frozen=True, slots=True)
class Times:
    """When a message leaves and when it is given up: Unix milliseconds."""

    send_at: int = 0  #: 0: at once
    expires_at: int = 0  #: 0: as the gateway's validity says


_AT_ONCE = Times()


def read_times(words: Words, now_ms: int, rules: Rules, faults: Faults = FIRST) -> Times:
    """SENDAT and EXPIRES. Raises FaultError E100 (docs/adr/0170)."""
    if "send_at" not in words.given and "expires" not in words.given:
        return _AT_ONCE
    send_at = faults.of(0, _read_send_at, words, now_ms, rules)
    return Times(send_at, faults.of(0, _read_expires, words, send_at or now_ms, rules))


def _read_send_at(words: Words, now_ms: int, rules: Rules) -> int:
    given = words.of("send_at")
    if not given:
        return 0
    send_at = _moment("send_at", given)
    if send_at <= now_ms:
        raise Fault.INVALID_REQUEST.about("send_at", "is not in the future")
    if send_at > now_ms + rules.ahead_ms:
        raise Fault.INVALID_REQUEST.about("send_at", f"is more than {rules.ahead_ms / DAY_MS:g} days ahead")
    return send_at


def _read_expires(words: Words, begins: int, rules: Rules) -> int:
    """Never longer than the gateway keeps trying; a longer wish is cut, and that is told (settled 25)."""
    given = words.of("expires")
    if not given:
        return 0
    expires = _moment("expires", given)
    if expires <= begins:
        raise Fault.INVALID_REQUEST.about("expires", "is not later than the message is sent")
    longest = begins + rules.longest_validity_ms
    if expires > longest:
        words.warnings.append(f"the validity was cut to {rules.longest_validity_ms / DAY_MS:g} days")
    return min(expires, longest)


def _moment(name: str, given: str) -> int:
    moment = read_moment(given)
    if moment is None:
        raise Fault.INVALID_REQUEST.about(name, "is no date and time of ISO 8601")
    return moment


def read_link_expiration(words: Words, begins: int) -> int:
    """When the link of a fallback SMS ends, counted from when it can be sent first. Raises E617 (settled 11)."""
    given = words.of("link_expiration")
    if not given:
        return begins + link_expiration.DEFAULT_MS
    try:
        return link_expiration.read_expiration(given, begins)
    except link_expiration.ExpirationError as error:
        raise Fault.BAD_LINK_EXPIRATION.error(str(error)) from error


def read_force_sms(words: Words) -> bool:
    """FORCE_SEND_AS_SMS. Raises FaultError E655."""
    given = words.of("force_sms")
    if not given:
        return False
    forced = _TRUE_FALSE.get(given.lower())
    if forced is None:
        raise Fault.BAD_FORCE_SMS.error()
    return forced


def read_client_reference(words: Words) -> str:
    """The customer's own reference. Raises FaultError E100."""
    given = words.of("client_reference")
    if len(given) > MAX_CLIENT_REFERENCE:
        raise Fault.INVALID_REQUEST.about(
            "client_reference", f"has {len(given)} characters, at most {MAX_CLIENT_REFERENCE}"
        )
    return given
