"""What an ended step counts for its account's ledger of usage."""

from dataclasses import replace

from slidewire.domain.change import Change, Ending
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.domain.usage import Channel, Usage, month_of, shard_of


def counted(ending: Ending, message: Message, size: int = 0) -> Ending:
    """``ending`` with its first change counted. ``size``: bytes of the MMS that was posted."""
    if not ending.changes:
        return ending
    first, *others = ending.changes
    channel = Channel.SMS if ending.task.kind is TaskKind.TEXT else Channel.MMS
    usage = _usage(first, message, channel, ending.lease)
    taken = usage.messages and channel is Channel.MMS
    usage = replace(usage, segments=len(ending.taken), bytes=size if taken else 0)
    if not (usage.messages or usage.segments or usage.failed):
        return ending
    return replace(ending, changes=(replace(first, usage=usage), *others))


def adopted(change: Change, message: Message, node: str) -> Change:
    """A submission whose answer was lost had been taken after all; how large it was is not known any more."""
    return replace(change, usage=_usage(change, message, Channel.MMS, node))


def _usage(change: Change, message: Message, channel: Channel, node: str) -> Usage:
    return Usage(
        month_of(change.at),
        channel,
        message.operator,
        messages=int(change.status is Status.SUBMITTED),
        failed=int(change.status in {Status.FAILED, Status.EXPIRED}),
        shard=shard_of(node),
    )
