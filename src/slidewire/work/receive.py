"""Takes what phones send to our numbers: kept, heeded where it is STOP or START, told to the number's owner.

Everything that one message changes is one transaction; the carrier is answered after it (durability 23).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from slidewire.carriers.base import Route
from slidewire.domain.answers import AnswerTerms, answer_task, answer_to
from slidewire.domain.finding import KeptFinding
from slidewire.domain.handset import Handset
from slidewire.domain.inbound import Inbound, KeptInbound, meaning_of
from slidewire.domain.message import Content, Message
from slidewire.domain.postback import PostbackCode
from slidewire.domain.retention import DAY
from slidewire.domain.task import Task
from slidewire.domain.telling import News, telling_news
from slidewire.domain.usage import Channel
from slidewire.store.answers import may_answer
from slidewire.store.database import Connection
from slidewire.store.handsets import note_handsets
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.inbound import is_new, keep_inbound, owners_of
from slidewire.store.links import LinkKey, PageLink, add_link
from slidewire.store.messages import insert_task
from slidewire.store.operators import keep_findings
from slidewire.store.pins import Insertion, pin
from slidewire.work.means import Means
from slidewire.work.obeying import Reply, obey

log = structlog.get_logger(__name__)

#: How a message came -> the code that tells of it.
_CODES = {Channel.SMS: PostbackCode.INBOUND_SMS, Channel.MMS: PostbackCode.INBOUND_MMS}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message on its way into the store, with the content that it pins."""

    message: Inbound  #: its number is found out when it is written
    to: tuple[str, ...]  #: whom it was sent to: each owner of one of these has it
    shown: tuple[str, ...] = ()  #: who is only named beside them
    keys: tuple[str, ...] = ()  #: what a repetition would be known by
    handset: Handset = field(default_factory=Handset)
    keep_until: int = 0  #: of its media
    written: frozenset[str] = frozenset()
    again: bool = False

    @property
    def pins(self) -> tuple[Content, ...]:
        """Its media."""
        return tuple(part.content for part in self.message.parts)

    @property
    def at(self) -> int:
        """When it came."""
        return self.message.received_at


@dataclass(frozen=True, slots=True)
class InboundTerms:
    """What the composition root knows of inbound messages."""

    key: Callable[[], LinkKey]  #: of the links to their media, as it is now
    test_routes: frozenset[str] = frozenset()  #: those to the simulator, where no real phone speaks
    answers: AnswerTerms = AnswerTerms()  # noqa: RUF009  # frozen
    #: the route that an answer leaves by; None: none may take it
    route: Callable[[Message], Route | None] = lambda _message: None
    #: a phone and the network that a message names -> what is to be kept of it; None: nothing
    learnt: Callable[[str, str], KeptFinding | None] = lambda _number, _word: None


@dataclass(frozen=True, slots=True)
class _Written:
    insertion: Insertion
    woken: tuple[str, ...] = ()


