"""What everybody must see who is signed in, on every page: postback addresses that nothing is posted to any more."""

from dataclasses import dataclass
from typing import Final

from slidewire.console.desk import Desk, Viewer
from slidewire.store.endpoints import Endpoint, failing_endpoints

#: What exchanges with customers' addresses are called, among those with routes.
POSTBACK_PEER: Final = "postback"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told; its words are the template's."""

    off_at: int  #: since when, Unix milliseconds
    accounts: int  #: how many it is about


async def notices_for(desk: Desk, viewer: Viewer) -> tuple[Notice, ...]:
    """For an owner its own address, for an admin how many there are."""
    off = [each for each in await endpoints_of(desk, viewer) if each.off_at is not None]
    return (Notice(min(each.off_at or 0 for each in off), len(off)),) if off else ()


async def endpoints_of(desk: Desk, viewer: Viewer) -> list[Endpoint]:
    """Addresses that do not receive, of those that ``viewer`` sees: an address that was changed since begins anew."""
    found = []
    for endpoint in (await desk.database.read(failing_endpoints)).values():
        account = desk.account(endpoint.account_id)
        if account is not None and account.settings.postback_url == endpoint.url and viewer.sees(account.id):
            found.append(endpoint)
    return found
