"""What phones were answered lately, so that none is answered again and again. Of no account: a number may be shared."""

from sqlalchemy import Connection

from slidewire.domain.answers import AnswerTerms
from slidewire.domain.inbound import Inbound
from slidewire.store.sql import run

_DAY = 86_400_000
_FIRST = """INSERT INTO answers (phone, number, topic, at, count) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (phone, number, topic) DO UPDATE SET at = excluded.at WHERE answers.at <= ? RETURNING at"""
_COUNT = """INSERT INTO answers (phone, number, topic, at, count) VALUES (?, '', '', ?, 1)
    ON CONFLICT (phone, number, topic) DO UPDATE SET
    count = CASE WHEN answers.at <= ? THEN 1 ELSE answers.count + 1 END,
    at = CASE WHEN answers.at <= ? THEN excluded.at ELSE answers.at END RETURNING count"""
_FORGET = """DELETE FROM answers WHERE (phone, number, topic) IN
    (SELECT phone, number, topic FROM answers WHERE at < ? ORDER BY at LIMIT ?)"""


def may_answer(connection: Connection, message: Inbound, topic: str, terms: AnswerTerms) -> bool:
    """Whether a phone is answered now what ``topic`` names; from then on it was."""
    phone, at = message.phone, message.received_at
    if not run(connection, _FIRST, phone, message.number, topic, at, at - terms.pause_ms).fetchall():
        return False
    row = run(connection, _COUNT, phone, at, at - _DAY, at - _DAY).fetchone()
    return row is not None and row[0] <= terms.a_day


def forget_answers(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` answers that were given before ``before``; how many."""
    return run(connection, _FORGET, before, limit).rowcount
