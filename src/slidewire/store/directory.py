"""All accounts in memory, as facts for pure decisions; seen anew within a second of a change anywhere."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from slidewire.domain.access import MediaAccess
from slidewire.domain.account import Account, as_test
from slidewire.store.accounts import Book, raise_version, read_book, read_version
from slidewire.store.database import Connection, Database
from slidewire.store.keys import mark_used, rename_digests
from slidewire.store.media_secrets import Open, StoredAccess, all_access
from slidewire.store.sealed import SealError

#: Seconds between two looks at the version.
WATCH = 1.0
#: Seconds between two looks that unknown keys may cause: guessing costs the database next to nothing.
LOOK_AGAIN = 0.05

log = structlog.get_logger(__name__)


def _read_all(connection: Connection) -> tuple[Book, dict[str, list[StoredAccess]]]:
    return read_book(connection), all_access(connection)


def _note(connection: Connection, uses: Mapping[str, int], former: Mapping[str, str]) -> None:
    mark_used(connection, uses)
    if rename_digests(connection, former):
        raise_version(connection)


class Directory:
    """Finds accounts by key or id without asking the database."""

    def __init__(
        self, database: Database, digests: Callable[[str], Sequence[str]], open_secret: Open, now: Callable[[], int]
    ) -> None:
        """``digests``: what may be stored of a key, what is stored of a new one first; ``open_secret``: Sealer.open."""
        self._database = database
        self._digests = digests
        self._open_secret = open_secret
        self._now = now
        self._book = Book(-1, {}, {}, {}, {})
        self._used: dict[str, int] = {}  # key digest -> when last, since that was written
        self._former: dict[str, str] = {}  # key digest of a former server key -> that of the present one
        self._met: dict[str, str] = {}  # key -> its digest, of those found since the last look at the version
        self._access: dict[str, list[StoredAccess]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._looked_at = 0.0

    async def start(self) -> None:
        """Read all accounts, then keep watching."""
        await self._look()
        self._watch = asyncio.create_task(self._keep_watching())

    async def stop(self) -> None:
        """Stop watching."""
        tasks = [task for task in (self._watch, self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def find(self, key: str) -> Account | None:
        """The account that ``key`` speaks for; a key made a moment ago elsewhere is found too."""
        digest, account = self._known((self._met[key],) if key in self._met else self._digests(key))
        # a disabled account takes the way of an unknown key: how long the answer takes tells nothing (security 10)
        if (account is None or account.disabled) and await self._refreshed():
            digest, account = self._known(self._digests(key))
        if account is not None:
            self._met[key] = digest
            self._used[digest] = self._now()
        return account

    def _known(self, digests: Sequence[str]) -> tuple[str, Account | None]:
        """The digest that is somebody's, with whose it is."""
        for digest in digests:
            if (account := self._valid(digest)) is not None:
                if digest != digests[0]:
                    self._former[digest] = digests[0]
                return digest, account
        return digests[0], None

    async def find_login(self, user: str) -> tuple[Account, str] | None:
        """The account that a user name belongs to, and what is stored of its password; None when it may not be used."""
        found = self._login(user)
        if found is None and await self._refreshed():
            found = self._login(user)
        return found

    def _login(self, user: str) -> tuple[Account, str] | None:
        login = self._book.logins.get(user)
        account = None if login is None else self._book.by_id.get(login.account_id)
        if login is None or account is None or account.disabled or not account.settings.password_login:
            return None
        return account, login.password

    async def note_uses(self) -> None:
        """Write when keys were used last, and keep those under the present server key: not once a call."""
        uses, self._used = self._used, {}
        former, self._former = self._former, {}
        if uses:
            await self._database.write(lambda connection: _note(connection, uses, former))

    async def again(self, account: Account) -> Account:
        """``account`` as it is now: for a fact that was looked for in it in vain, and may be a moment old.

        Who asks too soon after the last look waits for the next.
        """
        if not await self._refreshed():
            await asyncio.sleep(LOOK_AGAIN)
            await self._refreshed()
        found = self._book.by_id.get(account.id, account)
        return as_test(found) if account.settings.test else found  # a test key's call stays one

    async def meet(self, account_id: str) -> None:
        """Look for an account that was perhaps made a moment ago elsewhere; one that is known costs nothing."""
        if not account_id or account_id in self._book.by_id:
            return
        try:
            if not await self._refreshed():
                await asyncio.sleep(LOOK_AGAIN)
                await self._refreshed()
        except Exception as error:  # noqa: BLE001  # a database away for a while: it stays unknown
            log.warning("accounts could not be read", error=repr(error)[:300])

    def everyone(self) -> Iterable[Account]:
        """Every account, as last seen."""
        return self._book.by_id.values()

    def by_id(self, account_id: str) -> Account | None:
        """The account with this id, as last seen."""
        return self._book.by_id.get(account_id)

    def media_access(self, account_id: str) -> Mapping[str, MediaAccess]:
        """What the account presents to the origins of its media, by origin."""
        found = {}
        for stored in self._access.get(account_id, ()):
            try:
                found[stored.origin] = stored.opened(self._open_secret)
            except SealError as error:
                log.error("what is presented for media cannot be opened", account=account_id, error=str(error))
        return found

    def _valid(self, digest: str) -> Account | None:
        ends = self._book.expiries.get(digest)
        if ends is not None and ends <= self._now():
            return None
        return self._book.by_key.get(digest)

    async def _refreshed(self) -> bool:
        """Look once for all who ask at the same time; False when the last look was a moment ago."""
        loop = asyncio.get_running_loop()
        if self._looking is None:
            if loop.time() - self._looked_at < LOOK_AGAIN:
                return False
            self._looking = loop.create_task(self._look())
            self._looking.add_done_callback(self._looked)
        await asyncio.shield(self._looking)
        return True

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        self._looked_at = asyncio.get_running_loop().time()
        if not task.cancelled():
            task.exception()

    async def _look(self) -> None:
        self._met.clear()  # a server key may have been taken out meanwhile: it is noticed when a key is hashed
        if await self._database.look(read_version) != self._book.version:
            self._book, self._access = await self._database.read(_read_all)

    async def _keep_watching(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001  # a database away for a while: the facts stay as they were
                log.warning("accounts could not be read", error=repr(error)[:300])
