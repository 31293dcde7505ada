"""The console as a bare ASGI app: who asks, for which page, answered; whoever is not signed in learns nothing here.

Every POST brings the word of its form; what belongs to another account is not there (decision 310).
"""

from dataclasses import dataclass
from typing import Any, Final

import structlog

from slidewire.console.answer import Answer, Headers, Receive, Scope, Send, send_answer
from slidewire.console.asking import Request, read_request
from slidewire.console.cookies import form_word, is_own_form
from slidewire.console.desk import ROOT, Asked, Desk, File, MissingError, Moved, Viewer
from slidewire.console.entrance import SIGN_IN, Entrance
from slidewire.console.forms import FormError, comes_from_us, read_form, read_query
from slidewire.console.notices import notices_for
from slidewire.console.sessions import find_viewer
from slidewire.console.sitemap import NAVIGATION, STATIC, find_view
from slidewire.console.view import Views, moved
from slidewire.domain.request import CallerGoneError, OverloadedError
from slidewire.provisioning.refusals import RefusedError, Why
from slidewire.store.database import DatabaseAwayError

log = structlog.get_logger(__name__)

#: What a page asks with that brings itself up to date: nobody is here because of it.
_LIVE: Final = b"slidewire-live"
_LONGEST_WORDS: Final = 1000
_AGAIN: Final = (b"retry-after", b"5")
_MISSING: Final = "There is nothing at this address, or nothing that is yours."
_FOREIGN: Final = "This form is too old, or was made by another page. Go back, load the page anew, and try once more."


@dataclass(frozen=True, slots=True)
class _Plain:
    """A page of one sentence."""

    status: int
    title: str
    text: str
    headers: Headers = ()


class ConsoleApp:
    """Serves the table of views."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._views = Views()
        self._entrance = Entrance(desk, self._views)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        try:
            answer = await self._guarded(scope, receive)
        except CallerGoneError:
            return
        await send_answer(answer, send, bodiless=scope["method"] == "HEAD")

    async def _guarded(self, scope: Scope, receive: Receive) -> Answer:
        try:
            return await self._answer(read_request(scope, secure=self._desk.door.secure), receive)
        except FormError as error:
            return self._plain(_Plain(error.status, "That did not work", error.words, error.headers))
        except MissingError:
            return self._plain(_Plain(404, "Nothing here", _MISSING))
        except RefusedError as error:
            status = 404 if error.why is Why.MISSING else 409
            return self._plain(_Plain(status, "That cannot be done", error.problem[:_LONGEST_WORDS]))
        except (OverloadedError, DatabaseAwayError):
            return self._plain(_Plain(503, "One moment", "This cannot be done right now. Try again.", (_AGAIN,)))
        except CallerGoneError:
            raise
        except Exception:  # the app's top: a bug is told once, and nothing of it to strangers
            reference = self._desk.new_id()
            log.exception("the console broke", reference=reference)
            return self._plain(_Plain(500, "Something broke", f"The gateway's log calls it {reference}."))

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        if request.outside:
            return moved(ROOT)
        if request.segments[:1] == (STATIC,):
            return self._static(request)
        form = await self._form(request, receive) if request.method == "POST" else {}
        viewer = await find_viewer(self._desk, request.session, request.address, counts=_LIVE not in request.headers)
        if (answer := await self._entrance.answer(request, form, viewer)) is not None:
            return answer
        assert viewer is not None  # noqa: S101  # the entrance has answered everybody else
        view, path = find_view(request.method, request.segments)
        asked = Asked(self._desk, viewer, path, read_query(request.query), form)
        shown = await view.show(asked)
        if isinstance(shown, Moved):
            return moved(ROOT + shown.to)
        if isinstance(shown, File):
            return Answer(200, shown.body, shown.type)
        frame = await self._frame(viewer, view.place)
        return self._views.page(shown.template, {**frame, **shown.values}, shown.status)

    async def _form(self, request: Request, receive: Receive) -> dict[str, str]:
        """What was posted by a page of ours. Raises FormError.

        Only who signs in may bring the word of a page that was shown to nobody in particular.
        """
        form = await read_form(request.headers, receive)
        word = form.pop("form", "")
        tokens = (request.session, request.form) if request.segments == SIGN_IN else (request.session,)
        if not comes_from_us(request.headers) or not any(is_own_form(token, word) for token in tokens):
            raise FormError(403, _FOREIGN)
        return form

    async def _frame(self, viewer: Viewer, place: str) -> dict[str, Any]:
        """What every page of somebody who is signed in has around it."""
        return {
            "viewer": viewer,
            "form": form_word(viewer.token),
            "navigation": NAVIGATION,
            "place": place,
            "notices": await notices_for(self._desk, viewer),
        }

    def _static(self, request: Request) -> Answer:
        file = self._views.file(request.segments[1]) if len(request.segments) == 2 else None
        if file is None:
            raise MissingError
        if request.method != "GET":
            raise FormError(405, "This is only to be read.", "GET, HEAD")
        return file

    def _plain(self, plain: _Plain) -> Answer:
        return self._views.page("plain.html", {"title": plain.title, "text": plain.text}, plain.status, plain.headers)
