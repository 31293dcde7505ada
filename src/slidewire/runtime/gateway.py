"""One process of Slidewire, opened in order and closed in the opposite one."""

import math
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import structlog

from slidewire.api.doors import Doors
from slidewire.api.http_server import Bounds
from slidewire.carriers.base import Route
from slidewire.carriers.choice import MMS
from slidewire.carriers.lookup import Lookup
from slidewire.carriers.mm7.receiver import Mm7Receiver
from slidewire.domain.ids import IdMaker, new_token
from slidewire.intake.tools import Tools
from slidewire.pages.app import PageApp, PageTools
from slidewire.pages.links import Links, LinkTools
from slidewire.runtime.admin import AdminTools, admin_board
from slidewire.runtime.admission import Admission
from slidewire.runtime.batches import Taking, batch_doors, expand_step, taking
from slidewire.runtime.budgets import Budgets, handsets_of
from slidewire.runtime.callers import Callers
from slidewire.runtime.chores import Chores, Kept
from slidewire.runtime.clock import now
from slidewire.runtime.configure import folder_of, links_base, operators_of, proxies_of, routes_of, span
from slidewire.runtime.console import preview_of
from slidewire.runtime.detours import RouteWatch
from slidewire.runtime.fallbacks import Fallbacks
from slidewire.runtime.foretelling import Foretelling
from slidewire.runtime.inbound import Desks, InboundTools, door_limits, open_desks, remove_inbound
from slidewire.runtime.listening import Inside, Listeners, Serving, front_of
from slidewire.runtime.lookup import lookup_plan, open_lookup
from slidewire.runtime.measuring import Measuring, unsent_renditions, validation_door
from slidewire.runtime.media import Media
from slidewire.runtime.metrics import Sights, open_metrics
from slidewire.runtime.pacing import Pacing, Reread, Senders
from slidewire.runtime.posts import PostClients, pace_of, postback_desk
from slidewire.runtime.rehearsal import rehearse
from slidewire.runtime.saving import encode_step, refit_step, saved_doors
from slidewire.runtime.secrets import directory_of, link_key_of, server_keys
from slidewire.runtime.sheets import Sheets
from slidewire.runtime.tracking import tracking_doors
from slidewire.runtime.turns import fairness_of, turns_of
from slidewire.runtime.wiring import keys_of, reports_of, rules_of, wire_of
from slidewire.settings import Settings
from slidewire.store.bells import Bell  # noqa: TC001
from slidewire.store.commits import Commits
from slidewire.store.consent import clearances
from slidewire.store.database import Database, open_database
from slidewire.store.directory import Directory
from slidewire.store.migrate import migrate
from slidewire.store.mms_ids import MmsIds
from slidewire.store.questions import Questions
from slidewire.store.server_keys import ServerKeys
from slidewire.work.deliver import Deliver, Stray, Uncertain
from slidewire.work.doubt import Doubt
from slidewire.work.ends import Ends
from slidewire.work.leftovers import Leftovers
from slidewire.work.means import Means
from slidewire.work.notify import Notify
from slidewire.work.probe import Probe, ProbeTools
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.renditions import Advice, Renditions
from slidewire.work.reports import Reports
from slidewire.work.seats import Coming
from slidewire.work.settle import Settler
from slidewire.work.sweep import Chore, Sweeper
from slidewire.work.texting import LinkMaker, Text
from slidewire.work.worker import Worker

log = structlog.get_logger(__name__)

