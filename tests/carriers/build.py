"""Valid things for the carriers' tests; name only what a test is about."""

from dataclasses import replace
from typing import Any

from slidewire.carriers.base import Route, Submission
from slidewire.domain.message import Dialect, Message, Slide
from slidewire.domain.rendition import Rendition

#: 2026-03-04T05:06:07.890Z
NOW = 1_772_600_767_890
TRANSACTION_ID = "0195a7c08d3a7f0b8a1f4d2c6e9b7a55"
TEXT = "Meet me under the clock"
SUBJECT = "Tonight at eight"


def a_message(**changes: Any) -> Message:
    message = Message(
        id="0195a7c0000070008000000000000001",
        account_id="account-1",
        mms_id=7,
        dialect=Dialect.W13,
        sender="28444",
        receiver="447700900123",
        country="GB",
        accepted_at=NOW,
        expires_at=NOW + 3 * 86_400_000,
        link_expires_at=NOW + 365 * 86_400_000,
        name="first",
        slides=(Slide(text=TEXT),),
        subject=SUBJECT,
        operator="31003",
    )
    return replace(message, **changes)


def a_rendition(*chunks: bytes) -> Rendition:
    parts = chunks or (
        b"--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
        TEXT.encode(),
        b"\r\n--inner--\r\n",
    )
    return Rendition(
        content_type='multipart/related; boundary="inner"; type="application/smil"; start="<smil>"',
        chunks=parts,
        size=sum(map(len, parts)),
    )


def a_submission(message: Message | None = None, rendition: Rendition | None = None) -> Submission:
    return Submission(message or a_message(), TRANSACTION_ID, rendition or a_rendition())


def a_route(**changes: Any) -> Route:
    route = Route(
        name="mmsc-a",
        kind="mm7",
        url="http://127.0.0.1:9/mm7",
        username="gw",
        password="open-sesame-17",
        vasp_id="vasp",
        vas_id="vas",
        timeout=5.0,
    )
    return replace(route, **changes)
