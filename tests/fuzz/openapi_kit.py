"""Asks a running gateway what its own OpenAPI document allows, and what it does not; counts how far calls came."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.content.makers import photo, saved
from tests.fakes.origin import Page
from tests.story.house import KEY, SHORT_CODE, Plan, house

from slidewire.api.openapi.calls import actions, request_schema
from slidewire.api.openapi.document import DOCUMENT

TOKEN = "an-admin-token-that-nobody-guesses-01"
HELD = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: What a call can be refused with before its slides are looked at: steps (a) to (h) of settled 1.
BEFORE_SLIDES = frozenset(
    f"E{code}"
    for code in (*range(100, 114), 115, 120, 170, 171, 172, 311, 314, 405, 617, 620, 621, 622, 627, 650, 651, 655)
) | {"E241", "E712", "E718", "E721"}
_SAVED = {"name": "fuzz", "message-subject": "fuzz"}
_SENT = {**_SAVED, "to": "15557650020", "from": SHORT_CODE}
#: Calls whose slides are what is judged: how they are addressed to come so far, and in how many turns of twenty.
_WITH_SLIDES: dict[str, tuple[dict[str, Any], int]] = {
    "savemms": (_SAVED, 1),
    "validatemms": (_SENT, 2),
    "sendbatch": ({**_SENT, "to": ["15557650020", "15557650021", "12"]}, 2),
    "sendmms": (_SENT, 12),
}
_SLIDE_TURNS = [action for action, (_, turns) in _WITH_SLIDES.items() for _ in range(turns)]
#: Turns whose slides are good, so that there is something to ask about: one of each action.
_GOOD_TURNS = frozenset(3 + _SLIDE_TURNS.index(action) for action in _WITH_SLIDES)
#: What calls without slides need, where nothing that was answered before fits: half of them come so far.
_ELSE = {
    "to": "15557650020",
    "from": SHORT_CODE,
    "mobile": "15557650020",
    "message-text": "fuzz",
    "campaign-name": "fuzz",
    "brand-name": "fuzz",
    "subscriber-ref": "ann",
    "start-date": "2031-01-01 00:00:00",
    "end-date": "2031-01-02 00:00:00",
}
#: Seconds that an answer may take: a machine that is busy is no fault.
_PATIENCE = 120
#: What answers name and calls ask for by that name.
_NAMED = ("tracking-id", "mms-id", "batch-id", "campaign-id", "campaign-ref", "cursor")
#: What would refuse a call before its slides are looked at.
_IN_THE_WAY = {
    "fallback-sms-link-expiration",
    "from-mask",
    "operator-id",
    "spid",
    "client-reference",
    "send-at",
    "mms-expiry-timestamp",
    "to-displayonly",
}


@dataclass
class Count:
    """What was asked, and what came of it."""

    cases: int = 0
    with_key: int = 0
    at_the_slides: int = 0  #: with a valid key, and not refused before the slide rules
    outcomes: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)  #: with a valid key; and how many were a Success


@dataclass(frozen=True)
class Around:
    """Where the gateway is, and what its document says."""

    api: str
    admin: str
    document: dict[str, Any]
    media: tuple[str, ...]  #: addresses of files, some that are good


@contextmanager
def running(plan: Plan) -> Iterator[Around]:
    """A house in a thread of its own: what asks it here waits for its answers."""
    plan.settings["admin_token"] = TOKEN
    there: list[tuple[str, str]] = []
    media: list[str] = []
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with house(plan) as home:
            picture = home.origin.page("/a.jpg", Page(saved(photo(64, 48))))
            missing, words = home.origin.url("/none.jpg"), home.origin.page("/w", Page(b"no picture"))
            media.extend((picture, missing, words, "nonsense", "http://10.0.0.1/a.jpg", "", " "))
            there.append((home.api, home.admin))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    try:
        assert ready.wait(60), "the house did not open"
        [(api, admin)] = there
        yield Around(api, admin, requests.get(admin + DOCUMENT, timeout=30).json(), tuple(media))
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(60)
        loop.close()


def ask_for_messages(around: Around, examples: int, start: int = 0) -> Count:
    """So many calls of J2: 17 of 20 with slides and well addressed, so that those are what is judged.

    Two are each other action in its turn, one is by a stranger.
    """
    schema = schemathesis.openapi.from_dict(around.document)
    operation = schema["/ep/v2/"]["POST"]
    count, session, known = Count(), requests.Session(), dict[str, Any]()
    others = cycle([name for name in actions() if name not in _WITH_SLIDES])

    def ask(drawn: tuple[Case, list[Any]]) -> None:
        case, slides = drawn
        count.cases += 1
        turn = count.cases % 20
        has_key = turn != 0
        if isinstance(case.body, dict):
            case.body = _addressed(case.body, slides, turn) if turn > 2 else _other(case.body, next(others), known)
        headers = {"x-api-key": KEY} if has_key else {"x-api-key": f"wrong-{count.cases}"}
        if case.headers and turn > 2:
            case.headers.pop("Idempotency-Key", None)
        response = case.call(base_url=around.api, session=session, headers=headers, timeout=_PATIENCE)
        case.validate_response(response, checks=HELD)
        told = response.json()
        code = told.get("error-code", "Success")
        known.update({name: told[name] for name in _NAMED if name in told})
        count.outcomes[code] += 1
        count.with_key += has_key
        count.at_the_slides += has_key and turn > 2 and code not in BEFORE_SLIDES
        if has_key and isinstance(case.body, dict):
            count.actions[f"{case.body['action']} {'taken' if code == 'Success' else 'refused'}"] += 1

    calls = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    _run(ask, st.tuples(calls, _slides(around.media)), examples, start)
    return count


def ask_for_provisioning(around: Around, examples: int, start: int = 0) -> Count:
    """So many calls of each operation of /admin/v1, half of them such as its schema forbids."""
    schema = schemathesis.openapi.from_dict(around.document).exclude(path="/ep/v2/")
    count, session = Count(), requests.Session()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    session.post(f"{around.admin}/admin/v1/accounts", json={"name": "acme", "senders": ["24999"]}, headers=headers)

    def ask(case: Case, mode: GenerationMode) -> None:
        count.cases += 1
        turn = count.cases
        known = {"account": "acme", "number": "12025550143", "ref": "spring"}
        if turn % 2:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        response = case.call(base_url=around.admin, session=session, headers=headers, timeout=_PATIENCE)
        more = [negative_data_rejection] if mode is GenerationMode.NEGATIVE and not turn % 2 else []
        case.validate_response(response, checks=[*HELD, *more])
        count.outcomes[str(response.status_code)] += 1

    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)
            _run(lambda case, mode=mode: ask(case, mode), strategy, examples, start)  # type: ignore[misc]
    return count


def _addressed(body: dict[str, Any], slides: list[Any], turn: int) -> dict[str, Any]:
    """The generated call as one that comes as far as its slides."""
    action = _SLIDE_TURNS[turn - 3]
    kept = {name: value for name, value in body.items() if name not in _IN_THE_WAY}
    drawn = kept.get("slide") if turn % 3 == 0 else None
    chosen = [{"message-text": "Hi"}] if turn in _GOOD_TURNS else drawn or slides
    return {**kept, "slide": chosen, **_WITH_SLIDES[action][0], "action": action}


def _other(body: dict[str, Any], action: str, known: dict[str, Any]) -> dict[str, Any]:
    """The generated call as one of an action without slides: as it came, or about what was made before."""
    needed = {name: (_ELSE | known)[name] for name in request_schema(action)["properties"] if name in _ELSE | known}
    return {**body, **(needed if len(body) % 2 else {}), "action": action}


def _slides(media: tuple[str, ...]) -> st.SearchStrategy[list[Any]]:
    """Slides that break some rule or none: kinds together, too many, too long, files that there are and are not."""
    medium = st.sampled_from(media).map(lambda url: {"url": url})
    kinds = ("image", "audio", "video", "contact", "calendar", "pdf", "passbook")
    text = st.text(max_size=40) | st.sampled_from(("", " ", "x" * 5000, "x" * 5001))
    duration = st.integers(-2, 4000) | st.text("0123456789 .-", max_size=6)
    members = {"message-text": text, "duration": duration, **dict.fromkeys(kinds, medium)}
    slide = st.lists(st.sampled_from(sorted(members)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: members[name] for name in names})
    )
    return st.lists(slide, max_size=4) | st.lists(slide, min_size=8, max_size=11)


def _run(ask: Any, cases: Any, examples: int, start: int) -> None:
    """So many examples."""
    quiet = list(HealthCheck)
    phases = (Phase.generate,)

    @seed(start)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=quiet, phases=phases)
    @given(cases)
    def every(case: Any) -> None:
        ask(case)

    every()
