"""Everything about createMMSCampaign, subscribe and unsubscribe that can be judged without I/O (api.md 3.5)."""

from dataclasses import dataclass, replace

from slidewire.domain.campaigns import Campaign, Consent
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.phone import Number, NumberError, read_number
from slidewire.domain.request import CampaignRequest, ConsentRequest
from slidewire.domain.words import Words, read_line, read_yes_no

LONGEST_REF = 64  #: characters of a campaign's ref, and of a subscriber's
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class CheckedCampaign:
    """A campaign that is wanted."""

    name: str
    brand: str
    ref: str  #: empty: its id
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignName:
    """How a call names a campaign: by its id, or by its ref alone."""

    id: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class CheckedConsent:
    """How a phone is to stand to a campaign."""

    phone: Number
    campaign: CampaignName
    state: Consent  #: subscribed, pending where the phone is to confirm, or removed
    subscriber_ref: str = ""
    notify: bool = False  #: tell the phone by SMS
    spid: str = ""  #: the network that this SMS goes to, as the caller named it; empty: not known
    warnings: tuple[str, ...] = ()

    @property
    def has_text(self) -> bool:
        """Whether the phone gets an SMS about it."""
        return self.notify or self.state is Consent.PENDING

    def refused(self, why: str) -> FaultError:
        """It cannot be done."""
        return (Fault.NOT_LEFT if self.state is Consent.REMOVED else Fault.NOT_JOINED).error(why)


def check_campaign(request: CampaignRequest) -> CheckedCampaign:
    """The campaign as it will be made. Raises FaultError E170, E171, E100."""
    words = Words(request)
    name = _short(words, "campaign_name", LONGEST_NAME)
    if not name:
        raise Fault.CAMPAIGN_NAME_REQUIRED.error()
    brand = _short(words, "brand", LONGEST_NAME)
    if not brand:
        raise Fault.BRAND_REQUIRED.error()
    return CheckedCampaign(name, brand, _short(words, "campaign", LONGEST_REF), tuple(words.warnings))


def check_consent(request: ConsentRequest, rules: Rules, *, leaves: bool) -> CheckedConsent:
    """Who is to join or leave what. Raises FaultError E901, E902, E100, and E904 or E905 for what is no number."""
    words = Words(request)
    mobile = words.of("mobile")
    if not mobile:
        raise Fault.MOBILE_REQUIRED.error()
    campaign = CampaignName(words.of("campaign_id"), words.of("campaign"))
    if not campaign.id and not campaign.ref:
        raise Fault.CAMPAIGN_ID_REQUIRED.error()
    notify, confirm = read_yes_no(words, "notify"), read_yes_no(words, "cta") and not leaves
    joined = Consent.PENDING if confirm else Consent.SUBSCRIBED
    subscriber_ref = _short(words, "subscriber_ref", LONGEST_REF)
    try:
        phone = read_number(mobile, valid=rules.valid_numbers)
    except NumberError as error:
        raise (Fault.NOT_LEFT if leaves else Fault.NOT_JOINED).error(str(error)) from error
    state = Consent.REMOVED if leaves else joined
    wish = CheckedConsent(phone, campaign, state, subscriber_ref, notify)
    spid = _spid(words, wish, rules)
    return replace(wish, spid=spid, warnings=tuple(words.warnings))


def _spid(words: Words, wish: CheckedConsent, rules: Rules) -> str:
    """The operator as it was given, where there is a text that it is for; else it is told that it is ignored.

    These calls have no code for a bad one: the text finds its way without (docs/adr/0263).
    """
    given = words.of("operator")
    if given and not wish.has_text:
        words.warnings.append("the operator is ignored: the phone is sent nothing")
    elif given and given not in rules.operators:
        words.warnings.append("the operator is ignored: it is not known")
    return given if wish.has_text and given in rules.operators else ""


def words_for(campaign: Campaign, state: Consent) -> str:
    """What the phone is told, or asked (docs/adr/0161)."""
    who = f"{campaign.brand}: " if campaign.brand else ""
    if state is Consent.PENDING:
        return f"{who}reply YES to get messages of {campaign.name}. Reply STOP to end."
    if state is Consent.SUBSCRIBED:
        return f"{who}you get messages of {campaign.name} from now on. Reply STOP to end."
    return f"{who}you get no more messages of {campaign.name}."


def _short(words: Words, name: str, most: int) -> str:
    text = read_line(words, name)
    if len(text) > most:
        raise Fault.INVALID_REQUEST.about(name, f"has {len(text)} characters, at most {most}")
    return text
