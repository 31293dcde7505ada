"""The console, made of the same parts as the API: who may come in is judged by one code, one lockout."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from slidewire.api.forwarded import BehindProxies
from slidewire.api.signing_in import SigningIn, may_stay
from slidewire.api.switchboard import App
from slidewire.console.app import ConsoleApp
from slidewire.console.desk import Desk, Door, SignInError, Way
from slidewire.content.previews import NoPreviewError, PreviewBusyError, Previews, widths_of
from slidewire.content.store import ContentAwayError
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.ids import new_key
from slidewire.domain.message import Content
from slidewire.runtime.configure import proxies_of, routes_of, span
from slidewire.settings import Settings
from slidewire.store.accounts import key_digests
from slidewire.store.server_keys import ServerKeys
from slidewire.work.means import Means

#: Signs of a session's token: some 248 bits.
_TOKEN_LENGTH = 43
#: Stands before the admin's token where it is hashed.
_ADMIN = "admin of the console: "
_WRONG = "That is not right, or not any more."


Preview = Callable[[Content], Awaitable[tuple[str, bytes] | None]]


def console_app(settings: Settings, means: Means, signing_in: SigningIn, keys: ServerKeys, preview: Preview) -> App:
    """What answers below /console/. Raises SettingsError."""
    digests = partial(_digests, keys)

    def admin_marks() -> Sequence[str]:
        return digests(_ADMIN + settings.admin_token) if settings.admin_token else ()

    def stays(account_id: str, address: str) -> bool:
        return may_stay(means.account(account_id), address)

    door = Door(
        admit=partial(_admit, signing_in),
        may_stay=stays,
        digests=digests,
        admin_marks=admin_marks,
        new_token=partial(new_key, _TOKEN_LENGTH),
        idle_ms=round(span(settings.console.idle, "console.idle") * 1000),
        longest_ms=round(span(settings.console.longest, "console.longest") * 1000),
        secure=settings.console_url.startswith("https://"),
    )
    ways = tuple(Way(route.name, route.kind, route.rate, route.lanes) for route in routes_of(settings))
    app = ConsoleApp(Desk(means.database, means.account, door, ways, preview, means.now, means.new_id))
    proxies = proxies_of(settings)
    return BehindProxies(app, proxies) if proxies else app


async def preview_of(previews: Previews, content: Content) -> tuple[str, bytes] | None:
    """A small rendition of an image, its type and its bytes; None when there is none now."""
    try:
        fitted = await previews.make(content, widths_of(content)[0])
    except (NoPreviewError, PreviewBusyError, FileNotFoundError, ContentAwayError):
        return None
    return fitted.mime, fitted.data


def _digests(keys: ServerKeys, word: str) -> Sequence[str]:
    return key_digests(word, keys.every)


async def _admit(signing_in: SigningIn, user: str, word: str, address: str) -> Account | None:
    """As ``SigningIn.admit``. Raises SignInError."""
    try:
        return await signing_in.admit(user, word, address)
    except FaultError as error:
        if error.retry_after:
            raise SignInError(
                f"Too many tries. Try again in {error.retry_after:.0f} seconds.", error.retry_after
            ) from None
        if error.fault is Fault.NOT_AUTHENTICATED:
            raise SignInError(_WRONG) from None
        raise SignInError(f"You cannot sign in: {error.words}") from None
