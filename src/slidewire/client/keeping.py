"""Calls about what is kept for an account: saved messages, campaigns and who joined them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slidewire.client.calls import Answer, Call, blocks_of, text_of, written


@dataclass(frozen=True, slots=True)
class Template:
    """A saved message in a list."""

    mms_id: str
    name: str
    subject: str
    created: str
    slides: int
    size: int
    status: str


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A page of saved messages."""

    total: int
    templates: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign."""

    id: str
    name: str
    brand: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list."""

    number: int = 1
    size: int = 10
    since: datetime | str | None = None


def get_mms_ids() -> Call[tuple[str, ...]]:
    """The ids of all saved messages. Refused with E200 when there are none."""
    return Call("getmmsids", {}, lambda answer: tuple(text_of(answer, "mms-ids").split(",")), reads_only=True)


def get_mms_templates(page: Page | None = None) -> Call[TemplatePage]:
    """A page of saved messages, the newest first."""
    return Call("getmmstemplates", _page(page or Page()), _template_page, reads_only=True)


def delete_mms_id(mms_id: str) -> Call[None]:
    """Delete a saved message; what was sent of it goes on."""
    return Call("deletemmsid", {"mms-id": mms_id}, lambda _: None)


def create_mms_campaign(name: str, brand: str, ref: str | None = None) -> Call[Campaign]:
    """Make a campaign."""
    fields = {"campaign-name": name, "brand-name": brand, "campaign-ref": ref}
    return Call("createmmscampaign", fields, _campaign)


def get_mms_campaigns(page: Page | None = None) -> Call[tuple[Campaign, ...]]:
    """The open campaigns: all, or a page of them. Refused with E405 when there are none."""
    return Call("getmmscampaigns", _page(page) if page else {}, _campaigns, reads_only=True)


@dataclass(frozen=True, slots=True)
class Joining:
    """How a phone joins or leaves a campaign: named by its ref or its id."""

    campaign_ref: str | None = None
    campaign_id: str | None = None
    subscriber_ref: str | None = None
    notify: bool | None = None  #: the phone is told by a text
    ask_first: bool | None = None  #: the phone joins when it answers YES
    operator_id: str | None = None  #: the network that this text goes to


def subscribe(mobile: str, joining: Joining) -> Call[None]:
    """Let a phone join a campaign; N301 follows."""
    return Call("subscribe", _joining(mobile, joining), lambda _: None)


def unsubscribe(mobile: str, joining: Joining) -> Call[None]:
    """Take a phone out of a campaign; N302 follows."""
    return Call("unsubscribe", _joining(mobile, joining), lambda _: None)


def _page(page: Page) -> dict[str, Any]:
    return {
        "page-number": str(page.number),
        "items-per-page": str(page.size),
        "start-date": written(page.since),
    }


def _joining(mobile: str, joining: Joining) -> dict[str, Any]:
    return {
        "mobile": mobile,
        "campaign-ref": joining.campaign_ref,
        "campaign-id": joining.campaign_id,
        "subscriber-ref": joining.subscriber_ref,
        "notify": joining.notify,
        "cta": joining.ask_first,
        "operator-id": joining.operator_id,
    }


def _template_page(answer: Answer) -> TemplatePage:
    rows = blocks_of(answer, "mms-template")
    return TemplatePage(int(text_of(answer, "total-results") or 0), tuple(map(_template, rows)))


def _template(row: Answer) -> Template:
    return Template(
        mms_id=text_of(row, "mms-id"),
        name=text_of(row, "mms-name"),
        subject=text_of(row, "mms-subject"),
        created=text_of(row, "date-created"),
        slides=int(text_of(row, "total-slides") or 0),
        size=int(text_of(row, "mms-size") or 0),
        status=text_of(row, "mms-status"),
    )


def _campaign(answer: Answer) -> Campaign:
    return Campaign(
        text_of(answer, "campaign-id"),
        text_of(answer, "campaign-name"),
        text_of(answer, "brand-name"),
        text_of(answer, "campaign-ref"),
    )


def _campaigns(answer: Answer) -> tuple[Campaign, ...]:
    inside = answer.get("mms-campaigns")
    rows = inside.get("campaign", ()) if isinstance(inside, dict) else ()
    return tuple(Campaign(text_of(each, "id"), text_of(each, "name")) for each in rows)
