"""Sessions of the console: opened by whoever signs in, found by the token of their cookie, ended by time or by hand.

Kept in the store, so that they outlive a restart and hold on every node.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from slidewire.console.desk import Desk, Viewer
from slidewire.store.database import Connection
from slidewire.store.sessions import (
    Proof,
    Session,
    close_session,
    find_session,
    note_seen,
    open_session,
    proved_key,
    proved_password,
)

#: Milliseconds between two notes that somebody was here: not one a page.
_NOTED: Final = 60_000
#: Stands before a token where it is hashed: no key hashes to the same.
_PURPOSE: Final = "session of the console: "


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody signs in with, and from where."""

    user: str
    word: str
    address: str


async def sign_in(desk: Desk, given: Given) -> str:
    """Open a session; its token, which is told this once. Raises SignInError."""
    door, now = desk.door, desk.now()
    account = await door.admit(given.user, given.word, given.address)
    token = door.new_token()

    def keep(connection: Connection) -> None:
        account_id = account.id if account else ""
        if account is None:
            proof, bound_to = Proof.TOKEN, door.admin_marks()[0]
        elif given.user:
            proof, bound_to = Proof.PASSWORD, proved_password(connection, account_id)
        else:
            proof, bound_to = Proof.KEY, proved_key(connection, door.digests(given.word))
        open_session(connection, Session(_digests(desk, token)[0], account_id, proof, bound_to, now, now))

    await desk.database.write(keep)
    return token


async def find_viewer(desk: Desk, token: str, address: str, *, counts: bool) -> Viewer | None:
    """Who is signed in with ``token``; None: nobody, or not any more. ``counts``: a person has asked, not a page."""
    if not token:
        return None
    door, now, digests = desk.door, desk.now(), _digests(desk, token)
    session = await desk.database.read(lambda connection: find_session(connection, digests, now))
    if session is None or now >= session.made_at + door.longest_ms or now >= session.seen_at + door.idle_ms:
        return None
    if session.proof is Proof.TOKEN:
        if session.bound_to not in door.admin_marks():
            return None
    elif not door.may_stay(session.account_id, address):
        return None
    if counts and now - session.seen_at >= min(_NOTED, door.idle_ms // 4):
        await desk.database.write(lambda connection: note_seen(connection, session, now))
    return Viewer(desk.account(session.account_id) if session.account_id else None, address, token)


async def sign_out(desk: Desk, token: str) -> None:
    """End a session, if there is one."""
    digests = _digests(desk, token)
    await desk.database.write(lambda connection: close_session(connection, digests))


def _digests(desk: Desk, token: str) -> Sequence[str]:
    return desk.door.digests(_PURPOSE + token)
