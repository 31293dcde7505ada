"""Messages of accounts that pay in advance: paid in the transaction that keeps them (docs/adr/0261)."""

from slidewire.domain.account import Account
from slidewire.domain.faults import Fault
from slidewire.store.pins import Insertion
from slidewire.store.prepaid import Payment


def payment_of(account: Account) -> Payment | None:
    """What a message costs its account; it is paid in the message's own transaction (docs/adr/0261)."""
    paid_for = account.settings.prepaid
    return None if paid_for is None or account.settings.test else Payment(account.id, paid_for)


def raise_unpaid(result: Insertion) -> None:
    """Raises FaultError E713 for a message that was not kept because nothing is left to pay it with."""
    if result is Insertion.UNPAID:
        raise Fault.BILLING.error()
