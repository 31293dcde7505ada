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
    posted = size if first.status is Status.SUBMITTED and not is_sms else 0
    usage = Usage(
        month_of(first.at),
        _CHANNELS[is_sms, test],
        message.operator,
        messages=int(first.status is Status.SUBMITTED),
        failed=int(first.status in {Status.FAILED, Status.EXPIRED}),
        segments=len(ending.taken),
        bytes=posted,
        shard=shard_of(ending.lease),
    )
    if not (usage.messages or usage.segments or usage.failed):
        return ending
    return replace(ending, changes=(replace(first, usage=usage), *others))


def adopted(change: Change, message: Message, node: str, *, test: bool = False) -> Change:
    """A submission whose answer was lost had been taken after all; how large it was is not known any more."""
    usage = Usage(month_of(change.at), _CHANNELS[False, test], message.operator, messages=1, shard=shard_of(node))
    return replace(change, usage=usage)
