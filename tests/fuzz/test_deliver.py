"""Whatever an MMSC posts, reading it ends in a message or in a refusal, soon: never in another exception."""

import time
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st
from tests.carriers.mm7 import deliveries as d
from tests.carriers.mm7.deliveries import CONTENT, HEAD, RECIPIENTS, SENDER

from slidewire.carriers.mm7 import reader
from slidewire.carriers.mm7.deliver import read_delivery
from slidewire.carriers.mm7.multipart import split
from slidewire.carriers.mm7.soap import Told
from slidewire.carriers.mm7.tree import MalformedError
from slidewire.domain.inbound import ArrivedFile, ArrivedMms, Inbound, first_word, meaning_of
from slidewire.work.receive_mms import kept_file

USUAL = Told("", f"{d.MM7}REL-5-MM7-1-2", f"{d.MM7}REL-5-MM7-1-2", "5.3.0")
#: Nothing may take longer, on a busy machine too; a good message takes 0.001 s.
SOON = 2.0
GOOD = d.request(d.soap(), d.mms(d.IMAGE, d.WORDS))


def taken(body: bytes, content_type: str) -> ArrivedMms | None:
    """Read as the door and the desk behind it do."""
    started = time.monotonic()
    mms = None
    with suppress(MalformedError):
        came = split(body, content_type)
        asked = reader.read_request(came.soap, USUAL)
        mms = read_delivery(asked, came.others, "mmsc-a", now=0, most=50)
        for number, file in enumerate(mms.files, start=1):
            kept_file(file, number)
        word = Inbound("r", mms.phone, "1", mms.subject, 0).keyword
        assert len(word) <= 40
    assert time.monotonic() - started < SOON
    return mms


@given(st.binary(max_size=3000), st.text(max_size=200))
def test_any_bytes(body: bytes, content_type: str) -> None:
    taken(body, content_type)


@given(st.data())
def test_a_good_message_with_bytes_changed(data: st.DataObject) -> None:
    body = bytearray(GOOD.body)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        kind = data.draw(st.sampled_from(("change", "cut", "double")))
        if kind == "change":
            body[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del body[at : at + data.draw(st.integers(1, 200))]
        else:
            body[at:at] = body[at : at + data.draw(st.integers(1, 200))]
        if not body:
            return
    taken(bytes(body), d.OUTER)


HEADERS = st.sampled_from(
    (
        "Content-Type: text/plain; charset=utf-7",
        "Content-Type: text/plain; charset=zip",
        'Content-Type: multipart/mixed; boundary="inner"',
        "Content-Type: multipart/mixed",
        "Content-Type: application/smil",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-ID: <mms>",
        "Content-Location: ../../etc/passwd",
        "Content-Disposition: attachment; filename*=utf-8''%00",
    )
)


@given(st.lists(st.tuples(st.lists(HEADERS, max_size=4), st.binary(max_size=300)), max_size=6))
@example([(["Content-Type: text/plain"], b"!" * 200_000 + b"a")])
@example([(["Content-Type: multipart/mixed"], b"--" + b"-" * 200_000)])
@example([(["Content-Type: text/plain", "Content-Transfer-Encoding: quoted-printable"], b"=" * 200_000)])
def test_any_parts(parts: list[tuple[list[str], bytes]]) -> None:
    inside = [d.part(content, *headers) for headers, content in parts]
    mms = taken(*_request(d.soap(), d.mms(*inside)))
    assert mms is None or len(mms.files) <= 50
    taken(*_request(d.soap(), *inside))


def _request(*parts: bytes) -> tuple[bytes, str]:
    shape = d.request(*parts)
    return shape.body, shape.content_type


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100))
@example("=?utf-8?B?" + "A" * 250, "+1555/TYPE=PLMN", "cid:")
@example("=?zip?B?eJwDAAAAAAE=?=", "0" * 300, "%zz")
def test_any_words(subject: str, sender: str, href: str) -> None:
    def plain(text: str) -> str:
        return "".join(each for each in text if each.isprintable() and each not in "<&'\"")

    inside = HEAD + f"<Sender>{plain(sender)}</Sender>" + RECIPIENTS + f"<Subject>{plain(subject)}</Subject>"
    taken(*_request(d.soap(inside + f"<Content href='{plain(href)}'/>"), d.mms(d.WORDS)))


def test_a_boundary_that_is_everywhere_ends_soon() -> None:
    body = d.part(b"--x " * 2_000_000, "Content-Type: multipart/mixed; boundary=x", "Content-ID: <mms>")
    assert taken(*_request(d.soap(), body)) is not None
    assert taken(b"--x " * 2_000_000, 'multipart/related; boundary="x"') is None
    many = "<a>" * 31 + SENDER + "</a>" * 31
    assert taken(d.deliver_req(HEAD + RECIPIENTS + CONTENT + many), "text/xml") is None


def test_long_words_end_soon() -> None:
    started = time.monotonic()
    for text in ("!" * 1_000_000 + "a", "_" * 1_000_000, "\u0300" * 1_000_000, " " * 1_000_000 + "x"):
        first_word(text)
        meaning_of(text)
        kept_file(ArrivedFile(text.encode(), "text/plain; charset=iso-2022-jp"), 1)
    assert time.monotonic() - started < SOON * 4
