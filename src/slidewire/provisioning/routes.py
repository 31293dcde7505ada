"""How fast routes send, as an admin sets it over the settings: by the command and by the console."""

from slidewire.domain.audit import AuditAction, By
from slidewire.domain.rates import parse_rate
from slidewire.store.audit import write_audit
from slidewire.store.database import Connection
from slidewire.store.lanes import read_rates, set_rate

#: What takes an admin's rate away again.
AS_SET = "default"


def change_rate(connection: Connection, route: str, words: str, by: By) -> float:
    """Set the rate of ``route``, such as ``20/s``; every node follows within two seconds. 0: as the settings say again.

    Raises ValueError for words that are no rate.
    """
    rate = 0.0 if words == AS_SET else parse_rate(words)
    before = read_rates(connection).get(route)
    set_rate(connection, route, rate)
    told = [AS_SET if each is None else f"{each:g}/s" for each in (before, rate or None)]
    write_audit(connection, by, AuditAction.RATE_SET, "", route=route, rate=told)
    return rate
