"""Who may come in: action, key, account, address and right, in the order of settled 1 (b) to (f).

Every wrong key takes the same way through this file, so that answers tell nothing about keys (settled 2).
"""

from slidewire.api.actions import Action, find_action
from slidewire.api.doors import FindAccount
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault

#: No key is longer; what is longer is wrong, and is not hashed to find that out.
_LONGEST_KEY = 256


async def admit(call: Call, address: str, find_account: FindAccount) -> tuple[Account, Action]:
    """The account that calls and what it calls. Raises FaultError.

    ``address`` is where the call came from; empty when that is not known.
    """
    name = call.values.get("action")
    if "action" in call.nested:
        raise Fault.INVALID_REQUEST.about("action", "holds an element, where only text may be")
    if name is None:
        raise Fault.NO_ACTION.error()
    account = await _authenticate(call, find_account)
    _check_account(account)
    if not account.allows_address(address):
        raise Fault.ADDRESS_NOT_ALLOWED.error()
    action = find_action(name)
    if action is None or not account.allows_action(action.right):
        raise Fault.ACTION_NOT_ALLOWED.error()
    return account, action


async def _authenticate(call: Call, find_account: FindAccount) -> Account:
    key = (call.values.get("key") or "").strip()
    if len(key) > _LONGEST_KEY or "key" in call.nested:
        key = ""
    account = await find_account(key)
    if account is None or account.disabled or not key:
        raise Fault.NOT_AUTHENTICATED.error()
    return account


def _check_account(account: Account) -> None:
    settings = account.settings
    if settings.blocked:
        raise Fault.API_BLOCKED.error()
    if not settings.actions:
        raise Fault.NO_API_RIGHTS.error()
    if not settings.api_on:
        raise Fault.API_NOT_ACTIVATED.error()