class InboundDesk:
    """Stores what phones send; what it returns from is committed (durability 23)."""

    def __init__(self, means: Means, terms: InboundTerms) -> None:
        self._means = means
        self._terms = terms

    async def take(self, message: Inbound) -> None:
        """Take one text; the carrier may be answered when this returns."""
        await self.keep(Arrival(message, (message.number,)))

    async def keep(self, arrival: Arrival) -> Insertion:
        """Store a message; CONTENT_LEAVING: nothing was stored, its media are to be written again first."""
        written = await self._means.commits.write(self._write, arrival)
        for queue in written.woken:
            self._means.wake(queue)
        return written.insertion

    def deliver(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[str]:
        """Store messages without media in a transaction of another's; the queues to wake after it."""
        written = self._write(connection, arrivals) if arrivals else []
        return [queue for each in written for queue in each.woken]

    def _write(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[_Written]:
        numbers = {number for each in arrivals for number in (*each.to, *each.shown, each.message.phone)}
        owners = owners_of(connection, numbers)
        arrivals = [replace(each, keep_until=self._kept_until(each, owners)) for each in arrivals]
        insertions = pin(connection, arrivals)
        written = [_Written(insertion) for insertion in insertions]
        taken = []
        # phone by phone, so that two nodes never wait for each other; what one phone sent in its order
        for index, arrival in sorted(enumerate(arrivals), key=lambda each: each[1].message.phone):
            if insertions[index] is Insertion.DONE and is_new(connection, arrival.message, arrival.keys):
                taken.append(arrival)
                tasks = self._kept(connection, arrival, owners)
                written[index] = _Written(Insertion.DONE, tuple(sorted({task.queue for task in tasks})))
        self._learn(connection, [each for each in taken if each.message.route not in self._terms.test_routes])
        return written

    def _kept(self, connection: Connection, arrival: Arrival, owners: Mapping[str, Sequence[str]]) -> list[Task]:
        """Keep it for each owner of a number that it was sent to; what is to be done about it."""
        tasks: list[Task] = []
        answers: list[NewMessage] = []
        everyone = tuple(dict.fromkeys((*arrival.to, *arrival.shown)))
        for number in _ours(arrival, owners):
            copies = tuple(each for each in everyone if each != number)
            message = replace(arrival.message, number=number, copies=copies)
            owned = [self._keep(connection, message, each) for each in self._told(message, owners) or [""]]
            replies = []
            for kept in owned:
                told, reply = self._taken(connection, kept, arrival) if kept.account_id else _nobodys(kept)
                tasks += told
                replies.append((kept, reply))
            if message.phone not in owners:  # one of our own numbers would be answered for ever
                answers += self._answered(connection, replies)
        for task in tasks:
            insert_task(connection, task)
        insert_messages(connection, answers)
        return [*tasks, *(each.task for each in answers)]

    def _keep(self, connection: Connection, message: Inbound, account_id: str) -> KeptInbound:
        kept = KeptInbound(self._means.new_id(), account_id, meaning_of(message.text or message.subject), message)
        keep_inbound(connection, [kept])
        return kept

    def _answered(self, connection: Connection, replies: Sequence[tuple[KeptInbound, Reply]]) -> list[NewMessage]:
        """One answer, by the first owner of the number that has one: who wrote to it knows of one number alone."""
        for kept, reply in replies:
            answer = answer_to(kept, reply.text, self._means.new_id()) if reply.text else None
            route = self._terms.route(answer) if answer else None
            if answer is None or route is None:
                continue
            if not may_answer(connection, kept.message, reply.topic, self._terms.answers):
                return []
            message = replace(answer, route=route.name)
            return [NewMessage(message, answer_task(message, self._means.new_id()))]
        return []

    def _kept_until(self, arrival: Arrival, owners: Mapping[str, Sequence[str]]) -> int:
        """How long its media stay: no longer than the last of its owners keeps content."""
        accounts = {account for number in _ours(arrival, owners) for account in owners.get(number, ())}
        return max((self._until(arrival, each) for each in accounts), default=arrival.keep_until)

    def _until(self, arrival: Arrival, account_id: str) -> int:
        """How long one account keeps them, and its link works."""
        account = self._means.account(account_id)
        days = account.settings.retention_days.content if account else 0
        return min(arrival.keep_until, arrival.at + days * DAY) if days else arrival.keep_until

    def _told(self, message: Inbound, owners: Mapping[str, Sequence[str]]) -> list[str]:
        """Who owns the number; of what the simulator says only test accounts hear (docs/adr/0123)."""
        found = list(owners.get(message.number, ()))
        if message.route not in self._terms.test_routes:
            return found
        accounts = ((each, self._means.account(each)) for each in found)
        return [each for each, account in accounts if account is not None and account.settings.test]

    def _taken(self, connection: Connection, kept: KeptInbound, arrival: Arrival) -> tuple[list[Task], Reply]:
        """Obey it; what its account is to be told, and what the phone is answered."""
        key = self._terms.key()
        if kept.message.parts:
            add_link(connection, _link(kept, arrival.at, self._until(arrival, kept.account_id), key))
        account = self._means.account(kept.account_id)
        obeyed = obey(connection, kept, account, arrival.at - self._terms.answers.confirm_ms)
        tasks = (telling_news(account, each, self._means.new_id()) for each in (_news(kept, key), *obeyed.news))
        return [task for task in tasks if task is not None], obeyed.reply

    def _learn(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        """What messages of real phones tell of them, as receipts do (settled 32)."""
        note_handsets(connection, ((each.message.phone, replace(each.handset, seen_at=each.at)) for each in arrivals))
        named = (self._terms.learnt(each.message.phone, each.message.network) for each in arrivals if _names(each))
        keep_findings(connection, [kept for kept in named if kept is not None])


def _names(arrival: Arrival) -> bool:
    return bool(arrival.message.network) and arrival.message.phone.isdigit()


def _ours(arrival: Arrival, owners: Mapping[str, Sequence[str]]) -> list[str]:
    """Which of its receivers it is kept for: those that are somebody's, else the first."""
    for numbers in (arrival.to, arrival.shown):
        if found := [number for number in numbers if number in owners]:
            return found
    return [next(iter((*arrival.to, *arrival.shown)), "")]


def _link(kept: KeptInbound, at: int, until: int, key: LinkKey) -> PageLink:
    """Where its media are reached; the token is made again when it is told, and kept nowhere (security 10)."""
    digest = key.digest(key.token_of_inbound(kept.id))
    return PageLink(digest, kept.account_id, key.id, kept.id, at, until)


def _news(kept: KeptInbound, key: LinkKey) -> News:
    """N211 or N401 (api.md 4.3); ``key``: under which its media's link is made."""
    it = kept.message
    fields = {"sender": it.phone, "receiver": it.number}
    if it.channel is Channel.SMS:
        fields |= {"text": it.text, "transaction_id": kept.id}
        return News(_CODES[it.channel], kept.id, it.received_at, fields)
    fields |= {"keyword": it.keyword, "subject": it.subject, "tracking_id": kept.id, "operator": it.network}
    fields |= {"link_key": key.id} if it.parts else {}
    lists = {"copy_to": it.copies, "content": tuple(part.name for part in it.parts)}
    return News(_CODES[it.channel], kept.id, it.received_at, fields, lists)


def _nobodys(kept: KeptInbound) -> tuple[list[Task], Reply]:
    log.warning("a message to a number that is nobody's sender was kept", inbound=kept.id, route=kept.message.route)
    return [], Reply("", "")
