"""Signing in and out. Who is signed in passes; everybody else gets the form, whatever they asked for."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import structlog

from slidewire.console.answer import Answer
from slidewire.console.asking import Request
from slidewire.console.cookies import FORM, SESSION, form_word, set_cookie
from slidewire.console.desk import ROOT, Desk, SignInError, Viewer
from slidewire.console.forms import FormError, read_query
from slidewire.console.sessions import Given, sign_in, sign_out
from slidewire.console.view import Views, moved

log = structlog.get_logger(__name__)

SIGN_IN: Final = ("sign-in",)
_OUT: Final = ("sign-out",)
#: Where somebody may be led to after signing in: a page of ours, never somewhere else.
_NEXT: Final = re.compile(r"[A-Za-z0-9_-]{1,100}(/[A-Za-z0-9_-]{1,100}){0,4}")
_NO_BROWSER: Final = (b"www-authenticate", b'Form realm="slidewire"')


class Entrance:
    """Answers who is not signed in."""

    def __init__(self, desk: Desk, views: Views) -> None:
        self._desk = desk
        self._views = views

    async def answer(self, request: Request, form: Mapping[str, str], viewer: Viewer | None) -> Answer | None:
        """What there is to say before any page; None: ``viewer`` may see what they ask for. Raises FormError."""
        if request.segments == _OUT:
            return await self._sign_out(request)
        if request.segments == SIGN_IN and request.method == "POST":
            return await self._sign_in(request, form)
        if viewer is not None:
            return moved(ROOT + _next(request)) if request.segments == SIGN_IN else None
        if request.segments == SIGN_IN and request.method == "GET":
            return self._show(request, "", _next(request))
        if request.method == "POST":
            raise FormError(403, "You are not signed in any more. Sign in, and try once more.")
        asked = "/".join(request.segments)
        more = f"?next={quote(asked)}" if _NEXT.fullmatch(asked) else ""
        return moved(f"{ROOT}{SIGN_IN[0]}{more}")

    async def _sign_in(self, request: Request, form: Mapping[str, str]) -> Answer:
        given = Given(form.get("user", "").strip(), form.get("word", "").strip(), request.address)
        if not given.word:
            return self._show(request, "Write a key, or a password with its user name.", _checked(form), status=401)
        try:
            token = await sign_in(self._desk, given)
        except SignInError as error:
            return self._show(request, error.words, _checked(form), status=429 if error.wait else 401, wait=error.wait)
        if request.session:
            await sign_out(self._desk, request.session)
        log.info("signed in to the console", address=request.address)
        there = set_cookie(SESSION, token, secure=request.secure)
        return moved(ROOT + _checked(form), there, set_cookie(FORM, "", secure=request.secure))

    async def _sign_out(self, request: Request) -> Answer:
        if request.method != "POST":
            raise FormError(405, "To sign out, use the button at the top of a page.", "POST")
        if request.session:
            await sign_out(self._desk, request.session)
        return moved(f"{ROOT}{SIGN_IN[0]}?out=1", set_cookie(SESSION, "", secure=request.secure))

    def _show(self, request: Request, wrong: str, then: str, *, status: int = 200, wait: float = 0.0) -> Answer:
        token, headers = request.form, []
        if not token:
            token = self._desk.door.new_token()
            headers.append(set_cookie(FORM, token, secure=request.secure))
        if status == 401:
            headers.append(_NO_BROWSER)
        if wait:
            headers.append((b"retry-after", b"%d" % wait))
        values = {
            "wrong": wrong,
            "next": then,
            "form": form_word(token),
            "is_out": status == 200 and "out" in read_query(request.query),
        }
        return self._views.page("sign-in.html", values, status, tuple(headers))


def _next(request: Request) -> str:
    return _checked(read_query(request.query))


def _checked(fields: Mapping[str, str]) -> str:
    """The page that somebody wanted; empty: the first one."""
    there = fields.get("next", "")
    return there if _NEXT.fullmatch(there) and there not in {*SIGN_IN, *_OUT} else ""
