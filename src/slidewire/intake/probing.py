"""Audio and video are looked at before their message is sent, by a task that stands in front of it (settled 19)."""

from dataclasses import replace

from slidewire.domain.message import Kind, Message
from slidewire.domain.request import CheckedRequest
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind

_PROBED = (Kind.AUDIO, Kind.VIDEO)


def is_probed(request: CheckedRequest) -> bool:
    """Whether the request has anything that must be looked at."""
    for slide in request.slides:
        for medium in slide.media:
            if medium.kind in _PROBED:
                return True
    return False


def probed_first(message: Message, task: Task) -> tuple[Message, Task]:
    """The message as it waits for the look, and the task that looks and then becomes ``task``."""
    queue = TaskKind.PROBE.queue(task.account_id)
    # at once, whenever it is to be sent: its sender is told now what is wrong with it
    due_at = message.accepted_at
    looking = replace(task, kind=TaskKind.PROBE, queue=queue, due_at=due_at, body=task.body | {"then": task.kind.value})
    return replace(message, status=Status.ENCODING), looking
