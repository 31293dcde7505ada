"""The settings, section by section: every key with what it means and its default. Networks have a file of their own."""

from typing import Annotated, Literal

import msgspec

from slidewire.settings.networks import (
    BudgetSettings,
    HandsetSettings,
    LookupSettings,
    OperatorSettings,
    RouteSettings,
)
from slidewire.settings.numbers import AtLeastOne, Count, Seconds, Share


class FetchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[fetch]: how media are fetched."""

    #: Networks besides public ones, such as "127.0.0.0/8" or "10.1.0.0/16:8443".
    allow_private: tuple[str, ...] = ()
    #: Egress proxy, http://host:port; empty: none (security 2).
    proxy: str = ""
    #: "http": freshness is obeyed; "off": fetched on every request (settled 21).
    cache: Literal["http", "off"] = "http"
    #: Longest wait for a connection.
    connect: str = "5s"
    #: Longest time for one file.
    total: str = "30s"
    #: Longest time for all files of one request.
    request: str = "45s"
    #: Redirects that are followed.
    redirects: Count = 3
    #: Bytes of fetched files that may lie on disk at once before requests wait no longer: E503 (durability 20).
    spool: str = "1GB"


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[limits]: source files in bytes, and requests."""

    image: AtLeastOne = 3_000_000
    gif: AtLeastOne = 1_024_000
    audio: AtLeastOne = 10_000_000
    video: AtLeastOne = 50_000_000
    object: AtLeastOne = 2_048_000
    #: Characters of one slide's text.
    text: AtLeastOne = 5000
    #: Pixels of one image.
    pixels: AtLeastOne = 50_000_000
    #: Bytes of one API request.
    request: AtLeastOne = 1_000_000
    #: Elements inside elements of one XML request.
    depth: AtLeastOne = 32
    #: Connections from one address; 0: any number.
    connections_per_address: Count = 512
    #: Calls from one address that may fail to authenticate within `lockout`; 0: any number.
    auth_failures: Count = 50
    #: How long an address is locked out after that.
    lockout: str = "5m"
    #: How long the answer of a request with an Idempotency-Key is kept for its repetitions.
    idempotency: str = "24h"
    #: The longest time that one report of getSendingStatistics is about.
    statistics_period: str = "31d"
    #: How long the link to such a report lives.
    statistics_link: str = "24h"
    #: The most messages that one answer of listMessages tells.
    messages_page: AtLeastOne = 1000
    #: Phones that a message may show besides its receiver, as the others of a group.
    group: Count = 20
    #: Child processes that decode and encode media; 0: one a core.
    media_processes: Count = 0


class BatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[batches]: one request for many receivers."""

    #: Receivers of one sendBatch.
    receivers: AtLeastOne = 10_000
    #: How long getBatch can be asked about a batch.
    keep: str = "30d"


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[console]: how long people stay signed in."""

    #: Who does nothing for so long is signed out.
    idle: str = "30m"
    #: Everybody is, after so long.
    longest: str = "12h"


class MediaSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[media]: audio and video, looked at and made smaller by ffmpeg."""

    #: Its path or its name; empty: the one on PATH, else that of the extra slidewire[video].
    ffmpeg: str = ""
    #: Files that are encoded at once.
    jobs: AtLeastOne = 1
    #: Files that are looked at at once.
    looks: AtLeastOne = 2
    #: Longest time for looking at one file.
    look_time: str = "30s"
    #: Longest time for one encode of one file.
    encode_time: str = "5m"
    #: Cores that all encodes together may use; 0: half of those that the gateway may use, so that it keeps the others.
    cores: Count = 0
    #: Address space of one ffmpeg.
    memory: str = "2GB"
    #: What is longer is cut where it is encoded.
    max_length: str = "5m"
    #: Bytes of a whole MMS that the audio and video of a saved message are made to fit.
    saved_bytes: AtLeastOne = 600_000


class BucketSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[s3]: how the bucket of ``content`` is reached."""

    #: http(s)://host of an S3-compatible store; empty: the provider's own for the region.
    endpoint: str = ""
    region: str = ""
    #: Empty: as the environment (AWS_...) or the machine says.
    access_key: str = ""
    secret_key: str = ""
    #: The bucket's name in the path of addresses, not in the host name.
    path_style: bool = True
    #: Where copies, and what is made of content, lie on this machine.
    folder: str = "content"
    #: Bytes of disk for copies, roughly.
    copies: str = "2GB"
    #: Longest time for one request to the bucket.
    timeout: str = "30s"
    #: How long an address holds under which phones get sound and film of a page from the bucket itself; 0s: from us.
    presigned: str = "0s"
    #: The store's address as phones reach it, https://host; empty: as we do.
    public_endpoint: str = ""


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[delivery]: how messages are handed over."""

    #: How long a message is tried, and what the MMSC is told as its expiry.
    validity: str = "3d"
    #: The most that a message itself may ask for; more is cut.
    longest_validity: str = "30d"
    #: How far ahead a message may be scheduled.
    schedule_ahead: str = "366d"
    #: Seconds before each repetition, then the last again, with jitter, until the validity.
    retry: Annotated[tuple[Seconds, ...], msgspec.Meta(min_length=1)] = (5, 30, 120, 600, 1800, 3600)
    #: How long a cut-off submission waits for a receipt.
    uncertain_wait: str = "2m"
    #: After that wait: "resend" (it may arrive twice) or "hold" (it fails). Also per route.
    on_uncertain: Literal["resend", "hold"] = "resend"
    #: Whether an MMS whose attempts ran out, or whose route is away as long, becomes an SMS. Also per route.
    fallback_on_outage: bool = False
    #: What waits for a route goes by another one when it has been away for so long.
    failover_after: str = "10s"
    #: What waits for a route that is in the settings no more is moved or ended when it has been due for so long.
    gone_after: str = "10m"
    #: When the oldest due message of a queue waits longer, new ones are answered E503 (durability 27).
    max_queue_age: str = "10m"
    #: When the oldest due message of a queue waits longer, accounts take turns and bulk stands behind.
    fair_after: str = "1s"
    #: Of all places of such a queue: those of bulk while others wait too.
    bulk_share: Share = 0.1
    #: How long what a node holds is its own after it was last heard of, on PostgreSQL: lanes and submissions.
    lease: str = "10s"
    #: Longest time that a stopping process lets submissions finish.
    stop_grace: str = "35s"


class PostbackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[postbacks]: how customers are told."""

    #: Longest wait for the customer's answer.
    timeout: str = "10s"
    #: Networks besides public ones, apart from [fetch].
    allow_private: tuple[str, ...] = ()
    #: Seconds before each repetition of the published schedule.
    published: tuple[Seconds, ...] = (300, 300, 300, 300, 300)
    #: The long schedule.
    long: tuple[Seconds, ...] = (5, 300, 1800, 7200, 18000, 36000, 36000)
    #: Posts under way at once to one account's address.
    connections: AtLeastOne = 32
    #: An address that received nothing for so long is turned off; 0s: never.
    off_after: str = "5d"


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[retention]: how long is kept what no account's ``retention_days`` speaks of."""

    #: SQLite's log is emptied at most so often after something was taken away; 0s: after every round that did.
    empty_log: str = "1d"
    #: How long after its submission a message may still be told of by receipts: then the carrier's id is forgotten.
    references: str = "90d"


class InboundSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[inbound]: what phones send to our numbers."""

    #: How long the media of MMS are kept, and their links work.
    keep: str = "30d"
    #: Bytes of one request of an MMSC.
    max_bytes: AtLeastOne = 10_000_000
    #: Files of one MMS.
    max_parts: AtLeastOne = 50
    #: How long a message is known again that its carrier brings twice.
    remember: str = "3d"
    #: How long the same word of a phone is not answered again.
    answer_pause: str = "1h"
    #: Answers to one phone in a day; 0: none at all.
    answers_a_day: Count = 10
    #: How long a text that came in segments waits for those that are missing.
    segments_wait: str = "5m"
    #: How long a phone that was asked whether it joins a campaign may say YES.
    confirm_within: str = "3d"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    #: Where the API and the MMSC's receipts arrive.
    listen: str = "127.0.0.1:8080"
    #: Where the console and /admin/v1 are served, and health is told to the machine that runs it.
    admin_listen: str = "127.0.0.1:8081"
    #: Proxies in front of `listen`, addresses and networks: their word on who calls is taken.
    trusted_proxies: tuple[str, ...] = ()
    #: How customers reach `listen`; media and postback addresses may not lead back to it (security 1).
    public_url: str = ""
    #: sqlite:///file or postgresql://user@host/name
    database: str = "sqlite:///slidewire.db"
    #: How long a request or a step waits for a PostgreSQL server that is away; then E503.
    database_wait: str = "10s"
    #: file:folder or s3://bucket/prefix
    content: str = "file:content"
    #: How phones reach fallback pages: a host of their own; empty: public_url (security 9).
    pages_url: str = ""
    #: How browsers reach the console, where a proxy leads to `admin_listen`: a host of its own (security 9).
    console_url: str = ""
    #: Bearer of /admin/v1, and what admins sign in to the console with; empty: nobody can use either.
    admin_token: str = ""
    #: Hashes keys and tokens; made once beside the content when absent.
    server_key: str = ""
    #: Keys that are known besides: former ones while something was made under them, the next one before it is used.
    other_server_keys: tuple[str, ...] = ()
    #: Below this much free space nothing is accepted (durability 18).
    free_space: str = "512MB"
    #: Bodies of exchanges that are kept: "failures" or "all".
    exchanges: Literal["failures", "all"] = "failures"
    #: Whether a number that the phone library calls invalid is refused (settled 5).
    strict_numbers: bool = False
    #: A table of one's own of where networks take a FROM_MASK, read before the shipped one (settled 13).
    mask_countries: str = ""
    #: Longest time that a process which was told to stop may take in all.
    stop_limit: str = "50s"
    #: "info", "debug", "warning" or "error".
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    fetch: FetchSettings = FetchSettings()
    limits: LimitSettings = LimitSettings()
    batches: BatchSettings = BatchSettings()
    console: ConsoleSettings = ConsoleSettings()
    media: MediaSettings = MediaSettings()
    s3: BucketSettings = BucketSettings()
    delivery: DeliverySettings = DeliverySettings()
    postbacks: PostbackSettings = PostbackSettings()
    routes: tuple[RouteSettings, ...] = ()
    operators: tuple[OperatorSettings, ...] = ()
    budgets: BudgetSettings = BudgetSettings()
    handsets: HandsetSettings = HandsetSettings()
    inbound: InboundSettings = InboundSettings()
    retention: RetentionSettings = RetentionSettings()
    lookup: LookupSettings | None = None
