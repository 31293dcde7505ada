"""Settings as the types that the rooms understand: routes, operators, limits. Bad values are named by their key."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from slidewire.api.lockout import LockoutTerms
from slidewire.api.switchboard import plain_host
from slidewire.carriers.base import Route
from slidewire.carriers.budgets import KINDS, image_formats
from slidewire.carriers.operators import Catalogue, CatalogueError, Operator, merged, shipped_operators
from slidewire.carriers.routing import check_sender_pattern
from slidewire.content.av.finding import find_ffmpeg
from slidewire.content.av.pool import AvSettings
from slidewire.content.av.running import RunLimits
from slidewire.content.bucket import BucketPlace
from slidewire.content.presigned import LONGEST
from slidewire.content.showing import Objects
from slidewire.domain.networks import Network, read_network
from slidewire.domain.rates import parse_rate
from slidewire.domain.senders import SenderKind
from slidewire.domain.turns import read_paces
from slidewire.settings import RouteSettings, Settings, SettingsError, read_size, read_span

#: What a bucket may be called.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: What a route may be called: a part of /mm7/<name> as it is, for peers that encode nothing (. and .. lead elsewhere).
_ROUTE_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]{1,64}")

T = TypeVar("T")
Words = TypeVar("Words")


def routes_of(settings: Settings) -> tuple[Route, ...]:
    """The routes. Raises SettingsError naming the route and the key."""
    names = [route.name for route in settings.routes]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"routes: two routes are called {name!r}")
        if not _ROUTE_NAME.fullmatch(name):
            raise SettingsError(
                f"routes: name = {name!r} is no part of an address: take letters a-z, digits, . _ ~ and -"
            )
        if name == "postback":  # owners are shown exchanges of this name, and none with routes (durability 17)
            raise SettingsError("routes: name = 'postback' is what exchanges with customers are called")
    for route in settings.routes:
        _check_kind(route)
    return tuple(_route(route, settings) for route in settings.routes)


def keeps_bodies(settings: Settings) -> bool:
    """Whether an exchange that went well is kept whole (durability 17)."""
    return settings.exchanges == "all"


def operators_of(settings: Settings) -> Catalogue:
    """The operators: those of the settings, those that come with us, and those that only a route names.

    Raises SettingsError for two that cannot be told apart.
    """
    own = [
        Operator(each.id, each.name, each.aliases, each.country, each.mms, each.networks) for each in settings.operators
    ]
    try:
        Catalogue(own)  # what two of them share is their fault; merging would hide it
        named = merged(own, shipped_operators())
        known = {word for operator in named for word in operator.words} | {"*"}
        by_routes = dict.fromkeys(word for route in settings.routes for word in route.operators if word not in known)
        return Catalogue([*named, *(Operator(id=word) for word in by_routes)])
    except CatalogueError as error:
        raise SettingsError(f"operators: {error}") from None


def folder_of(settings: Settings) -> Path:
    """Where content lies on this machine, or the copies of a bucket's; what is made of it; the server key.

    Raises SettingsError for a store that we do not speak.
    """
    kind, _, path = settings.content.partition(":")
    if kind == "s3":
        return Path(settings.s3.folder).absolute()
    if kind != "file" or not path:
        raise SettingsError(f"content = {settings.content!r}: write it as file:folder or s3://bucket/prefix")
    return Path(path).absolute()


def bucket_of(settings: Settings, folder: Path) -> BucketPlace | None:
    """The bucket of the content, its copies in ``folder``; None: it lies in a folder. Raises SettingsError."""
    if not settings.content.startswith("s3:"):
        return None
    bucket, _, prefix = settings.content.removeprefix("s3://").partition("/")
    if not settings.content.startswith("s3://") or not _BUCKET.fullmatch(bucket):
        raise SettingsError(f"content = {settings.content!r}: write it as s3://bucket/prefix")
    s3 = settings.s3
    return BucketPlace(
        bucket=bucket,
        prefix=prefix.strip("/"),
        folder=folder / "copies",
        endpoint=s3.endpoint,
        region=s3.region,
        access_key=s3.access_key,
        secret_key=s3.secret_key,
        path_style=s3.path_style,
        copies=read(read_size, s3.copies, "s3.copies"),
        timeout=span(s3.timeout, "s3.timeout"),
        public_endpoint=s3.public_endpoint,
        presigned=_presigned(settings),
    )


def _presigned(settings: Settings) -> int:
    """Seconds that an address of the bucket's holds; 0: none is given out. Raises SettingsError."""
    s3 = settings.s3
    seconds = span(s3.presigned, "s3.presigned")
    if not seconds:
        return 0
    if not 1 <= seconds <= LONGEST:
        raise SettingsError(f"s3.presigned = {s3.presigned!r}: at least 1s and at most 7d, which is all that S3 signs")
    endpoint = s3.public_endpoint or s3.endpoint
    if endpoint.startswith("http://") and links_base(settings).startswith("https://"):
        raise SettingsError("s3.presigned: phones refuse http:// in a page of https://: set s3.public_endpoint")
    return int(seconds)


