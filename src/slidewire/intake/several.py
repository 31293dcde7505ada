"""One call for several receivers: what keeps one from getting its message stops nobody else (docs/adr/0083)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.idempotency import Answering
from slidewire.domain.request import Addressee, OverloadedError, Refused, SavedSent
from slidewire.intake.accept import Intake
from slidewire.intake.tools import Made
from slidewire.store.pins import Insertion

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Several:
    """Receivers, and how the message to one of them is made."""

    to: tuple[Addressee | Refused, ...]
    is_list: bool  #: each is answered for by itself; else the only one's fault is that of the call
    make: Callable[[Addressee], Awaitable[Made]]


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """The message to one receiver, and the sender that was taken for it."""

    made: Made
    sender: str


async def send_several(
    intake: Intake, several: Several, answering: Answering[list[SavedSent | Refused]] | None
) -> list[SavedSent | Refused]:
    """Send to each, what became of each in their order.

    ``answering``: all messages are written at once, with the answer (durability 15). Raises FaultError and
    OverloadedError where nothing is sent at all.
    """

    async def one(to: Addressee | Refused) -> _Outgoing:
        if isinstance(to, Refused):
            raise to.fault
        made = await several.make(to)
        if answering is None:
            await intake.insert(made)
        return _Outgoing(made, to.sender)

    results = await asyncio.gather(*map(one, several.to), return_exceptions=True)
    outgoing = [result for result in results if isinstance(result, _Outgoing)]
    if not several.is_list or not outgoing:
        for result in results:
            if isinstance(result, BaseException) and not (several.is_list and isinstance(result, FaultError)):
                raise result
    if answering is None or not outgoing:
        return [_told(to, result) for to, result in zip(several.to, results, strict=True)]

    def told(insertions: Sequence[Insertion]) -> list[SavedSent | Refused]:
        kept = iter(insertions)
        paid = [_unpaid(each, next(kept)) if isinstance(each, _Outgoing) else each for each in results]
        return [_told(to, result) for to, result in zip(several.to, paid, strict=True)]

    answer = answering.of(lambda insertions: told(insertions) if Insertion.DONE in insertions else None)
    return told(await intake.insert_together([each.made for each in outgoing], answer))


def _unpaid(outgoing: _Outgoing, insertion: Insertion) -> _Outgoing | FaultError:
    return Fault.BILLING.error() if insertion is Insertion.UNPAID else outgoing


def _told(to: Addressee | Refused, result: _Outgoing | BaseException) -> SavedSent | Refused:
    """What one receiver of several is answered with; the others were sent to."""
    if isinstance(result, _Outgoing):
        return SavedSent(result.made.accepted, result.sender)
    if isinstance(result, FaultError):
        return Refused(to.given, result)
    if isinstance(result, OverloadedError):
        return Refused(to.given, Fault.INTERNAL.error("too busy to take more"))
    log.error("one of several receivers could not be sent to", error=repr(result)[:300])
    return Refused(to.given, Fault.INTERNAL.error())