#: Seconds that a resting connection may still ask while another process takes over the listener.
_FAREWELL = 2.0
#: Seconds between two looks at what lies on this machine's disk of content that is gone.
_TIDY = 3600.0
#: What the process ends with when the disk fails (sysexits.h: EX_IOERR).
_BROKEN_DISK = 74


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running gateway is reached."""

    api: str
    admin: str


class Gateway:
    """``start``, then ``stop``. Raises SettingsError for bad settings before anything is opened."""

    def __init__(
        self,
        settings: Settings,
        *,
        role: str = "all",
        given: Mapping[str, int] | None = None,
        reread: Reread | None = None,
        sheets: int | None = None,
    ) -> None:
        """``role``: all, api or worker. ``reread`` looks whether the settings have changed: rates follow at once.

        ``given``: setting -> the descriptor of a listening socket that others share with us; where it is empty we
        serve nobody. None: we listen where the settings say. ``sheets``: what ``make_sheets`` made for us and others.
        """
        rehearse(settings)
        self._settings = settings
        self._role = role
        self._given = given
        self._reread = reread
        self._pacing: Pacing | None = None
        self._watch = RouteWatch(lambda route: self._pacing is not None and self._pacing.holds(route))
        self._routes = routes_of(settings)
        self._operators = operators_of(settings)
        self._budgets = Budgets(settings, self._operators)
        self._lookup_plan = lookup_plan(settings)
        self._handsets = handsets_of(settings)
        self._folder = folder_of(settings)
        self._proxies = proxies_of(settings)
        self._admission = Admission(settings, self._folder)
        self._validity_ms = round(span(settings.delivery.validity, "delivery.validity") * 1000)
        self._sheets = Sheets(sheets)
        self._stack = AsyncExitStack()
        self._ids = IdMaker(now)
        self._node = self._ids()
        self._worker: Worker | None = None
        self._bell: Bell | None = None
        self._keys = ServerKeys.of()  # read at the start

    async def start(self) -> Addresses:
        """Open everything; what was opened is closed again when a later step fails."""
        try:
            return await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Take no more requests, finish what is under way, close everything."""
        await self._stack.aclose()

    async def _start(self) -> Addresses:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keys = server_keys(self._settings, self._folder)
        database = await self._open_database()
        directory = directory_of(database, self._keys)
        await directory.start()
        self._stack.push_async_callback(directory.stop)
        media = await self._stack.enter_async_context(
            Media(self._settings, self._folder, _end_process, directory.media_access, self._sheets.figures)
        )
        commits = Commits(database, _end_process)
        self._stack.push_async_callback(commits.close)
        means = Means(
            database=database,
            commits=commits,
            node=self._node,
            new_id=self._ids,
            now=now,
            monotonic=time.monotonic,
            jitter=secrets.SystemRandom().random,
            account=directory.by_id,
            meet=directory.meet,
            wake=self._wake,
            freed=self._freed,
            expect=self._expect,
            figures=self._sheets.figures,
        )
        lookup = open_lookup(self._lookup_plan, means, media, self._stack)
        fallback = self._fallbacks(directory).find
        reports = Reports(means, {route.name: route for route in self._routes}, fallback)
        desk = ReceiptDesk(means, reports, lookup.learnt) if lookup else ReceiptDesk(means, reports)
        tools = InboundTools(partial(link_key_of, self._keys), fallback, media.store, lookup)
        desks = open_desks(self._settings, means, self._routes, desk, tools)
        works = self._role in {"all", "worker"}
        await self._admission.open(database, self._stack, works=works)
        await self._watch.open(means, self._stack)
        self._tidy(means, media)
        taken = self._open_intake(means, media, directory, lookup)
        if works:
            await self._start_work(means, media, desks, directory, taken)
        self._bell = database.bell(self._node)
        self._stack.push_async_callback(self._bell.close)
        await self._bell.open(self._worker.heard if self._worker else None)
        if self._given == {}:
            return Addresses("", "")
        return await self._listen(means, media, directory, desks, taken)

    async def _open_database(self) -> Database:
        wait = span(self._settings.database_wait, "database_wait")
        database = open_database(self._settings.database, wait)
        self._stack.push_async_callback(database.close)
        await migrate(database)
        return database

    async def _start_work(self, means: Means, media: Media, desks: Desks, directory: Directory, taken: Taking) -> None:
        posts = PostClients(self._settings, media.resolver, media.own, means.figures)
        self._stack.push_async_callback(posts.close)
        ways = {route.name: posts.way(route) for route in self._routes if route.kind == MMS}
        sms_ways, carriers = posts.sms_ways(self._routes, desks.of_smscs, self._stack)
        routes = {route.name: route for route in self._routes}
        lookup = taken.tools.lookup
        doubt = Doubt(self._routes, self._operators, lookup) if lookup else None
        fallbacks = self._fallbacks(directory)
        postbacks = await postback_desk(self._settings, self._folder, means, self._operators.words_of)
        notify = Notify(means, posts.postbacks, pace_of(self._settings), postbacks)
        settler = Settler(means, self._settings.delivery.retry, fallbacks.find, doubt, notify.seat)
        self._watch.watch(ways, sms_ways)
        patience = span(self._settings.delivery.failover_after, "delivery.failover_after")
        failover = self._watch.failover(means, settler, fallbacks.other, patience)
        outage = self._watch.outage(means, settler, sum(self._settings.delivery.retry))
        link = LinkMaker(partial(link_key_of, self._keys), partial(links_base, self._settings), new_token)
        advice = Advice(self._budgets.find, self._handsets.find, lambda message: link.for_mms(message, means))
        pacing = self._pacing = Pacing(means, span(self._settings.delivery.lease, "delivery.lease"), self._reread)
        leave = await pacing.open(self._routes, Senders(ways, carriers), self._stack)
        ends = Ends(settler, desks.receipts)
        steps = (
            Probe(means, ProbeTools(media.store, media.av, self._settings.media.looks, self._route), settler),
            Deliver(means, ways, Renditions(media.maker, advice), ends, leave),
            Text(means, sms_ways, ends, link, leave),
            Uncertain(routes.get, settler),
            Stray(desks.receipts),
            encode_step(self._settings, means, media),
            refit_step(self._settings, means, media, settler, self._route),
            expand_step(means, taken),
            notify,
        )
        fairness = fairness_of(self._settings, means.account)
        turns = turns_of(self._routes, means.account)
        worker = self._worker = Worker(means, steps, turns, fairness, pacing.crowd(self._stack))
        self._admission.watch(worker)
        chores = Chores(means, settler, self._route, self._validity_ms)
        endpoints, everyone = postbacks.endpoints, directory.everyone
        kept = Kept(endpoints, media, everyone, desks.texts, desks.receipts, failover, outage, routes)
        sweeper = Sweeper(chores.of_everything(self._settings, kept))
        sweeper.start()
        self._stack.push_async_callback(sweeper.stop)
        await worker.start()
        self._stack.push_async_callback(worker.stop, span(self._settings.delivery.stop_grace, "delivery.stop_grace"))
        self._stack.push_async_callback(leave.lanes.leave)

    def _tidy(self, means: Means, media: Media) -> None:
        """What other machines have deleted goes from this one's disk, too."""
        sweeper = Sweeper((Chore("leftovers", _TIDY, Leftovers(means, media.made).sweep),))
        sweeper.start()
        self._stack.push_async_callback(sweeper.stop)

    def _route(self, name: str) -> Route:
        """A route by its name; one that was taken out of the settings is closed."""
        return next((route for route in self._routes if route.name == name), Route(name, MMS, ""))

    def _fallbacks(self, directory: Directory) -> Fallbacks:
        return Fallbacks(self._routes, self._operators, directory.by_id, self._watch.away, self._watch.avoided)

    def _foretelling(self, directory: Directory) -> Foretelling:
        return Foretelling(self._routes, self._fallbacks(directory).find, partial(links_base, self._settings))

    def _open_intake(self, means: Means, media: Media, directory: Directory, lookup: Lookup | None) -> Taking:
        foretelling = self._foretelling(directory)
        tools = Tools(
            commits=means.commits,
            fetcher=media.fetcher,
            routes=self._routes,
            operators=self._operators,
            new_id=self._ids,
            next_mms_id=MmsIds(means.database).take,
            now=now,
            validity_ms=self._validity_ms,
            clearance=Questions(means.database, clearances).ask,
            foretell=foretelling.tell,
            text_room=foretelling.room,
            full=self._admission.full,
            old=self._admission.old,
            wake=self._wake,
            monotonic=means.monotonic,
            avoided=self._watch.avoided,
            chosen=self._watch.chosen,
            lookup=lookup,
        )
        return taking(tools, means, rules_of(self._settings, self._operators))

    async def _listen(self, means: Means, media: Media, directory: Directory, desks: Desks, taken: Taking) -> Addresses:
        templates, campaigns = saved_doors(taken, means.database, media)
        callers = await self._stack.enter_async_context(Callers(self._settings, means, directory))
        unsent = unsent_renditions(media.maker, self._budgets, self._handsets, links_base(self._settings))
        measuring = Measuring(self._routes, self._operators, unsent)
        reports = reports_of(self._settings, self._keys, means.database)
        doors = Doors(
            entry=callers.entry,
            look_again=directory.again,
            accept=taken.intake.accept,
            templates=templates,
            campaigns=campaigns,
            tracking=tracking_doors(means),
            batches=batch_doors(taken.batches, self._settings),
            validate=validation_door(taken.intake, means.database, media, self._foretelling(directory), measuring),
            keys=keys_of(self._settings, means),
            remove_inbound=partial(remove_inbound, means),
            report_link=reports.link,
            now=now,
            new_id=self._ids,
            figures=means.figures,
        )
        receiver = Mm7Receiver(self._routes, desks.of_mmscs, now, door_limits(self._settings))
        inside = Inside(
            wire_of(self._settings, taken.rules, doors),
            {"/mm7/": receiver, reports.path: reports},
            self._pages(means, media),
            self._admission.wrong,
        )
        front = front_of(inside, self._settings, self._proxies)
        listeners = Listeners(self._stack, self._serving())
        api = await listeners.open(front, self._settings.listen, "listen")
        preview = partial(preview_of, media.previews)
        sights = Sights(self._routes, self._watch.away, self._admission, self._sheets)
        metrics = open_metrics(means, sights, self._stack)
        tools = AdminTools(
            means, taken.tools.lookup, callers.entry, self._keys, preview, self._admission.wrong, metrics
        )
        board = admin_board(self._settings, tools)
        admin = await listeners.open(board, self._settings.admin_listen, "admin_listen")
        return Addresses(api, admin)

    def _serving(self) -> Serving:
        per_address = self._settings.limits.connections_per_address
        farewell = _FAREWELL if self._given else 0.0
        bounds = Bounds(per_address=per_address, uncounted=self._proxies, farewell=farewell)
        grace = span(self._settings.delivery.stop_grace, "delivery.stop_grace")
        return Serving(bounds, math.ceil(grace), self._given)

    def _pages(self, means: Means, media: Media) -> PageApp:
        key = partial(link_key_of, self._keys)
        links = Links(LinkTools(means.database, means.commits, key, self._ids, now, means.account, means.wake))
        return PageApp(PageTools(links, media.store, media.previews, time.monotonic, self._ids, media.elsewhere()))

    def _wake(self, queue: str) -> None:
        """There may be something due in ``queue``: for our worker, or for other processes' (durability 7)."""
        self._watch.queued(queue)
        if self._worker is not None:
            self._worker.wake(queue)
        if self._bell is not None and not (self._pacing and self._pacing.serves(queue)):
            self._bell.ring(queue)

    def _freed(self, queue: str) -> None:
        """One more of ``queue`` may be under way here."""
        if self._worker is not None:
            self._worker.freed(queue)

    def _expect(self, queue: str, follows: bool) -> Coming | None:  # the shape of Means
        """What our worker will run, once it is ours, without a claim."""
        return self._worker.expect(queue, follows) if self._worker is not None else None


def _end_process(error: BaseException) -> None:
    """A write that could not be made durable: nothing that this process says after it can be trusted."""
    log.critical("the disk failed: the process ends", error=str(error))
    os._exit(_BROKEN_DISK)
