"""The phones behind numbers, as receipts and inbound messages told them (settled 32). Of no account: docs/adr/0088."""

from collections.abc import Iterable

from sqlalchemy import Connection

from slidewire.domain.handset import MAX_WORD, Handset
from slidewire.store.sql import listed, run, run_many

#: Told again within a day changes nothing: a receipt for every message must not be a write for every message.
_NOTE = """INSERT INTO handsets (receiver, profile, agent, seen_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (receiver) DO UPDATE SET profile = excluded.profile, agent = excluded.agent, seen_at = excluded.seen_at
    WHERE excluded.seen_at >= handsets.seen_at AND (handsets.profile <> excluded.profile
    OR handsets.agent <> excluded.agent OR handsets.seen_at < excluded.seen_at - 86400000)"""
_FIND = "SELECT receiver, profile, agent, seen_at FROM handsets WHERE receiver IN {list}"
_FORGET = """DELETE FROM handsets WHERE receiver IN
    (SELECT receiver FROM handsets WHERE seen_at < ? ORDER BY receiver LIMIT ?)"""


def note_handsets(connection: Connection, told: Iterable[tuple[str, Handset]]) -> bool:
    """Keep what was told of receivers' phones, the newest of each; False: nothing was told.

    Nothing is kept of what told nothing, nor of a number that was redacted: it is many phones' by then.
    """
    newest: dict[str, Handset] = {}
    for receiver, handset in told:
        if (
            handset.word
            and receiver.isdigit()
            and (receiver not in newest or newest[receiver].seen_at <= handset.seen_at)
        ):
            newest[receiver] = handset
    rows = [(each, h.profile[:MAX_WORD], h.agent[:MAX_WORD], h.seen_at) for each, h in sorted(newest.items())]
    run_many(connection, _NOTE, rows)
    return bool(rows)


def find_handsets(connection: Connection, receivers: Iterable[str]) -> dict[str, Handset]:
    """Receiver -> its phone; those of whom nothing is known are missing."""
    wanted = sorted(set(receivers))
    rows = run(connection, _FIND, listed(connection, wanted)).fetchall() if wanted else []
    return {row[0]: Handset(row[1], row[2], row[3]) for row in rows}


def forget_handsets(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` phones that were told last before ``before``; how many."""
    return run(connection, _FORGET, before, limit).rowcount
