"""Everything about saveMMS and sendSavedMMS that can be judged without I/O, and a template with its texts filled in.

The first fault wins, as in sendMMS (domain/checks.py); MMSID is looked at before TO. What depends on the receiver is
judged for each receiver by itself (docs/adr/0083).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from slidewire.domain.account import Account
from slidewire.domain.characters import first_forbidden, one_line_end
from slidewire.domain.checks import (
    Rules,
    check_service,
    cut_subject,
    read_campaign,
    read_client_reference,
    read_force_sms,
    read_link_expiration,
    read_mask,
    read_operator,
    read_receiver,
    read_sender,
    read_slides,
    read_times,
)
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.graphemes import cut_at_grapheme
from slidewire.domain.merging import MergedTooLongError, has_tags, merge, tag_name
from slidewire.domain.message import Slide
from slidewire.domain.moments import read_moment
from slidewire.domain.request import (
    Addressee,
    CheckedSavedSend,
    CheckedTemplate,
    Refused,
    SendRequest,
    SendSavedRequest,
    TemplateQuery,
)
from slidewire.domain.senders import sender_for
from slidewire.domain.slides import NOT_TEXT
from slidewire.domain.template import Template
from slidewire.domain.words import Words, read_if_said, read_line, read_yes_no

MAX_RECEIVERS = 100  #: of one sendSavedMMS (E623, api.md 2.5)
MAX_NAME = 255  #: characters of a template's name; the rest is cut
#: Characters of a subject with merge tags: it is cut to what is sent once they are filled in.
MAX_TAGGED_SUBJECT = 1000
#: Characters of a fallback text with its values: more than any number of segments carries.
MAX_MERGED_FALLBACK = 10_000
ITEMS_PER_PAGE = 100  #: of getMMSTemplates, when none is asked for (api.md 3.3)
MAX_ITEMS_PER_PAGE = 1000
_LONGEST_NUMBER = 9  #: digits of a page, of a slide
_LONGEST_MMS_ID = 19


def check_template(request: SendRequest, account: Account, rules: Rules) -> CheckedTemplate:
    """The message as it will be saved. Raises FaultError for the first broken rule."""
    words = Words(request)
    name = words.of("name")
    if not name:
        raise Fault.NAME_REQUIRED.error()
    if len(name) > MAX_NAME:
        name = cut_at_grapheme(name, MAX_NAME)
        words.warnings.append(f"the name was cut to {len(name)} characters")
    subject = _saved_subject(words)
    fallback_text = one_line_end(words.of("fallback_text"))
    if not subject and not fallback_text:
        raise Fault.FALLBACK_TEXT_REQUIRED.error()
    fallback_off, link_off = read_yes_no(words, "disable_fallback"), read_yes_no(words, "disable_link")
    use_cache = read_yes_no(words, "cache_content", absent=True)
    slides, slide_warnings = read_slides(request, account, rules)
    return CheckedTemplate(
        dialect=request.dialect,
        name=name,
        subject=subject,
        fallback_text=fallback_text,
        fallback_allowed=not fallback_off,
        link_wanted=not link_off,
        use_cache=use_cache,
        slides=slides,
        warnings=(*words.warnings, *slide_warnings),
    )


def check_saved_send(request: SendSavedRequest, account: Account, now_ms: int, rules: Rules) -> CheckedSavedSend:
    """The call with its receivers. Raises FaultError for what is wrong with all of it.

    ``now_ms`` is Unix time in milliseconds.
    """
    words = Words(request)
    mms_id = read_mms_id(words.of("mms_id"))
    numbers = _numbers(words)
    read_sender(words)
    to = _addressees(numbers, words, account, rules)
    subject, fallback_text = read_line(words, "custom_subject"), one_line_end(words.of("fallback_text"))
    spid = words.of("operator")
    operator = read_operator(spid, account, rules)
    check_service(words, account)
    campaign = read_campaign(words, account)
    times = read_times(words, now_ms, rules)
    link_expires_at = read_link_expiration(words, times.send_at or now_ms)
    force_sms = read_force_sms(words)
    fallback_off = False if force_sms else read_if_said(words, "disable_fallback")
    link_off = read_if_said(words, "disable_link")
    return CheckedSavedSend(
        dialect=request.dialect,
        mms_id=mms_id,
        to=to,
        is_list=len(numbers) > 1,
        spid=spid,
        operator=operator,
        campaign=campaign,
        link_expires_at=link_expires_at,
        force_sms=force_sms,
        client_reference=read_client_reference(words),
        fallback_off=fallback_off,
        link_off=link_off,
        fallback_text=fallback_text,
        subject=subject,
        texts=_custom_texts(request, words.warnings),
        values=_merge_values(request),
        warnings=tuple(words.warnings),
        send_at=times.send_at,
        expires_at=times.expires_at,
    )


def read_mms_id(given: str) -> int:
    """The id of a template; 0 for what can be none. Raises FaultError E620 when it is not given."""
    digits = given.strip()
    if not digits:
        raise Fault.MMS_ID_REQUIRED.error()
    if not digits.isdigit() or not digits.isascii() or len(digits) > _LONGEST_MMS_ID or int(digits) >= 1 << 63:
        return 0
    return int(digits)


def check_query(start_date: str | None, page: str | None, per_page: str | None) -> TemplateQuery:
    """The page of getMMSTemplates that is asked for. Raises FaultError E214, E212, E213."""
    given = (start_date or "").strip()
    since = read_moment(given) if given else 0
    if since is None:
        raise Fault.BAD_START_DATE.error()
    return TemplateQuery(
        since=since,
        page=read_count(page, 1, 10**_LONGEST_NUMBER, Fault.BAD_PAGE_NUMBER),
        per_page=read_count(per_page, ITEMS_PER_PAGE, MAX_ITEMS_PER_PAGE, Fault.BAD_ITEMS_PER_PAGE),
        start_date=given,
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """What a template says to the receivers of one call."""

    slides: tuple[Slide, ...]
    subject: str
    fallback_text: str
    warnings: tuple[str, ...]


def fill(template: Template, send: CheckedSavedSend, rules: Rules) -> Filled:
    """``template`` with the texts and values of ``send``.

    Raises FaultError: E100 for a text of a slide that there is not, then slide by slide E334 and E313.
    """
    for number in send.texts:
        if number > len(template.slides):
            raise Fault.INVALID_REQUEST.about(
                "custom_text", f"is for slide {number}, and the message has {len(template.slides)}"
            )
    warnings: list[str] = []
    slides = tuple(
        _filled_slide(slide, number, send, rules, warnings) for number, slide in enumerate(template.slides, start=1)
    )
    subject = _merged_line(send.subject or template.subject, send.values, warnings)
    fallback_text = _merged_fallback(send.fallback_text or template.fallback_text, send.values, warnings)
    if not subject and not fallback_text:
        raise Fault.FALLBACK_TEXT_REQUIRED.error()
    return Filled(slides, cut_subject(subject, warnings), fallback_text, tuple(dict.fromkeys(warnings)))


def _saved_subject(words: Words) -> str:
    """A subject with merge tags is kept whole: what it will be is not known yet."""
    subject = read_line(words, "subject")
    if not has_tags(subject):
        return cut_subject(subject, words.warnings)
    if len(subject) > MAX_TAGGED_SUBJECT:
        raise Fault.INVALID_REQUEST.about(
            "subject", f"has {len(subject)} characters, with merge tags at most {MAX_TAGGED_SUBJECT}"
        )
    return subject


def split_receivers(given: str) -> list[str]:
    """TO as given: one number, or several parted by commas (api.md 2.5). One more than are allowed is enough."""
    numbers = (each.strip() for each in given.split(",", MAX_RECEIVERS * 2))
    return [number for number in numbers if number][: MAX_RECEIVERS + 1]


def _numbers(words: Words) -> list[str]:
    numbers = split_receivers(words.of("receiver"))
    if not numbers:
        raise Fault.RECEIVER_REQUIRED.error()
    if len(numbers) > MAX_RECEIVERS:
        raise Fault.TOO_MANY_RECEIVERS.error(limit=MAX_RECEIVERS)
    return numbers


def _addressees(numbers: list[str], words: Words, account: Account, rules: Rules) -> tuple[Addressee | Refused, ...]:
    """Each receiver once. Raises the fault of one that was asked for alone."""
    to: dict[str, Addressee | Refused] = {}
    for given in numbers:
        try:
            addressee = _addressee(given, words, account, rules)
        except FaultError as fault:
            if len(numbers) == 1:
                raise
            to.setdefault(given, Refused(given, fault))
            continue
        if addressee.receiver in to:
            words.warnings.append(f"{addressee.receiver} was given more than once, and gets one message")
        to.setdefault(addressee.receiver, addressee)
    words.warnings[:] = dict.fromkeys(words.warnings)
    return tuple(to.values())


def _addressee(given: str, words: Words, account: Account, rules: Rules) -> Addressee:
    number = read_receiver(given, rules)
    sender = sender_for(account, read_sender(words), number.country)
    return Addressee(given, number.digits, number.country, sender, read_mask(words, number.country, rules))


def _custom_texts(request: SendSavedRequest, warnings: list[str]) -> dict[int, str]:
    """Texts by slide; of two for one slide the first counts (settled 2), and a blank one is none."""
    texts: dict[int, str] = {}
    for custom in request.custom_texts:
        if custom.nested:
            raise Fault.INVALID_REQUEST.about("custom_text", NOT_TEXT)
        if not custom.value or custom.value.isspace():
            continue
        if first_forbidden(custom.value):
            raise Fault.INVALID_REQUEST.about("custom_text", "holds a character that no text may hold")
        number = (custom.slide or "").strip()
        if not number.isdigit() or not number.isascii() or len(number) > _LONGEST_NUMBER or not int(number):
            raise Fault.INVALID_REQUEST.about("custom_text", "names no slide: their numbers begin with 1")
        if int(number) in texts:
            warnings.append(f"slide {int(number)}: only the first custom text counts")
        texts.setdefault(int(number), one_line_end(custom.value))
    return texts


def _merge_values(request: SendSavedRequest) -> dict[str, str]:
    """The values that are not blank, by the name that tags look for."""
    if "merge_values" in request.nested:
        raise Fault.INVALID_REQUEST.about("merge_values", NOT_TEXT)
    values: dict[str, str] = {}
    for name, value in request.merge_values.items():
        if value is None or not value.strip():
            continue
        if first_forbidden(value):
            raise Fault.INVALID_REQUEST.about("merge_values", "holds a character that no text may hold")
        values.setdefault(tag_name(name), one_line_end(value))
    return values


def _filled_slide(slide: Slide, number: int, send: CheckedSavedSend, rules: Rules, warnings: list[str]) -> Slide:
    given = send.texts.get(number, slide.text)
    try:
        merged = merge(given, send.values, rules.max_text)
    except MergedTooLongError:
        raise Fault.TEXT_TOO_LONG.error(f"at most {rules.max_text} characters", slide=number) from None
    warnings += (f"slide {number}: there is no value for {name}" for name in merged.missing)
    text = "" if merged.text.isspace() else merged.text
    if not text and not slide.parts:
        raise Fault.SLIDE_EMPTY.error(slide=number)
    return slide if text == slide.text else replace(slide, text=text)


def _merged_line(text: str, values: Mapping[str, str], warnings: list[str]) -> str:
    """A subject with its values, cut where they are beyond all measure."""
    one_line = {name: " ".join(value.split()) for name, value in values.items()} if has_tags(text) else values
    return _merged(text, one_line, MAX_TAGGED_SUBJECT, "the subject", warnings)


def _merged_fallback(text: str, values: Mapping[str, str], warnings: list[str]) -> str:
    return _merged(text, values, MAX_MERGED_FALLBACK, "the fallback text", warnings) if has_tags(text) else text


def _merged(text: str, values: Mapping[str, str], limit: int, what: str, warnings: list[str]) -> str:
    try:
        merged = merge(text, values, limit)
    except MergedTooLongError:
        short = {name: value[:MAX_NAME] for name, value in values.items()}
        warnings.append(f"{what} is too long with its values: each was cut to {MAX_NAME} characters")
        return merge(text[:limit], short, limit * MAX_NAME).text[:limit]
    warnings += (f"{what}: there is no value for {name}" for name in merged.missing)
    return merged.text.strip()


def read_count(given: str | None, absent: int, most: int, fault: Fault) -> int:
    """A whole number from 1 to ``most``; ``absent`` where none was given. Raises FaultError."""
    digits = (given or "").strip()
    if not digits:
        return absent
    if not digits.isdigit() or not digits.isascii() or len(digits) > _LONGEST_NUMBER or not 1 <= int(digits) <= most:
        raise fault.error(f"a whole number from 1 to {most}")
    return int(digits)
