"""What ``slidewire check`` tries, one after the other; each result is a sentence for the admin."""

import asyncio
import hashlib
import os
import secrets
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slidewire.cli.errors import told
from slidewire.cli.terminal import byte_count

if TYPE_CHECKING:
    from slidewire.settings import RouteSettings, Settings
    from slidewire.store.database import Database

#: Seconds for one connection.
_PATIENCE = 5.0
_PORTS = {"http": 80, "https": 443}


@unique
class Grade(StrEnum):
    """How a probe ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the check."""

    name: str
    grade: Grade
    words: str


async def probe(settings: "Settings") -> AsyncIterator[Result]:
    """Every result, as it is known."""
    result = _settings(settings)
    yield result
    if result.grade is Grade.FAILED:
        return
    async for each in _database(settings):
        yield each
    yield _content(settings)
    if settings.content.startswith("s3:"):
        yield await _bucket(settings)
    yield await _ffmpeg(settings)
    if not settings.routes:
        yield Result("routes", Grade.WARNING, "none is set: every message will be refused with E619")
    for route in settings.routes:
        yield await _route(route)
    async for each in _lookup(settings):
        yield each


def _settings(settings: "Settings") -> Result:
    """What a gateway would say of them, without starting one."""
    from slidewire.runtime.gateway import Gateway
    from slidewire.settings import SettingsError

    try:
        Gateway(settings)
    except SettingsError as error:
        return Result("settings", Grade.FAILED, str(error))
    return Result("settings", Grade.OK, "every key can be read")


async def _database(settings: "Settings") -> AsyncIterator[Result]:
    """Reached, its form, written, and how safe a commit is (durability 28)."""
    from slidewire.store.database import open_database
    from slidewire.store.migrate import is_current
    from slidewire.store.safety import commit_risks

    database = None
    try:
        database = open_database(settings.database, wait=0.0)
        if await is_current(database):
            await _write_once(database)
            yield Result("database", Grade.OK, "reached, written, in its newest form")
        else:
            yield Result("database", Grade.WARNING, "reached, not in its newest form: `migrate` brings it up")
        for risk in await database.read(commit_risks):
            yield Result("database", Grade.WARNING, risk)
    except Exception as error:  # noqa: BLE001  # what a driver raises is told, a bug is raised on
        yield _failed("database", error)
    finally:
        if database is not None:
            await database.close()


async def _write_once(database: "Database") -> None:
    from slidewire.runtime.clock import now
    from slidewire.store.facts import set_fact

    await database.write(lambda connection: set_fact(connection, "checked_at", now()))


def _content(settings: "Settings") -> Result:
    """The folder takes files, and the disk has room for them (durability 18)."""
    from slidewire.runtime.configure import folder_of
    from slidewire.settings import read_size

    folder, least = folder_of(settings), read_size(settings.free_space)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_file(folder / f".check-{os.getpid()}")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return _failed("content", error)
    words = f"{folder} takes files; {byte_count(free)} are free"
    if free < least:
        return Result("content", Grade.FAILED, f"{words}, under free_space = {settings.free_space}")
    return Result("content", Grade.OK, words)


async def _bucket(settings: "Settings") -> Result:
    """The bucket takes bytes, gives them back and lets them go."""
    from slidewire.content.bucket import BucketStore
    from slidewire.content.store import ContentAwayError
    from slidewire.runtime.configure import bucket_of

    with tempfile.TemporaryDirectory() as folder:
        place = bucket_of(settings, Path(folder))
        assert place is not None  # noqa: S101  # whoever calls has looked
        body = secrets.token_bytes(32)
        digest = hashlib.sha256(body).hexdigest()
        async with BucketStore(place) as store:
            try:
                await store.put(digest, body)
                same = await store.read_range(digest, 0, len(body)) == body
                await store.delete(digest)
            except (ContentAwayError, OSError) as error:
                return _failed("bucket", error)
    if not same:
        return Result("bucket", Grade.FAILED, f"{place.bucket} gave something else than it was given")
    return Result("bucket", Grade.OK, f"{place.bucket} takes, gives and deletes; copies in {settings.s3.folder}")


