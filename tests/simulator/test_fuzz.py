"""Whatever bytes arrive: they are taken or refused with a code, and nothing else ever comes out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulator.builder import Submit

from slidewire.simulator.contents import find_content, open_content
from slidewire.simulator.envelope import read_request
from slidewire.simulator.mmsc import open_request
from slidewire.simulator.status import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD = Submit(picture=b"\xff\xd8\xff")
BODY = GOOD.body()
CHANGES = st.lists(
    st.tuples(st.integers(0, len(BODY)), st.integers(0, 30), st.binary(max_size=12)), min_size=1, max_size=4
)


def take(content_type: str, body: bytes) -> None:
    """What the MMSC does with a body before it answers."""
    with contextlib.suppress(RefusedError):
        envelope, entity = open_request(content_type, body)
        request = read_request(envelope)
        open_content(find_content(request, entity), require_smil=False)


def test_the_unchanged_body_is_taken() -> None:
    envelope, entity = open_request(GOOD.outer_type, BODY)
    part = find_content(read_request(envelope), entity)
    assert len(open_content(part, require_smil=True).slides) == 1


@settings(max_examples=400, deadline=None)
@given(CHANGES)
def test_changed_bytes_are_taken_or_refused(changes: Sequence[tuple[int, int, bytes]]) -> None:
    body = BODY
    for place, gone, new in changes:
        body = body[:place] + new + body[place + gone :]
    take(GOOD.outer_type, body)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.binary(max_size=200))
def test_any_type_and_any_bytes_are_refused(content_type: str, body: bytes) -> None:
    take(content_type, body)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_smil_and_any_subject_are_taken_or_refused(smil: str, subject: str) -> None:
    written = subject.encode("utf-8", "surrogatepass")
    body = GOOD.but(smil=smil.encode("utf-8", "surrogatepass")).body().replace(b">Hello<", b">" + written + b"<")
    take(GOOD.outer_type, body)
