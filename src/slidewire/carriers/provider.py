"""A look-up service asked over HTTP: one request for one number, its answer read by paths that the settings give.

What it says is judged strictly and believed for its facts alone; while it fails it is left alone (a breaker), and
while it asks to be left alone too. Whole numbers go to it and nowhere else: never into a log or an error.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from slidewire.carriers.health import Breaker
from slidewire.carriers.mm7.status import read_retry_after
from slidewire.carriers.shaping import LEAST_PAUSE
from slidewire.domain.finding import Finding, Source
from slidewire.outbound.address import check_url
from slidewire.outbound.post import Phase, PostClient, PostFailed, PostRequest, Reply

#: Stands for the number in ``url`` and ``body``: digits, the calling code first.
BLANK = "{number}"
#: Bytes of an answer; a real one has under two thousand.
ANSWER_CAP = 65_536
#: Statuses that speak of the number: the service works, and knows nothing of it.
_ABOUT_THE_NUMBER = frozenset({400, 404, 410, 422})
#: Statuses that speak of us: no other number will fare better.
_ABOUT_US = frozenset({401, 402, 403, 405, 407})
#: How a request on a connection that had rested ends when the peer was closing it: it may be asked once more.
_CUT_OFF = frozenset({Phase.NOT_SENT, Phase.NO_ANSWER})
#: Share of the time-out within which a cut-off request is asked once more.
_EARLY = 0.5
_LONGEST_WORD = 64
#: No MCC with its MNC is so great.
_BEYOND = 1_000_000


class ProviderFailedError(Exception):
    """The service told nothing: it is away, slow, talks nonsense, or asked to be left alone."""

    def __init__(
        self, words: str, *, retry_after: float | None = None, at_once: bool = False, asked: bool = True
    ) -> None:
        super().__init__(words)
        self.asked = asked  #: false: it was left alone, as was told when that began
        self.retry_after = retry_after  #: seconds that it asked for; None: it is no such answer
        self.at_once = at_once  #: the breaker opens at once: our credentials or address are wrong


@dataclass(frozen=True, slots=True)
class Paths:
    """Where in the answer's JSON each fact is: names and list positions with dots between; empty: it is not told."""

    mcc: str = ""
    mnc: str = ""
    network: str = ""  #: MCC and MNC in one
    name: str = ""
    line_type: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How one service is asked ([lookup.http])."""

    url: str
    method: str = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    paths: Paths = Paths()
    timeout: float = 2.0  #: seconds


def authorization(username: str, password: str, token: str) -> tuple[tuple[str, str], ...]:
    """The header that says who we are; none without credentials. Raises ValueError for both kinds at once."""
    if token and (username or password):
        raise ValueError("either username and password, or a token")
    if token:
        return (("Authorization", f"Bearer {token}"),)
    if username or password:
        return (("Authorization", f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"),)
    return ()


class Provider:
    """One service with its health."""

    def __init__(
        self,
        settings: ProviderSettings,
        post: PostClient,
        monotonic: Callable[[], float],
        wall: Callable[[], int],
        breaker: Breaker,
    ) -> None:
        """``monotonic`` gives seconds, ``wall`` Unix milliseconds. Raises ValueError for what cannot be asked."""
        check_settings(settings)
        self._settings = settings
        self._post = post
        self._monotonic = monotonic
        self._wall = wall
        self._paused_until = 0.0
        self.breaker = breaker

    async def ask(self, number: str) -> Finding:
        """What the service tells of ``number``, digits of E.164. Raises ProviderFailedError."""
        now = self._monotonic()
        if now < self._paused_until:
            raise ProviderFailedError("it asked to be left alone for a while", asked=False)
        if not self.breaker.take(now):
            raise ProviderFailedError("it failed several times in a row and is left alone for a while", asked=False)
        try:
            finding = self._read(await self._reply(number))
        except ProviderFailedError as error:
            self._failed(error)
            raise
        self.breaker.succeeded()
        return finding

    def _failed(self, error: ProviderFailedError) -> None:
        now = self._monotonic()
        if error.retry_after is None:
            self.breaker.failed(now, at_once=error.at_once)
        else:  # it is there, only busy
            self._paused_until = max(self._paused_until, now + max(error.retry_after, LEAST_PAUSE))

    async def _reply(self, number: str) -> Reply:
        started = self._monotonic()
        try:
            return await self._post.post(self._request(number, self._settings.timeout))
        except PostFailed as failure:
            left = self._settings.timeout - (self._monotonic() - started)
            if failure.phase not in _CUT_OFF or left < self._settings.timeout * _EARLY:
                raise ProviderFailedError(str(failure)) from None
        try:
            return await self._post.post(self._request(number, left))
        except PostFailed as failure:
            raise ProviderFailedError(str(failure)) from None

    def _request(self, number: str, total: float) -> PostRequest:
        settings = self._settings
        written = quote(number, safe="")
        headers = (("Accept", "application/json"), *settings.headers)
        body = settings.body.replace(BLANK, written).encode()
        url = settings.url.replace(BLANK, written)
        return PostRequest(url, body, headers, total=total, method=settings.method)

    def _read(self, reply: Reply) -> Finding:
        if reply.status in _ABOUT_THE_NUMBER:
            return Finding(Source.PROVIDER)
        if reply.status == 429 or (reply.status == 503 and "retry-after" in reply.headers):
            pause = read_retry_after(reply.headers.get("retry-after", ""), self._wall())
            raise ProviderFailedError(f"HTTP {reply.status}: too many requests", retry_after=pause)
        if not 200 <= reply.status < 300:
            raise ProviderFailedError(f"HTTP {reply.status}", at_once=reply.status in _ABOUT_US)
        return read_finding(reply.body, self._settings.paths)


def check_settings(settings: ProviderSettings) -> None:
    """Raise ValueError when a service cannot be asked so, in words for whoever wrote the settings."""
    check_url(settings.url.replace(BLANK, "15550100000"))
    if BLANK not in settings.url + settings.body:
        raise ValueError(f"neither url nor body has {BLANK} in it")
    if settings.body and settings.method == "GET":
        raise ValueError('a body goes with method = "POST"')
    paths = settings.paths
    if not paths.network and not (paths.mcc and paths.mnc):
        raise ValueError("network, or mcc and mnc, must say where the answer names the network")
    for name, value in settings.headers:
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise ValueError(f"header {name!r}: only printable ASCII")


def read_finding(body: bytes, paths: Paths) -> Finding:
    """What an answer tells. Raises ProviderFailedError for what is no JSON, or has other types than can be meant."""
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ProviderFailedError("the answer is no JSON") from None
    mcc, mnc = _digits(tree, paths.mcc, "mcc", 3, 3), _digits(tree, paths.mnc, "mnc", 1, 3)
    network = _digits(tree, paths.network, "network", 5, 6)
    if not network and mcc and mnc:
        network = mcc + mnc.zfill(2)
    name, line_type = _word(tree, paths.name), _word(tree, paths.line_type).lower()
    return Finding(Source.PROVIDER, network=network, name=name, line_type=line_type)


def _at(tree: object, path: str) -> object:
    """What stands at ``path``; None when nothing does."""
    if not path:
        return None
    for step in path.split("."):
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and re.fullmatch(r"[0-9]{1,4}", step) and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree


def _digits(tree: object, path: str, what: str, least: int, most: int) -> str:
    """Digits, written as a text or as a whole number; empty when they are not told."""
    found = _at(tree, path)
    if found is None or found == "":
        return ""
    whole = isinstance(found, int) and not isinstance(found, bool) and found < _BEYOND
    text = str(found) if whole else found
    if not isinstance(text, str) or not re.fullmatch(rf"[0-9]{{{least},{most}}}", text.strip()):
        raise ProviderFailedError(f"the answer's {what} is no {what}")
    return text.strip()


def _word(tree: object, path: str) -> str:
    """A name as one short line; empty when it is not told, or is something else than a text."""
    found = _at(tree, path)
    if not isinstance(found, str):
        return ""
    return "".join(each for each in found.strip() if each.isprintable())[:_LONGEST_WORD]
