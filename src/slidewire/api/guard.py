"""Who may come in: action, credentials, account, address, right, limits, in the order of settled 1 (b) to (g).

Every wrong key takes the same way through this file, so that answers tell nothing about keys (settled 2).
"""

from slidewire.api.actions import Action, find_action, why_not_served
from slidewire.api.doors import Visit
from slidewire.api.entry import Credentials, Entry
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault
from slidewire.domain.limits import limits_of
from slidewire.domain.slides import NOT_TEXT

#: No key is longer; what is longer is wrong, and is not hashed to find that out.
_LONGEST_KEY = 256


def given_credentials(call: Call) -> Credentials:
    """What the fields of ``call`` say; a field that holds an element says nothing."""
    return Credentials(_short(call, "key"), _short(call, "user"), _short(call, "password"))


def _short(call: Call, name: str) -> str:
    text = call.values.get(name)
    if not text or name in call.nested:
        return ""
    text = text.strip()
    return "" if len(text) > _LONGEST_KEY else text


async def admit(call: Call, credentials: Credentials, address: str, visit: Visit) -> tuple[Account, Action]:
    """The account that calls and what it calls; the call is counted unless it may be a repetition. Raises FaultError.

    ``address`` is where the call came from; empty when that is not known.
    """
    name = call.values.get("action")
    if "action" in call.nested:
        raise Fault.INVALID_REQUEST.about("action", NOT_TEXT)
    if name is None:
        raise Fault.NO_ACTION.error()
    account = await authenticate(credentials, address, visit.doors.entry)
    visit.account_id = account.id
    check_account(account, address)
    action = check_action(account, name)
    if visit.key is not None or account.settings.unique_client_reference:
        return account, action  # whether it is a repetition is found out first
    if not account.settings.limits.are_none:
        await count_calls(account, action, action.receivers(call), visit)
    return account, action


async def count_calls(account: Account, action: Action, calls: int, visit: Visit) -> None:
    """Take so many calls from the account's limits: settled 1 (g). Raises FaultError."""
    limits = limits_of(account.settings.limits, action.right, visit.doors.now())
    if limits:
        taken = await visit.doors.entry.take_calls(account.id, limits, calls)
        visit.standing = taken.standing
        if taken.refused is not None:
            raise taken.refused.refusal(taken.wait)


async def authenticate(credentials: Credentials, address: str, entry: Entry) -> Account:
    """The account that is meant. Unknown, wrong and disabled: one way, one answer (security 10). Raises FaultError."""
    proof = hash(credentials)  # keyed by this process, and never stored
    wait = entry.lockout.wait(address)
    if wait and not entry.lockout.knows(address, proof):
        raise Fault.NOT_AUTHENTICATED.error(f"too many failed calls, again in {wait} seconds").after(wait)
    if credentials.key or not credentials.are_given:
        account = await entry.find_account(credentials.key)
    else:
        account = await entry.find_user(credentials.user, credentials.password)
    if account is None or account.disabled or not credentials.are_given:
        if credentials.are_given:
            entry.lockout.count_failure(address)
        raise Fault.NOT_AUTHENTICATED.error()
    entry.lockout.note_success(address, proof)
    return account


def check_account(account: Account, address: str) -> None:
    """Whether the account may call at all, and from ``address``: settled 1 (d) and (e). Raises FaultError."""
    settings = account.settings
    if settings.blocked:
        raise Fault.API_BLOCKED.error()
    if not settings.actions:
        raise Fault.NO_API_RIGHTS.error()
    if not settings.api_on:
        raise Fault.API_NOT_ACTIVATED.error()
    if not account.allows_address(address):
        raise Fault.ADDRESS_NOT_ALLOWED.error()


def check_action(account: Account, name: str) -> Action:
    """The action called ``name``: settled 1 (f). Raises FaultError."""
    action = find_action(name)
    if action is None:
        raise Fault.ACTION_NOT_ALLOWED.error(why_not_served(name))
    if not account.allows_action(action.right):
        raise Fault.ACTION_NOT_ALLOWED.error()
    return action
