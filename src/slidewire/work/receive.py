"""Takes what phones send to our numbers: kept, heeded where it is STOP or START, told to the number's owner.

Everything that one message changes is one transaction; the carrier is answered after it (durability 23).
"""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from slidewire.domain.campaigns import Source
from slidewire.domain.inbound import Inbound, KeptInbound, Word, meaning_of
from slidewire.domain.postback import PostbackCode
from slidewire.domain.task import Task
from slidewire.domain.telling import News, Turn, campaign_news, telling_news
from slidewire.store.campaigns import read_campaigns
from slidewire.store.consent import Block, opt_in, opt_out
from slidewire.store.database import Connection
from slidewire.store.inbound import keep_inbound, owners_of
from slidewire.store.messages import insert_task
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: A word that changes something -> what it changes, and the code that tells of each campaign.
_OBEYED = {Word.STOP: (opt_out, PostbackCode.UNSUBSCRIBED), Word.START: (opt_in, PostbackCode.SUBSCRIBED)}


class InboundDesk:
    """Stores what phones send; what it returns from is committed (durability 23)."""

    def __init__(self, means: Means, test_routes: Iterable[str] = ()) -> None:
        """``test_routes``: those to the simulator, where no real phone speaks."""
        self._means = means
        self._test_routes = frozenset(test_routes)

    async def take(self, message: Inbound) -> None:
        """Take one message; the carrier may be answered when this returns."""
        for queue in await self._means.commits.write(self._write, message):
            self._means.wake(queue)

    def _write(self, connection: Connection, arrivals: Sequence[Inbound]) -> list[list[str]]:
        owners = owners_of(connection, (each.number for each in arrivals))
        woken: dict[int, list[str]] = {}
        # phone by phone, so that two nodes never wait for each other; what one phone sent in its order
        for index, arrival in sorted(enumerate(arrivals), key=lambda each: each[1].phone):
            tasks: list[Task] = []
            for account_id in self._told(arrival, owners) or [""]:
                kept = KeptInbound(self._means.new_id(), account_id, meaning_of(arrival.text), arrival)
                keep_inbound(connection, [kept])
                tasks += self._taken(connection, kept) if account_id else _nobodys(kept)
            for task in tasks:
                insert_task(connection, task)
            woken[index] = sorted({task.queue for task in tasks})
        return [woken[index] for index in range(len(arrivals))]

    def _told(self, arrival: Inbound, owners: Mapping[str, Sequence[str]]) -> list[str]:
        """Who owns the number; of what the simulator says only test accounts hear (docs/adr/0123)."""
        found = list(owners.get(arrival.number, ()))
        if arrival.route not in self._test_routes:
            return found
        accounts = ((each, self._means.account(each)) for each in found)
        return [each for each, account in accounts if account is not None and account.settings.test]

    def _taken(self, connection: Connection, kept: KeptInbound) -> list[Task]:
        """Obey it; what its account is to be told."""
        it = kept.message
        fields = {"sender": it.phone, "receiver": it.number, "text": it.text, "transaction_id": kept.id}
        news = [News(PostbackCode.INBOUND_SMS, kept.id, it.received_at, fields)]
        if kept.word in _OBEYED:
            news += _obeyed(connection, kept)
        account = self._means.account(kept.account_id)
        tasks = (telling_news(account, each, self._means.new_id()) for each in news)
        return [task for task in tasks if task is not None]


def _obeyed(connection: Connection, kept: KeptInbound) -> list[News]:
    """Do as the word says; what it changed, campaign by campaign."""
    it, (obey, code) = kept.message, _OBEYED[kept.word]
    refs = obey(connection, Block(it.phone, kept.account_id, it.number, Source.MO, kept.word.value, it.received_at))
    if not refs:
        return []
    changed = [campaign for campaign in read_campaigns(connection, kept.account_id) if campaign.ref in refs]
    turn = Turn(it.phone, it.number, Source.MO, kept.id, it.received_at)
    return [campaign_news(code, campaign, turn) for campaign in changed]


def _nobodys(kept: KeptInbound) -> list[Task]:
    log.warning("a message to a number that is nobody's sender was kept", inbound=kept.id, route=kept.message.route)
    return []
