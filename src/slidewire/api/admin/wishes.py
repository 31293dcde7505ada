"""What /admin/v1 is asked, member by member: these types are the schemas, and what is not in them is refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

#: Text on one line, as it may be stored and printed.
_LINE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=_LINE)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_LINE)]
Number = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=24,
        pattern=_LINE,
        description="A phone in international form.",
        examples=["12025550143"],
    ),
]
Sender = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=24, pattern=_LINE, description="A short code or a long code.", examples=["24680"]
    ),
]
Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE, examples=["spring-list"])]
Month = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2031-01"])]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Za-z]{2}$", examples=["US"])]
Code = Annotated[str, msgspec.Meta(pattern="^[A-Za-z][0-9]{3}$", examples=["N102"])]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_Overlap = Annotated[
    int, msgspec.Meta(ge=0, le=31_536_000, description="Seconds that the old keys go on working; 0: not at all.")
]


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request may hold; every other member is refused."""


class Nothing(Wish, frozen=True):
    """A request without parameters."""


class Page(Wish, frozen=True):
    """A part of a list."""

    limit: _Limit = 100
    after: Line = ""


class NewAccount(Wish, frozen=True):
    """An account to be made."""

    name: Word
    senders: tuple[Sender, ...] = ()
    settings: dict[str, str] = {}
    key: Word | None = None
    weak_key: bool = False


class AccountChange(Wish, frozen=True):
    """What is to be different about an account; senders are added to those that it has."""

    settings: dict[str, str] = {}
    senders: tuple[Sender, ...] = ()


class NewKey(Wish, frozen=True):
    """A key that takes the place of the others of its kind; without `key` a safe one is made."""

    overlap: _Overlap = 86_400
    name: Line = ""
    key: Word | None = None
    weak_key: bool = False
    test: bool = False


class NewCampaign(Wish, frozen=True):
    """A campaign to be made."""

    ref: Ref
    name: Line = ""
    brand: Line = ""
    senders: tuple[Sender, ...] = ()


class NewBlocks(Wish, frozen=True):
    """Phones that nothing is sent to: everywhere, by one account, or by one of its senders."""

    numbers: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    account: Line = ""
    sender: Line = ""
    note: Line = ""


class BlockPage(Wish, frozen=True):
    """A part of the block list, or the blocks of one phone."""

    number: Line = ""
    limit: _Limit = 100
    after: Line = ""


class BlockScope(Wish, frozen=True):
    """Which block of a phone is meant; without these, the one that holds for everybody."""

    account: Line = ""
    sender: Line = ""


class OfCountry(Wish, frozen=True):
    """Of one country only."""

    country: Country | None = None


class OneNumber(Wish, frozen=True):
    """A phone."""

    number: Number


class MessagePage(Wish, frozen=True):
    """A part of the messages, the newest first."""

    account: Line = ""
    limit: _Limit = 100
    before: Line = ""


class NumberRedaction(Wish, frozen=True):
    """A phone of which every trace is to go; with an account: of its messages to that phone."""

    number: Number
    account: Line = ""


class ResendWish(Wish, frozen=True):
    """Which of a message's postbacks are posted again; without a code, all."""

    code: Code | None = None


class ReplayWish(Wish, frozen=True):
    """From when on what was not received is posted again; `everything`: what was received too."""

    since: Moment
    everything: bool = False


class PostbackSearch(Wish, frozen=True):
    """Which postbacks are listed, the newest first."""

    account: Line = ""
    message: Line = ""
    since: Moment | None = None
    state: Literal["waiting", "received", "given up"] | None = None
    limit: _Limit = 100


class UsageOf(Wish, frozen=True):
    """A UTC month, else the present one; of one account or of all."""

    month: Month | None = None
    account: Line = ""


class AuditPage(Wish, frozen=True):
    """A part of the audit log, the newest first."""

    account: Word | None = None
    limit: _Limit = 100
    before: Line = ""
