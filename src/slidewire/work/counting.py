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


def counted(ending: Ending, message: Message, size: int = 0, *, test: bool = False) -> Ending:
    """``ending`` with its first change counted.

    ``size``: bytes of the MMS that was posted; ``test``: to the simulator.
    """
    if not ending.changes:
        return ending
    first, *others = ending.changes
    is_sms = ending.task.kind is TaskKind.TEXT
    usage = _usage(first, message, _CHANNELS[is_sms, test], ending.lease)
    taken = usage.messages and not is_sms
    usage = replace(usage, segments=len(ending.taken), bytes=size if taken else 0)
    if not (usage.messages or usage.segments or usage.failed):
        return ending
    return replace(ending, changes=(replace(first, usage=usage), *others))


def adopted(change: Change, message: Message, node: str, *, test: bool = False) -> Change:
    """A submission whose answer was lost had been taken after all; how large it was is not known any more."""
    return replace(change, usage=_usage(change, message, _CHANNELS[False, test], node))


def _usage(change: Change, message: Message, channel: Channel, node: str) -> Usage:
    return Usage(
        month_of(change.at),
        channel,
        message.operator,
        messages=int(change.status is Status.SUBMITTED),
        failed=int(change.status in {Status.FAILED, Status.EXPIRED}),
        shard=shard_of(node),
    )
