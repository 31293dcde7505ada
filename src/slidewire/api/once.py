"""Requests that may come twice: served once, answered the same each time (durability 15).

A key is claimed when the caller is known, before anything of the call is looked at; a call that makes nothing gives
it back.
"""

import hashlib

from slidewire.api.actions import Action, Repeats
from slidewire.api.answer import Answer, Voice
from slidewire.api.doors import Once, Visit
from slidewire.api.guard import count_calls
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.checks import MAX_CLIENT_REFERENCE
from slidewire.domain.idempotency import KeptAnswer, KeyKind, RequestKey

#: Who calls, and how it proves that: a key that was renewed meanwhile makes no other request.
_NOT_ASKED = frozenset({"action", "key", "user", "password"})


def keys_of(call: Call, account: Account, action: Action, given: RequestKey | None) -> tuple[RequestKey, ...]:
    """The words that this call alone may use; ``given``: its Idempotency-Key."""
    if action.repeats is Repeats.READS:
        return ()
    keys: tuple[RequestKey, ...] = (given,) if given is not None else ()
    reference = (call.values.get("client_reference") or "").strip()
    guarded = account.settings.unique_client_reference and action.repeats is Repeats.SENDS
    if guarded and reference and len(reference) <= MAX_CLIENT_REFERENCE:
        keys += (RequestKey(KeyKind.REFERENCE, reference),)
    return keys


async def serve_once(call: Call, account: Account, action: Action, visit: Visit, voice: Voice) -> Answer:
    """What the action answers, or what it answered before. Raises FaultError and OverloadedError."""
    keys = visit.doors.keys
    hold = await keys.claim(account.id, visit.keys, request_digest(call, action))
    if isinstance(hold, KeptAnswer):
        await count_calls(account, action, 1, visit)
        return voice.again(hold)
    async with keys.holding(hold):
        await count_calls(account, action, action.receivers(call), visit)
        visit.once = once = Once(hold, voice.kept)
        reply = await action.serve(call, account, visit)
        if once.kept is None:  # nothing was made
            await keys.release(hold)
            return voice.success(reply)
        return voice.first(once.kept)


def request_digest(call: Call, action: Action) -> str:
    """What is asked for, whoever asks and in whatever order it is written."""
    values = sorted((name, value) for name, value in call.values.items() if name not in _NOT_ASKED)
    merged = sorted(call.merge_values.items())
    asked = (call.dialect, action.right, values, call.slides, call.custom_texts, merged, sorted(call.nested))
    return hashlib.sha256(repr(asked).encode()).hexdigest()
