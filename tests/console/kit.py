"""Everything behind `admin_listen` over a real store, and browsers that keep cookies and fill in forms."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.builders import Clock, a_message, a_task, an_id, now_ms
from tests.store.kit import a_change, stored
from tests.work.kit import a_kit

from slidewire.api.admin.metrics import MetricsApp
from slidewire.api.entry import Entry
from slidewire.api.http_server import bind, make_server
from slidewire.api.lockout import Lockout, LockoutTerms
from slidewire.api.passwords import PasswordCheck
from slidewire.api.switchboard import App
from slidewire.domain.audit import By
from slidewire.domain.batches import Batch, BatchState, RefusedReceiver
from slidewire.domain.change import Ending
from slidewire.domain.events import Event
from slidewire.domain.message import Content, Message
from slidewire.domain.task import Task, TaskKind
from slidewire.runtime.admin import AdminTools, admin_board
from slidewire.runtime.secrets import directory_of
from slidewire.settings import RouteSettings, Settings
from slidewire.settings.sections import ConsoleSettings
from slidewire.store.accounts import NewAccount, NewLogin, add_account, change_settings, key_digests, set_password
from slidewire.store.batches import Expanded, NewBatch, end_expansions, insert_batches
from slidewire.store.database import Connection, Database
from slidewire.store.directory import Directory
from slidewire.store.endpoints import Endpoint, set_failing
from slidewire.store.hot import NewMessage
from slidewire.store.messages import insert_task, record
from slidewire.store.passwords import hash_password
from slidewire.store.server_keys import ServerKeys

SERVER_KEY = b"a server key for tests"
TOKEN = "an-admin-token-that-nobody-guesses-01"
HOST = "127.0.0.1:8081"
MINE, THEIRS = "acct-1", "acct-2"
KEYS = {MINE: "k3yForTheConsole00000000000000001", THEIRS: "k3yForTheConsole00000000000000002"}
USER, PASSWORD = "acme-old", "a password of old"
STORED = hash_password(PASSWORD)
#: Every page that there is, for things of one account.
PAGES = ("", "accounts/acct-1", "batches", "batches/{batch}", "messages", "endpoints")
#: One pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
#: What every answer of the console says besides its own.
KEPT_TO_ITSELF = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_WORD = re.compile(r'name="form" value="([0-9a-f]+)"')


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")

    @property
    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name == "set-cookie"]

    @property
    def place(self) -> str:
        return self.header("location")

    @property
    def word(self) -> str:
        """What its forms hold."""
        found = _WORD.search(self.text)
        return found[1] if found else ""


@dataclass
class Browser:
    """One person at a browser."""

    app: App
    address: str = "192.0.2.7"
    cookies: dict[str, str] = field(default_factory=dict)
    word: str = ""  #: of the forms of the page that was shown last
    scheme: str = "http"

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request to the app itself."""
        named = {"host": HOST, "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        raw, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": raw,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items() if value],
            "client": (self.address, 50_000),
            "scheme": self.scheme,
        }
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            told.append(dict(message))

        await self.app(scope, receive, send)
        head, *rest = told
        pairs = [(name.decode(), value.decode("latin-1")) for name, value in head["headers"]]
        answer = Answer(head["status"], pairs, b"".join(each["body"] for each in rest))
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return answer

    async def get(self, path: str, **headers: str) -> Answer:
        answer = await self.ask("GET", path, **headers)
        self.word = answer.word or self.word
        return answer

    async def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        """A form of the page that was shown last."""
        body = urlencode({"form": self.word, **(fields or {})}).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", path, body, **(kind | headers))

    async def sign_in(self, word: str, user: str = "", **fields: str) -> Answer:
        """By the form, as people do; then at the first page."""
        await self.get("/console/sign-in")
        answer = await self.post("/console/sign-in", {"user": user, "word": word, **fields})
        if answer.status == 303:
            await self.get("/console/")
        return answer


