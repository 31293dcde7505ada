"""Postback addresses: whether they receive, what went wrong last, and the buttons that turn one on again."""

from dataclasses import dataclass
from typing import Final

from slidewire.console.desk import Asked, MissingError, Moved, Page, Shown
from slidewire.console.notices import endpoints_of
from slidewire.domain.account import Account
from slidewire.domain.audit import told
from slidewire.provisioning.postbacks import Search, resend, resume
from slidewire.provisioning.refusals import RefusedError, Why
from slidewire.store.database import Connection
from slidewire.store.endpoints import Endpoint, failing_endpoints
from slidewire.store.postbacks import PostbackState

#: Milliseconds by which a postback may have been queued before the first one that failed was tried.
_QUEUED_BEFORE: Final = 3_600_000
#: What a button tells once it is done; nothing that came with a request is shown.
_DONE: Final = {
    "on": "Postbacks go out again.",
    "again": "Postbacks go out again, and what was given up is being posted once more.",
    "nothing": "Postbacks go out again. There was nothing to be posted once more.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One account's address."""

    account: Account
    url: str  #: without query and credentials
    endpoint: Endpoint | None  #: None: it receives, or has not been used


async def show_list(asked: Asked) -> Shown:
    """For an owner its own address, for an admin all that do not receive, those first that are off."""
    desk, viewer = asked.desk, asked.viewer
    failing = {each.account_id: each for each in await endpoints_of(desk, viewer)}
    accounts = [viewer.account] if viewer.account else [desk.account(each) for each in failing]
    rows = [_row(account, failing.get(account.id)) for account in accounts if account is not None]
    rows.sort(key=lambda row: (row.endpoint is None or row.endpoint.off_at is None, row.account.name))
    return Page("endpoints.html", {"rows": rows, "done": _DONE.get(asked.query.get("done", ""), "")})


def _row(account: Account, endpoint: Endpoint | None) -> Row:
    return Row(account, told("postback_url", account.settings.postback_url), endpoint)


async def turn_on(asked: Asked) -> Shown:
    """Post to an address again, by the function of the command; with ``again`` also what was given up meanwhile."""
    account_id, is_again = asked.path["account"], "again" in asked.form
    if asked.desk.account(account_id) is None or not asked.viewer.sees(account_id):
        raise MissingError
    done = await asked.desk.database.write(lambda connection: _turn_on(connection, asked, account_id, is_again))
    return Moved(f"endpoints?done={done}")


def _turn_on(connection: Connection, asked: Asked, account_id: str, is_again: bool) -> str:
    known = failing_endpoints(connection).get(account_id)
    resume(connection, account_id, asked.by())
    if not is_again:
        return "on"
    since = max(known.failing_since - _QUEUED_BEFORE, 0) if known else 0
    search = Search(account_id, since=since, state=PostbackState.GIVEN_UP)
    try:
        if known is not None:
            resend(connection, search, "", asked.by(), asked.desk.new_id)
            return "again"
    except RefusedError as error:
        if error.why is not Why.MISSING:
            raise
    return "nothing"