def ffmpeg_of(settings: Settings) -> str:
    """The ffmpeg that is used; empty where there is none. Raises SettingsError for a setting that names none."""
    return read(find_ffmpeg, settings.media.ffmpeg, "media.ffmpeg")


def av_settings_of(settings: Settings) -> AvSettings:
    """[media] for those who look at audio and video and encode them. Raises SettingsError."""
    media = settings.media
    return AvSettings(
        encodes=media.jobs,
        looks=media.looks,
        look_seconds=span(media.look_time, "media.look_time"),
        encode_seconds=span(media.encode_time, "media.encode_time"),
        max_seconds=span(media.max_length, "media.max_length"),
        limits=RunLimits(read(read_size, media.memory, "media.memory"), media.cores),
    )


def address_of(listen: str, key: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8080`` or ``[::1]:8080``. Raises SettingsError."""
    parts = urlsplit(f"//{listen}")
    try:
        if parts.hostname is None or parts.port is None:
            raise ValueError("no host or no port")
    except ValueError as error:
        raise SettingsError(f"{key} = {listen!r}: write it as 127.0.0.1:8080 ({error})") from None
    return parts.hostname, parts.port


def proxies_of(settings: Settings) -> tuple[Network, ...]:
    """The proxies whose word is taken. Raises SettingsError."""
    return tuple(read(read_network, word, "trusted_proxies") for word in settings.trusted_proxies)


def lockout_terms(settings: Settings) -> LockoutTerms:
    """When an address is locked out. Raises SettingsError."""
    return LockoutTerms(settings.limits.auth_failures, span(settings.limits.lockout, "limits.lockout"))


def pages_base(settings: Settings) -> str:
    """What stands before ``/m/`` in the link of a fallback SMS; empty when neither address is set.

    Raises SettingsError for what is no address of ours.
    """
    if settings.pages_url:
        _host_of(settings.pages_url, "pages_url")
    return (settings.pages_url or settings.public_url).rstrip("/")


def links_base(settings: Settings) -> str:
    """The same, and without an address of ours where we listen."""
    return pages_base(settings) or f"http://{settings.listen}"


def own_host(settings: Settings, key: str) -> str:
    """The host that the setting ``key`` keeps for one app; empty when it shares the API's. Raises SettingsError."""
    url: str = getattr(settings, key)
    if not url:
        return ""
    host = _host_of(url, key)
    shared = settings.public_url and host == _host_of(settings.public_url, "public_url")
    return "" if shared else host


def _host_of(url: str, key: str) -> str:
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise SettingsError(f"{key} = {url!r}: write it as https://m.example.net")
    return plain_host(parts.netloc)


def span(text: str, key: str) -> float:
    """Seconds of a setting. Raises SettingsError naming its key."""
    return read(read_span, text, key)


def references_of(settings: Settings) -> int:
    """Milliseconds for which carriers' references are kept: receipts come for as long as a message may be valid."""
    delivery = settings.delivery
    return round(
        1000
        * max(
            span(settings.retention.references, "retention.references"),
            span(delivery.validity, "delivery.validity"),
            span(delivery.longest_validity, "delivery.longest_validity"),
        )
    )


def read(reader: Callable[[Words], T], text: Words, key: str) -> T:
    """``text`` as ``reader`` reads it. Raises SettingsError naming its key."""
    try:
        return reader(text)
    except ValueError as error:
        raise SettingsError(f"{key}: {error}") from None


def _check_kind(route: RouteSettings) -> None:
    if route.kind not in {"mm7", "smpp"}:
        raise SettingsError(f"routes.{route.name}: kind = {route.kind!r} is neither mm7 nor smpp")
    if route.kind == "mm7" and not route.url.startswith(("http://", "https://")):
        raise SettingsError(f"routes.{route.name}: url = {route.url!r} is no http or https address")
    if route.kind == "smpp" and not route.host:
        raise SettingsError(f"routes.{route.name}: host is missing: where the SMSC listens")


def _route(route: RouteSettings, settings: Settings) -> Route:
    key = f"routes.{route.name}"
    _check_words(route, settings, key)
    return Route(
        name=route.name,
        kind=route.kind,
        url=route.url,
        operators=route.operators,
        senders=route.senders,
        profile=route.profile,
        username=route.username,
        password=route.password,
        vasp_id=route.vasp_id,
        vas_id=route.vas_id,
        max_bytes=route.max_bytes,
        mms_bytes=mms_bytes_of(route.mms_bytes, f"{key}.mms_bytes"),
        image_formats=read(image_formats, route.image_formats, f"{key}.image_formats"),
        namespace=route.namespace,
        subject=route.subject,
        fold_subject=tuple(_sender_kind(word, f"{key}.fold_subject") for word in route.fold_subject),
        objects=route.objects,
        mask=route.mask,
        encoding=route.encoding,
        rate=read(parse_rate, route.rate, f"{key}.rate"),
        sender_rate=read(read_paces, route.sender_rate, f"{key}.sender_rate"),
        campaign_rate=read(read_paces, route.campaign_rate, f"{key}.campaign_rate"),
        weight=route.weight,
        slow_start=route.slow_start,
        rise=route.rise,
        rise_every=_longer_than_nothing(route.rise_every, f"{key}.rise_every"),
        least=route.least,
        lanes=route.lanes,
        connections=route.connections,
        idle=span(route.idle, f"{key}.idle"),
        timeout=span(route.timeout, f"{key}.timeout"),
        on_uncertain=route.on_uncertain or settings.delivery.on_uncertain,
        uncertain_wait=span(route.uncertain_wait or settings.delivery.uncertain_wait, f"{key}.uncertain_wait"),
        report_username=route.report_username,
        report_password=route.report_password,
        report_addresses=route.report_addresses,
        options=tuple(sorted(route.options.items())),
        host=route.host,
        port=route.port,
        system_id=route.system_id,
        window=route.window,
        test=route.test,
        fallback_on_outage=route.fallback_on_outage or settings.delivery.fallback_on_outage,
        fallback_on_report=route.fallback_on_report,
        keep_bodies=keeps_bodies(settings),
    )


def _check_words(route: RouteSettings, settings: Settings, key: str) -> None:
    """What a route says with words that are not kept as something else."""
    for pattern in route.senders:
        read(check_sender_pattern, pattern, f"{key}.senders")
    _one_of(route.subject, ("utf-8", "ascii", "none"), f"{key}.subject")
    _one_of(route.objects, tuple(each.value for each in Objects), f"{key}.objects")
    _one_of(route.encoding, ("binary", "base64"), f"{key}.encoding")
    _one_of(route.on_uncertain or settings.delivery.on_uncertain, ("resend", "hold"), f"{key}.on_uncertain")


def _longer_than_nothing(text: str, key: str) -> float:
    seconds = span(text, key)
    if seconds <= 0:
        raise SettingsError(f"{key} = {text!r}: it is longer than nothing")
    return seconds


def mms_bytes_of(told: int | dict[str, int], key: str) -> tuple[tuple[SenderKind | None, int], ...]:
    """Bytes by sender kind, None for any. Raises SettingsError."""
    sizes = {"any": told} if isinstance(told, int) and told else told or {}
    assert isinstance(sizes, dict)  # noqa: S101  # the two lines above leave nothing else
    for word in sizes:
        _one_of(word, ("any", *filter(None, KINDS)), key)
    return tuple((KINDS["" if word == "any" else word], size) for word, size in sizes.items())


def _sender_kind(word: str, key: str) -> SenderKind:
    kinds = {name: kind for name, kind in KINDS.items() if kind is not None}
    _one_of(word, tuple(kinds), key)
    return kinds[word]


def _one_of(word: str, words: tuple[str, ...], key: str) -> None:
    if word not in words:
        raise SettingsError(f"{key} = {word!r} is not one of: {', '.join(words)}")
