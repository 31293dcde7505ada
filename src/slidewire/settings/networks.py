"""The sections about networks: routes into them, operators, what phones take, and how a number is looked up."""

from typing import Annotated, Literal

import msgspec

from slidewire.settings.numbers import AtLeastOne, Count, MmsBytes, Port, Seconds, Share


class RouteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[[routes]]: one way out."""

    #: Its name, also in /mm7/<name>.
    name: str
    #: "mm7" for MMS, "smpp" for SMS.
    kind: str
    #: Where submissions are posted.
    url: str = ""
    profile: str = "generic"
    #: Single options that differ from the profile's (docs/reference/mm7.md).
    options: dict[str, str] = {}
    username: str = ""
    password: str = ""
    vasp_id: str = ""
    vas_id: str = ""
    #: Ids or aliases of the operators that it serves; "*": any.
    operators: tuple[str, ...] = ("*",)
    #: Which of our numbers may use it.
    senders: tuple[str, ...] = ("*",)
    #: Bytes of the whole HTTP body (settled 20).
    max_bytes: AtLeastOne = 600_000
    #: Bytes of the MMS body before transfer encoding, over what the operator's row says; 0: as it says.
    mms_bytes: MmsBytes = 0
    #: Which of "jpeg", "gif" and "png" it takes, likewise; empty: as the operator's row says.
    image_formats: tuple[str, ...] = ()
    namespace: str = "REL-5-MM7-1-2"
    #: "utf-8", "ascii" (other characters are dropped) or "none".
    subject: str = "utf-8"
    #: Sender kinds whose networks drop the subject: it is put before the first text instead.
    fold_subject: tuple[str, ...] = ()
    #: "attach", "link" (a page link stands for objects) or "both".
    objects: str = "attach"
    #: Whether FROM_MASK may be the sender.
    mask: bool = False
    #: "binary" or "base64".
    encoding: str = "binary"
    #: Submissions a second, minute or hour.
    rate: str = "50/s"
    #: What one sender's messages keep to besides, such as "0.2/s", "2000/day" or both with a comma; empty: nothing.
    sender_rate: str = ""
    #: The same for the messages of one campaign.
    campaign_rate: str = ""
    #: Its share among routes for the same operator and sender; 0: the first of them in the settings takes all.
    weight: Count = 0
    #: Share of its rate at which it begins, and goes on when its peer is back.
    slow_start: Share = 1.0
    #: Share by which it rises again after throttling, and how often.
    rise: Share = 0.0625
    rise_every: str = "1s"
    #: Share that throttling, which halves it, leaves at least.
    least: Share = 0.015625
    #: Nodes that may send at once, each at its share of the rate.
    lanes: AtLeastOne = 1
    connections: AtLeastOne = 8
    #: How long a kept-alive connection may rest; below the peer's (durability 3).
    idle: str = "4s"
    #: Longest time for one submission.
    timeout: str = "30s"
    on_uncertain: str = ""
    uncertain_wait: str = ""
    #: What the MMSC must present at /mm7/<name>.
    report_username: str = ""
    report_password: str = ""
    #: Networks that may post to /mm7/<name>.
    report_addresses: tuple[str, ...] = ()
    #: Whether it leads to the simulator: it takes what accounts with `test` send, and nothing else.
    test: bool = False
    #: As [delivery]; true in one of the two places is enough.
    fallback_on_outage: bool = False
    #: Whether a receipt that says "not delivered" starts the fallback SMS (settled 27).
    fallback_on_report: bool = False
    #: The SMSC.
    host: str = ""
    port: Port = 2775
    system_id: str = ""
    #: Segments under way at once on one bind.
    window: AtLeastOne = 10


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[[operators]]: one mobile network."""

    id: str
    #: Other ids for it.
    aliases: tuple[str, ...] = ()
    name: str = ""
    #: ISO 3166 alpha-2.
    country: str = ""
    #: Whether it takes MMS.
    mms: bool = True
    #: MCC and MNC of each of its networks, such as "311480".
    networks: tuple[str, ...] = ()
    #: Bytes of the MMS body before transfer encoding; 0: as the tables say (docs/reference/budgets.md).
    mms_bytes: MmsBytes = 0
    #: Pixels of an image; 0: as the tables say. Both or none.
    max_width: Count = 0
    max_height: Count = 0
    #: "text/vcard" or "text/x-vcard"; empty: as the tables say.
    vcard_type: str = ""
    #: Which of "jpeg", "gif" and "png" its phones take, "jpeg" among them; empty: as the tables say.
    image_formats: tuple[str, ...] = ()


class BudgetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[budgets]: how large an MMS may be where the route says nothing."""

    #: A table of one's own, read before the shipped one (docs/reference/budgets.md).
    file: str = ""
    #: Bytes of the MMS body before transfer encoding where neither operator nor country is known.
    mms_bytes: AtLeastOne = 300_000
    #: Pixels of an image, likewise.
    max_width: AtLeastOne = 2592
    max_height: AtLeastOne = 1944
    #: Image formats, likewise: "jpeg" and any of "gif" and "png".
    image_formats: tuple[str, ...] = ("jpeg", "gif", "png")


class HandsetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[handsets]: the phones behind numbers, as receipts and inbound messages tell of them."""

    #: A table of one's own, read before the shipped one (docs/reference/handsets.md).
    file: str = ""
    #: How long a phone is remembered after it was told of last.
    keep: str = "180d"


class HttpLookupSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[lookup.http]: a service that knows the operator of a number, asked over HTTP."""

    #: Its address; {number} stands for the number, digits without +.
    url: str
    method: Literal["GET", "POST"] = "GET"
    #: Of a POST; {number} as in url.
    body: str = ""
    headers: dict[str, str] = {}
    #: HTTP Basic; or a bearer token instead.
    username: str = ""
    password: str = ""
    token: str = ""
    #: Where in the JSON answer each fact is: names with dots between.
    mcc: str = ""
    mnc: str = ""
    #: MCC and MNC in one.
    network: str = ""
    name: str = ""
    line_type: str = ""
    #: Longest time for one answer.
    timeout: str = "2s"
    #: How long it holds that the service knows nothing of a number.
    negative: str = "5m"
    #: Failures in a row after which it is left alone.
    failures: AtLeastOne = 5
    #: Seconds until it is tried again, the last again and again.
    backoff: Annotated[tuple[Seconds, ...], msgspec.Meta(min_length=1)] = (1, 2, 5, 10, 20, 30)
    #: Look-ups under way at once.
    connections: AtLeastOne = 8
    #: Networks besides public ones, apart from [fetch].
    allow_private: tuple[str, ...] = ()


class LookupSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[lookup]: finding a receiver's operator where the request does not name it."""

    #: CSV file of number prefixes.
    prefixes: str = ""
    #: Id or alias of the operator when nothing else tells; empty: E618.
    default: str = ""
    #: What becomes of a message to a landline: "sms" (it is taken for a phone without MMS), "refuse" or "send".
    landline: Literal["sms", "refuse", "send"] = "sms"
    #: How long what was found out about a number holds.
    cache: str = "30d"
    http: HttpLookupSettings | None = None
