"""Everything about a sendMMS call that can be judged without I/O, in the order of settled 1 (h) and (i).

The first fault wins, so the order of the lines is the contract.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from slidewire.domain import link_expiration
from slidewire.domain.account import Account
from slidewire.domain.characters import first_forbidden, one_line_end
from slidewire.domain.faults import Fault
from slidewire.domain.graphemes import cut_at_grapheme
from slidewire.domain.phone import Number, NumberError, read_number
from slidewire.domain.request import CheckedRequest, SendRequest
from slidewire.domain.senders import check_mask, check_sender
from slidewire.domain.slides import NOT_TEXT, check_slides

MAX_SUBJECT = 80  #: characters; the rest is cut (founding page)
MAX_CLIENT_REFERENCE = 64  #: characters (founding page)
_OPERATOR_FORM = re.compile("[0-9]{4,7}")  #: as operator ids are published (api.md 6.1)
_NO_LINE = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]")  #: line breaks and control characters
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_TRUE_FALSE = {"true": True, "false": False}
#: The fields of a SendRequest that hold one text.
_TEXTS = tuple(each.name for each in fields(SendRequest) if each.type == (str | None))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the checks must know of this gateway's settings."""

    operators: Mapping[str, str] = field(default_factory=dict)  #: every id and alias -> our id (settled 12)
    valid_numbers: bool = False  #: refuse numbers of ranges that are not given out (settled 5)
    max_text: int = 5000  #: characters of a slide's text (E334)


def check_request(request: SendRequest, account: Account, now_ms: int, rules: Rules) -> CheckedRequest:
    """The request as it will be sent, with its silent cuts told. Raises FaultError for the first broken rule.

    ``now_ms`` is Unix time in milliseconds.
    """
    words = _Words(request)
    receiver = _receiver(words, rules)
    sender = _sender(words, account, receiver.country)
    mask = _mask(words, receiver.country)
    name = words.of("name")
    if not name:
        raise Fault.NAME_REQUIRED.error()
    subject, fallback_text = _subject(words), one_line_end(words.of("fallback_text"))
    if not subject and not fallback_text:
        raise Fault.FALLBACK_TEXT_REQUIRED.error()
    spid = words.of("operator")
    operator = _operator(spid, account, rules)
    _check_service(words, account)
    campaign = _campaign(words, account)
    link_expires_at = _link_expiration(words, now_ms)
    force_sms = _force_sms(words)
    fallback_off = False if force_sms else _yes_no(words, "disable_fallback")
    link_off = _yes_no(words, "disable_link")
    client_reference = _client_reference(words)
    use_cache = _yes_no(words, "cache_content", absent=True)
    if "slides" in request.nested:
        raise Fault.INVALID_REQUEST.about("slides", "is no list of objects")
    slides, slide_warnings = check_slides(request.slides, account.settings.max_slides, rules.max_text)
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
    )


class _Words:
    """The text fields of one request, and what there is to tell about them."""

    __slots__ = ("_are_plain", "_request", "warnings")

    def __init__(self, request: SendRequest) -> None:
        self._request = request
        self.warnings = [f"only the first {name.replace('_', ' ')} counts" for name in request.repeated]
        if request.unknown or request.notes:
            self.warnings += request.notes + tuple(f"ignored, for it is not known: {name}" for name in request.unknown)
        # one look at all of them: then the common request costs no look at each
        together = "".join([getattr(request, name) or "" for name in _TEXTS])
        self._are_plain = not request.nested and together.isprintable()

    def of(self, name: str) -> str:
        """The field without the white space around it; empty when absent or blank.

        Raises E100 naming it for an element inside, or a character that no text may hold.
        """
        given: str | None = getattr(self._request, name)
        if self._are_plain:
            return given.strip() if given else ""
        if name in self._request.nested:
            raise Fault.INVALID_REQUEST.about(name, NOT_TEXT)
        text = given.strip() if given else ""
        if first_forbidden(text):
            raise Fault.INVALID_REQUEST.about(name, "holds a character that no text may hold")
        return text


def _receiver(words: _Words, rules: Rules) -> Number:
    given = words.of("receiver")
    if not given:
        raise Fault.INVALID_REQUEST.about("receiver", "is required")
    try:
        return read_number(given, valid=rules.valid_numbers)
    except NumberError as error:
        raise Fault.BAD_RECEIVER.error(str(error)) from error


def _sender(words: _Words, account: Account, country: str) -> str:
    given = words.of("sender")
    if not given:
        raise Fault.INVALID_REQUEST.about("sender", "is required")
    return check_sender(account, given, country)


def _mask(words: _Words, country: str) -> str:
    given = words.of("mask")
    if not given:
        return ""
    mask = check_mask(given, country)
    if mask.warning:
        words.warnings.append(mask.warning)
    return mask.text


def _subject(words: _Words) -> str:
    """One line, cut once: everything later uses the cut one (settled 6)."""
    whole = words.of("subject")
    if not whole.isprintable():
        whole = _NO_LINE.sub(" ", whole).strip()
    subject = cut_at_grapheme(whole, MAX_SUBJECT)
    if subject != whole:
        words.warnings.append(f"the subject was cut to {len(subject)} characters")
        subject = subject.rstrip()
    if not subject.isascii():
        words.warnings.append("the subject holds characters beyond ASCII, which some networks drop")
    return subject


def _operator(given: str, account: Account, rules: Rules) -> str:
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


def _check_service(words: _Words, account: Account) -> None:
    """Required and one of the account's where it has some; else ignored (settled 15)."""
    allowed = account.settings.service_ids
    if allowed and words.of("service") not in allowed:
        raise Fault.BAD_SERVICE.error()


def _campaign(words: _Words, account: Account) -> str:
    """Kept as it is given where it is not enforced (settled 14)."""
    given = words.of("campaign")
    if account.settings.enforce_campaign:
        if not given:
            raise Fault.CAMPAIGN_REQUIRED.error()
        if given not in account.campaigns:
            raise Fault.BAD_CAMPAIGN.error()
    return given


def _link_expiration(words: _Words, now_ms: int) -> int:
    given = words.of("link_expiration")
    if not given:
        return now_ms + link_expiration.DEFAULT_MS
    try:
        return link_expiration.read_expiration(given, now_ms)
    except link_expiration.ExpirationError as error:
        raise Fault.BAD_LINK_EXPIRATION.error(str(error)) from error


def _force_sms(words: _Words) -> bool:
    given = words.of("force_sms")
    if not given:
        return False
    forced = _TRUE_FALSE.get(given.lower())
    if forced is None:
        raise Fault.BAD_FORCE_SMS.error()
    return forced


def _yes_no(words: _Words, name: str, *, absent: bool = False) -> bool:
    given = words.of(name)
    if not given:
        return absent
    answer = _YES_NO.get(given.lower())
    if answer is None:
        raise Fault.INVALID_REQUEST.about(name, "is neither yes nor no")
    return answer


def _client_reference(words: _Words) -> str:
    given = words.of("client_reference")
    if len(given) > MAX_CLIENT_REFERENCE:
        raise Fault.INVALID_REQUEST.about(
            "client_reference", f"has {len(given)} characters, at most {MAX_CLIENT_REFERENCE}"
        )
    return given
