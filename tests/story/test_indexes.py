"""Whatever a gateway asks its database on an ordinary day is found by an index: no table that grows is gone through.

The statements are those that were really sent; each is explained by the database that ran it (durability 14).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from tests.content import makers
from tests.fakes.origin import Page
from tests.store.kit import PARTITION
from tests.story.house import KEY, House, Plan, house

from slidewire.store.database import Database

#: Tables that grow with traffic or with an account's audience.
GROWING = frozenset(
    {
        *("messages", "tasks", "events", "exchanges", "carrier_refs", "parked_receipts", "segments", "content"),
        *("page_links", "links", "inbound", "subscriptions", "blocks", "sent_mms", "repeats", "operator_cache"),
        *("handsets", "idempotency_keys", "templates", "template_content", "batches", "batch_receivers"),
    }
)
#: What is no call of anybody's, and goes through tasks or phones now and then on purpose: tasks are deleted when they
#: are done, so those that are left are those that wait.
CHORES = ("SELECT DISTINCT tasks.lease", "DELETE FROM handsets", "SELECT tasks.message_id, tasks.id, tasks.account_id")
_VERB = re.compile(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
#: What differs from one time to the next.
_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
_SQLITE_SCAN = re.compile(r"SCAN (?P<table>\w+)(?P<how>.*)")
_POSTGRES_SCAN = re.compile(r"Seq Scan on (?P<table>\w+)")


@dataclass
class Heard:
    """Statements as they were sent, each once, with the values that came with it."""

    statements: dict[str, Any] = field(default_factory=dict)
    _shapes: set[str] = field(default_factory=set)

    def note(self, _c: object, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        if _VERB.match(statement):
            self.statements.setdefault(statement, parameters[0] if many else parameters)

    def listen_to(self, driver: Any, _record: object) -> None:
        """Hot statements go to the driver: it is listened to itself. SQLite's tells their values in them."""
        if hasattr(driver, "set_trace_callback"):
            driver.set_trace_callback(self._note_said)
        else:
            driver.driver_connection.add_query_logger(self._note_sent)

    def _note_sent(self, sent: Any) -> None:
        self.note(None, None, sent.query, sent.args, None, isinstance(sent.args, list))

    def _note_said(self, statement: str) -> None:
        shape = _VALUE.sub("?", statement)
        if _VERB.match(statement) and shape not in self._shapes:
            self._shapes.add(shape)
            self.statements.setdefault(statement, ())


@contextmanager
def listening() -> Iterator[Heard]:
    heard = Heard()
    event.listen(Engine, "before_cursor_execute", heard.note)
    event.listen(Engine, "connect", heard.listen_to)
    try:
        yield heard
    finally:
        event.remove(Engine, "connect", heard.listen_to)
        event.remove(Engine, "before_cursor_execute", heard.note)


def walks(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """The growing tables that ``statement`` goes through from end to end."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        aliases = dict(re.findall(r"\b(\w+) (?:AS )?([a-z]{1,2})\b", statement))
        named = {alias: table for table, alias in aliases.items()}
        found = [scan for row in rows if (scan := _SQLITE_SCAN.match(str(row[-1])))]
        bounded = "LIMIT" in statement.upper()
        whole = [named.get(scan["table"], scan["table"]) for scan in found if not (bounded and "INDEX" in scan["how"])]
        return [table for table in whole if table in GROWING]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).fetchall()
    found = [PARTITION.sub(r"\g<table>", s["table"]) for row in rows if (s := _POSTGRES_SCAN.search(str(row[-1])))]
    return [table for table in found if table in GROWING]


async def an_ordinary_day(home: House) -> None:
    """What customers, carriers, phones and admins do."""
    photo = home.origin.page("/a.jpg", Page(makers.saved(makers.photo(320, 240), quality=85)))
    slides = f"<SLIDE><IMAGE><URL>{photo}</URL></IMAGE><TEXT>Hi</TEXT></SLIDE>"
    first = await home.send(slides, CLIENT_REFERENCE="order-1")
    await home.until_told(first, "N101", "N102")
    text = await home.send(slides, FORCE_SEND_AS_SMS="true", FALLBACKSMSTEXT="Look: ")
    await home.until_told(text, "N101", "N202")
    for action, more in (
        ("getMessage", f"<TRACKINGID>{first}</TRACKINGID>"),
        ("getMessage", "<CLIENT_REFERENCE>order-1</CLIENT_REFERENCE>"),
        ("listMessages", ""),
        ("listMessages", "<TO>15557650020</TO>"),
        ("getMmsIds", ""),
        ("getMMSTemplates", "<STARTDATE>2020-01-01</STARTDATE>"),
        ("getSendingStatistics", ""),
        ("getMmsCampaigns", ""),
    ):
        body = f"<REQUEST><ACTION>{action}</ACTION><API_KEY>{KEY}</API_KEY>{more}</REQUEST>"
        assert "<STATUS>" in await home.post(body)
    headers = {"authorization": "Bearer an-admin-token-of-some-length"}
    for path in ("accounts", "messages", f"messages/{first}", "postbacks", "blocks", "audit", "inbound", "usage"):
        async with home.http.get(f"{home.admin}/admin/v1/{path}", headers=headers) as answer:
            assert answer.status < 500, path
    async with home.http.get(f"{home.admin}/metrics") as answer:
        assert answer.status == 200


async def explained(database: Database, heard: Heard) -> dict[str, list[str]]:
    """Statement -> growing tables that it goes through, of those that do."""
    found: dict[str, list[str]] = {}
    calls = {words: values for words, values in heard.statements.items() if not words.startswith(CHORES)}
    for statement, parameters in calls.items():
        tables = await database.write(lambda c, s=statement, p=parameters: walks(c, s, p))  # type: ignore[misc]
        if tables:
            found[statement] = tables
    return found


@pytest.mark.timeout(120)
async def test_no_table_that_grows_is_gone_through(plan: Plan) -> None:
    plan.sms = {}
    plan.settings["admin_token"] = "an-admin-token-of-some-length"
    with listening() as heard:
        async with house(plan) as home:
            await an_ordinary_day(home)
            assert len(heard.statements) > 40
            assert any("FROM tasks WHERE queue" in words for words in heard.statements), "the hot ones too"
            assert await explained(home.database, heard) == {}