@dataclass
class Office:
    """A gateway's admin side with two accounts, and what is put into it."""

    app: App
    database: Database
    clock: Clock
    directory: Directory
    keys: list[bytes]

    def browser(self, **changes: Any) -> Browser:
        return Browser(self.app, **changes)

    async def owner(self, account: str = MINE) -> Browser:
        """Somebody who signed in with the key of ``account``."""
        browser = self.browser()
        assert (await browser.sign_in(KEYS[account])).status == 303
        return browser

    async def admin(self) -> Browser:
        browser = self.browser()
        assert (await browser.sign_in(TOKEN)).status == 303
        return browser

    async def set(self, account: str, **words: str) -> None:
        """Change settings of an account, seen at once."""
        by = By("a test", self.clock(), an_id())
        await self.database.write(lambda c: change_settings(c, account, words, by))
        await self.directory._look()

    async def turned_off(self, account: str = MINE, error: str = "HTTP 500 Broken") -> Endpoint:
        """The address of an account has received nothing for days."""
        url = f"https://{account}.example.net/told?token=secret"
        await self.set(account, postback_url=url)
        now = self.clock()
        endpoint = Endpoint(account, url, now - 5 * 86_400_000, now - 60_000, error, now - 60_000)
        await self.database.write(lambda c: set_failing(c, endpoint))
        return endpoint

    async def batch(self, account: str = MINE, total: int = 3, **changes: Any) -> Batch:
        """A batch of which nobody has a message yet."""
        batch = Batch(an_id(), account, self.clock(), total, None)
        task = Task(an_id(), TaskKind.EXPAND, TaskKind.EXPAND.queue(account), account, batch.id, 0)
        await self.database.write(lambda c: insert_batches(c, [NewBatch(replace(batch, **changes), task)]))
        return batch

    async def expanded(self, batch: Batch, messages: list[Message], refused: list[RefusedReceiver]) -> None:
        """Some of its receivers have their message or their refusal."""
        seen = len(messages) + len(refused)
        state = BatchState.EXPANDED if seen == batch.total else BatchState.EXPANDING
        task = await self._leased(batch)
        made = tuple((each.receiver, NewMessage(each, a_task(each))) for each in messages)
        item = Expanded(
            Ending(task, "node-1", at=now_ms()), replace(batch, seen=seen, state=state), made, tuple(refused)
        )
        await self.database.write(lambda c: end_expansions(c, [item]))

    async def _leased(self, batch: Batch) -> Task:
        """A task of the batch that node-1 holds."""
        message = replace(a_message(), id=batch.id, account_id=batch.account_id)
        task = a_task(message, id=an_id(), kind=TaskKind.EXPAND, queue=TaskKind.EXPAND.queue(batch.account_id))

        def hold(connection: Connection) -> None:
            insert_task(connection, task)
            connection.exec_driver_sql(f"UPDATE tasks SET lease = 'node-1' WHERE id = '{task.id}'")

        await self.database.write(hold)
        return task

    async def given_up(self, account: str = MINE) -> Message:
        """A message whose postback was given up."""
        message = await self.message(account)
        task = a_task(message, id=an_id(), kind=TaskKind.NOTIFY, queue=TaskKind.NOTIFY.queue(account))
        queued = a_change(task, at=self.clock(), postback=replace(task, body={"code": "SENT"}))
        over = a_change(task, at=self.clock(), event=Event.POSTBACK_GIVEN_UP, given_up=task.id)

        def write(connection: Connection) -> None:
            record(connection, [queued])
            connection.exec_driver_sql(f"DELETE FROM tasks WHERE id = '{task.id}'")
            record(connection, [over])

        await self.database.write(write)
        return message

    async def message(self, account: str = MINE, **changes: Any) -> Message:
        message = replace(a_message(), id=an_id(), account_id=account, **changes)
        await stored(self.database, message)
        return message


def _furnish(connection: Connection, now: int) -> None:
    for account in (MINE, THEIRS):
        digest = key_digests(KEYS[account], [SERVER_KEY])[0]
        words = {"password_login": "on"}
        add_account(connection, NewAccount(account, f"Account {account[-1]}", words, ["28444"], digest, False, now))
    set_password(connection, MINE, NewLogin(USER, STORED), By("a test", now, an_id()))


async def _preview(content: Content) -> tuple[str, bytes] | None:
    """An image for each content but one that is gone."""
    return ("image/png", PIXEL) if content.size else None


async def _ready() -> str:
    return ""


async def _no_figures() -> bytes:
    return b""


async def _unlimited(*_call: Any) -> Any:
    raise AssertionError("signing in is no call of the API")


@asynccontextmanager
async def office(database: Database, folder: Path, *, again: bool = False, **settings: Any) -> AsyncIterator[Office]:
    """``settings``: besides those that every test has. ``again``: over a database that had one before."""
    clock = Clock(now_ms())
    if not again:
        await database.write(lambda c: _furnish(c, clock()))
    keys = [SERVER_KEY]
    known = ServerKeys(lambda: tuple(keys))
    async with AsyncExitStack() as stack:
        directory = directory_of(database, known)
        await directory.start()
        stack.push_async_callback(directory.stop)
        passwords = PasswordCheck(directory.find_login, time.monotonic)
        stack.callback(passwords.close)
        means = replace(a_kit(database).means, now=clock, account=directory.by_id)
        stack.push_async_callback(means.commits.close)
        lockout = Lockout(LockoutTerms(), time.monotonic)
        entry = Entry(directory.find, lockout, _unlimited, passwords.find, lambda _account: None)
        given = {"admin_token": TOKEN, "console": ConsoleSettings(), "content": f"file:{folder}/content"}
        given |= {"routes": (RouteSettings(name="mmsc-a", kind="mm7", url="http://127.0.0.1:9/"),)} | settings
        board = admin_board(
            Settings(**given), AdminTools(means, None, entry, known, _preview, _ready, MetricsApp(_no_figures))
        )
        yield Office(board, database, clock, directory, keys)


@dataclass
class Served:
    """The same behind a real server."""

    office: Office
    url: str


@asynccontextmanager
async def served_office(database: Database, folder: Path, **settings: Any) -> AsyncIterator[Served]:
    """On loopback, as a gateway serves it."""
    async with office(database, folder, **settings) as opened:
        listener = bind("127.0.0.1", 0)
        server = make_server(opened.app)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Served(opened, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await serving