async def _ffmpeg(settings: "Settings") -> Result:
    """Which is used for audio and video, and that it keeps the fence (security 7)."""
    from slidewire.content.av.facts import AvMissingError
    from slidewire.content.av.pool import AvPool
    from slidewire.runtime.configure import av_settings_of, ffmpeg_of

    program = ffmpeg_of(settings)
    if not program:
        words = "none: damaged audio and video are found only in part, and saveMMS takes none (docs: install)"
        return Result("ffmpeg", Grade.WARNING, words)
    with tempfile.TemporaryDirectory() as folder:
        async with AvPool(program, Path(folder), av_settings_of(settings)) as pool:
            try:
                proved = await pool.proved()
            except AvMissingError as error:
                return Result("ffmpeg", Grade.FAILED, f"{program}: {error}")
    makes = ", ".join(sorted(each.ending.removeprefix(".") for each in proved.makes))
    return Result("ffmpeg", Grade.OK, f"{program} {proved.version} opens no playlist and makes {makes or 'nothing'}")


def _write_file(path: Path) -> None:
    with path.open("xb") as file:
        file.write(b"slidewire")
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


async def _route(route: "RouteSettings") -> Result:
    """A connection as submissions make it, TLS too; nothing is posted."""
    name, (host, port, secure) = f"route {route.name}", _peer(route)
    tls = ssl.create_default_context() if secure else None
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=tls)
        writer.close()
    except TimeoutError:
        return Result(name, Grade.FAILED, f"no connection to {host}, port {port}, in {_PATIENCE:.0f} s")
    except (OSError, ValueError) as error:
        return Result(name, Grade.FAILED, f"no connection to {host}, port {port}: {_first_line(error)}")
    return Result(name, Grade.OK, f"{host}, port {port}, takes {'TLS ' if tls else ''}connections")


async def _lookup(settings: "Settings") -> AsyncIterator[Result]:
    """The prefix file read, and a connection to the provider as the guard lets it; nothing is asked."""
    from slidewire.runtime.lookup import lookup_plan

    plan = lookup_plan(settings)
    if plan is None:
        return
    if plan.settings.prefixes:
        yield Result("lookup prefixes", Grade.OK, f"{len(plan.prefixes.rows):,} prefixes")
    if plan.provider is not None and plan.settings.http is not None:
        yield await _provider(plan.provider.url, plan.settings.http.allow_private)
    if plan.default is None and plan.provider is None:
        yield Result("lookup", Grade.WARNING, "no provider and no default: a number without a prefix is E618")


async def _provider(url: str, allow_private: tuple[str, ...]) -> Result:
    from slidewire.carriers.provider import BLANK
    from slidewire.outbound.address import check_url
    from slidewire.outbound.dial import Dialer
    from slidewire.outbound.guard import Guard, Refused, own_addresses
    from slidewire.outbound.resolve import DnsLookup, NotResolved, Resolver

    address, names = check_url(url.replace(BLANK, "0")), DnsLookup()
    dialer = Dialer(Resolver(names), Guard.of(allow_private, own_addresses()))
    place = f"{address.host}, port {address.port}"
    try:
        sock = await dialer.connect(address, "", asyncio.get_running_loop().time() + _PATIENCE)
        context = dialer.tls if address.secure else None
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(
                sock=sock, ssl=context, server_hostname=address.host if context else None
            )
        writer.close()
    except Refused as error:
        return Result("lookup provider", Grade.FAILED, f"{place}: {error.reason}; see lookup.http.allow_private")
    except (NotResolved, TimeoutError, OSError) as error:
        return Result("lookup provider", Grade.FAILED, f"no connection to {place}: {_first_line(error)}")
    finally:
        await names.close()
    return Result("lookup provider", Grade.OK, f"{place}, takes {'TLS ' if address.secure else ''}connections")


def _peer(route: "RouteSettings") -> tuple[str, int, bool]:
    """Host, port and whether TLS is spoken there."""
    if route.kind == "smpp":
        return route.host, route.port, route.options.get("tls") == "true"
    parts = urlsplit(route.url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme == "https"


def _failed(name: str, error: Exception) -> Result:
    """``error`` as a result. Raises it when it is a bug."""
    known = told(error)
    if known is None:
        raise error
    return Result(name, Grade.FAILED, known.problem)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [repr(error)])[0][:300]
