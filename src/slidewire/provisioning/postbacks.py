"""What was posted to customers, posted again, and addresses that were turned off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from slidewire.domain.audit import AuditAction, By
from slidewire.domain.moments import written
from slidewire.domain.postback import PostbackCode
from slidewire.domain.task import NEVER
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import RefusedError, missing
from slidewire.store.accounts import read_book
from slidewire.store.audit import write_audit
from slidewire.store.database import Connection
from slidewire.store.endpoints import failing_endpoints, forget_endpoint
from slidewire.store.postbacks import PastPostback, PostbackState, Wanted, past_postbacks, post_again

#: Postbacks that one call posts again.
_MOST = 100_000


class PostbackFacts(TypedDict):
    """One postback; ``next_attempt_at`` is empty for what is not tried again."""

    id: str
    tracking_id: str
    account: str
    at: str
    code: str
    state: str
    attempts: int
    next_attempt_at: str


class Resumed(TypedDict):
    """An account whose postbacks go out; ``were_off``: whether they did not before."""

    account: str
    name: str
    were_off: bool


class PostedAgain(TypedDict):
    """How many postbacks will be posted."""

    postbacks: int


@dataclass(frozen=True, slots=True)
class Search:
    """Which postbacks are meant; what is blank does not matter."""

    account: str = ""  #: by id or name
    message: str = ""  #: a tracking id
    since: int = 0  #: Unix milliseconds
    state: PostbackState | None = None


def list_postbacks(connection: Connection, search: Search, limit: int) -> list[PostbackFacts]:
    """The newest first. Raises RefusedError."""
    return [_facts(each) for each in past_postbacks(connection, _wanted(connection, search), limit)]


def resend(connection: Connection, search: Search, code: str, by: By, new_id: Callable[[], str]) -> PostedAgain:
    """Post again, under their old ids, those of ``code`` or all. Raises RefusedError, also when there is none."""
    found = past_postbacks(connection, _wanted(connection, search), _MOST)
    chosen = [each for each in found if not code or _code(each) == code]
    accounts, failing = read_book(connection).by_id, failing_endpoints(connection)
    counts: dict[str, int] = {}
    for each in chosen:
        counts[each.account_id] = counts.get(each.account_id, 0) + 1
    for account_id in counts:
        account = accounts.get(account_id)
        if account is None or not account.settings.postback_url:
            raise RefusedError(f"account {account_id} has no address for postbacks", "Set its postback_url.")
        endpoint = failing.get(account_id)
        if endpoint and endpoint.off_at is not None and endpoint.url == account.settings.postback_url:
            raise RefusedError("its postbacks are turned off", f"First: slidewire postback resume {account_id}")
    count = post_again(connection, chosen, by.at, new_id)
    if not count:
        raise missing("there is no such postback", "`slidewire postback list` shows those there are.")
    for account_id, number in sorted(counts.items()):
        facts = {"postbacks": number, "message": search.message, "code": code}
        write_audit(connection, By(by.who, by.at, new_id()), AuditAction.POSTBACKS_RESENT, account_id, **facts)
    return {"postbacks": count}


def resume(connection: Connection, account: str, by: By) -> Resumed:
    """Turn an account's postbacks on again after its address had been turned off. Raises RefusedError."""
    found = find_account(connection, account)
    were_off = forget_endpoint(connection, found.id)
    if were_off:
        write_audit(connection, by, AuditAction.POSTBACKS_RESUMED, found.id)
    return {"account": found.id, "name": found.name, "were_off": were_off}


def _wanted(connection: Connection, search: Search) -> Wanted:
    account_id = find_account(connection, search.account).id if search.account else ""
    return Wanted(account_id, search.message.strip(), search.since, search.state)


def _facts(postback: PastPostback) -> PostbackFacts:
    return {
        "id": postback.id,
        "tracking_id": postback.message_id,
        "account": postback.account_id,
        "at": written(postback.at),
        "code": _code(postback),
        "state": postback.state.value,
        "attempts": postback.attempt,
        "next_attempt_at": written(postback.due_at) if 0 < postback.due_at < NEVER else "",
    }


def _code(postback: PastPostback) -> str:
    """The published one (api.md 4.2)."""
    name = str(postback.body.get("code", ""))
    return PostbackCode[name].code if name in PostbackCode.__members__ else name
