"""What an ended step counts for its account's ledger of usage."""

from dataclasses import replace

from slidewire.domain.change import Change, Ending
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.domain.usage import Channel, Usage, month_of, shard_of

#: Whether it left as SMS, and whether to the simulator -> where it is counted.
_CHANNELS = {
    (False, False): Channel.MMS,
    (True, False): Channel.SMS,
    (False, True): Channel.MMS_TEST,
    (True, True): Channel.SMS_TEST,
}


def counted(ending: Ending, message: Message, *, test: bool = False) -> Ending:
    """``ending`` with its first change counted, unless it is: an MMS that was taken is, see ``taken``.

    ``test``: to the simulator.
    """
    if not ending.changes or ending.changes[0].usage is not None:
        return ending
    first, *others = ending.changes
    is_sms = ending.task.kind is TaskKind.TEXT
    usage = Usage(
        month_of(first.at),
        _CHANNELS[is_sms, test],
        message.operator,
        messages=int(first.status is Status.SUBMITTED),
        failed=int(first.status in {Status.FAILED, Status.EXPIRED}),
        segments=len(ending.taken),
        shard=shard_of(ending.lease),
    )
    if not (usage.messages or usage.segments or usage.failed):
        return ending
    return replace(ending, changes=(replace(first, usage=usage), *others))


def taken(message: Message, size: int, at: int, node: str, *, test: bool) -> Usage:
    """What an MMS counts that a carrier took: nearly every ending, so that it is made with its change."""
    channel = _CHANNELS[False, test]
    return Usage(month_of(at), channel, message.operator, messages=1, bytes=size, shard=shard_of(node))


def adopted(change: Change, message: Message, node: str, *, test: bool = False) -> Change:
    """A submission whose answer was lost had been taken after all; how large it was is not known any more."""
    return replace(change, usage=taken(message, 0, change.at, node, test=test))
