"""What became of an account's messages: one, a page of them, or one that is taken back while it waits."""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.change import Change
from slidewire.domain.events import Event, Reason
from slidewire.domain.faults import Fault
from slidewire.domain.idempotency import Answering
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.telling import telling
from slidewire.domain.tracking import Listing, Named, Progress, ProgressPage, progress
from slidewire.intake.idempotency import write_once
from slidewire.store import tracking
from slidewire.store.commits import Commits
from slidewire.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class TrackingTools:
    """What this works with."""

    database: Database
    commits: Commits
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds
    wake: Callable[[str], None]


class Tracking:
    """Answers for the messages of accounts, each for its own."""

    def __init__(self, tools: TrackingTools) -> None:
        self._tools = tools

    async def find(self, account: Account, named: Named) -> Progress:
        """How one message stands; of several with one reference the newest. Raises FaultError E660."""

        def read(connection: Connection) -> Progress | None:
            found = tracking.find_own(connection, account.id, named, limit=1)
            return progress(found[0], tracking.read_traces(connection, found)[found[0].id]) if found else None

        told = await self._tools.database.read(read)
        if told is None:
            raise Fault.MESSAGE_UNKNOWN.error()
        return told

    async def page(self, account: Account, listing: Listing) -> ProgressPage:
        """Some of the account's messages, the newest first."""

        def read(connection: Connection) -> ProgressPage:
            page = tracking.list_own(connection, account.id, listing)
            traces = tracking.read_traces(connection, page.messages)
            return ProgressPage(tuple(progress(each, traces[each.id]) for each in page.messages), page.cursor)

        return await self._tools.database.read(read)

    async def cancel(self, account: Account, named: Named, answering: Answering[Message] | None = None) -> Message:
        """Take a message back that has not left. Raises FaultError E660, E661; one that is taken back already is."""
        message = await self._sole(account, named)
        if message.status is Status.CANCELLED:
            return message
        change = self._change(account, message)
        told = answering and answering.of(lambda is_back: message if is_back else None)
        if not await write_once(self._tools.commits, tracking.cancel, change, told):
            now = await self._sole(account, Named(message.id))
            if now.status is Status.CANCELLED:  # another was quicker, with the same wish
                return now
            raise Fault.TOO_LATE.error(f"it is {now.status.value}" if now.status.is_final else "it may have left")
        if change.postback is not None:
            self._tools.wake(change.postback.queue)
        return message

    async def _sole(self, account: Account, named: Named) -> Message:
        found = await self._tools.database.read(lambda c: tracking.find_own(c, account.id, named))
        if not found:
            raise Fault.MESSAGE_UNKNOWN.error()
        if len(found) > 1:
            raise Fault.INVALID_REQUEST.about("client_reference", "is that of several messages: name one by its id")
        return found[0]

    def _change(self, account: Account, message: Message) -> Change:
        now = self._tools.now()
        told = Postback(PostbackCode.NOT_SENT, now, details=Reason.CANCELLED.value)
        return Change(
            id=self._tools.new_id(),
            message_id=message.id,
            account_id=message.account_id,
            event=Event.CANCELLED,
            at=now,
            status=Status.CANCELLED,
            reason=Reason.CANCELLED,
            postback=telling(account, message, told, self._tools.new_id()),
        )
