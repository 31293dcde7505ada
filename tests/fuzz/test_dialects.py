"""M1 and J2, too: whatever strangers send ends in a call or in a fault, soon, and is answered in the dialect."""

import json
import time
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.api.test_dialects_agree import WRITTEN
from tests.api.writing import Written, write_json, write_xml

from slidewire.api.answer import Voice
from slidewire.api.dialects import ADDRESSES
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.mending import mend
from slidewire.api.sending import read_request, sent
from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules, check_request
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.message import Dialect
from slidewire.domain.request import Accepted, SendRequest

READ = {dialect: address.reader(WireLimits()) for dialect, address in ADDRESSES.items()}
VOICES = {dialect: Voice(dialect) for dialect in ADDRESSES}
ACCOUNT = Account("acct-1", "An account", AccountSettings(), frozenset({"24680"}))
NOW = 1_898_596_800_000
#: Nothing may take longer, on a busy machine too; a good request takes 0.0001 s.
SOON = 2.0
DIALECTS = st.sampled_from(sorted(ADDRESSES, key=lambda dialect: dialect.value))


def answered(dialect: Dialect, envelope: Envelope) -> dict[str, object]:
    """Read, check and answer, as the endpoint does for a caller with a right key."""
    started = time.monotonic()
    voice, receiver = VOICES[dialect], None
    try:
        request = read_request(READ[dialect](envelope), SendRequest)
        receiver = request.receiver
        checked = check_request(request, ACCOUNT, NOW, Rules())
        answer = voice.success(sent(Accepted("t", 1, checked.receiver, checked.warnings)))
    except FaultError as error:
        answer = voice.failure(error, receiver)
    assert time.monotonic() - started < SOON
    for name, value in answer.headers:
        assert name.isascii()
        assert value.decode("ascii").isprintable()
    if dialect is Dialect.J2:
        members: dict[str, object] = json.loads(answer.body)
    else:
        members = {child.tag.lower(): child.text for child in ElementTree.fromstring(answer.body)}
    assert members["status"] in {"Success", "Failure"}
    return members


@given(DIALECTS, st.binary(max_size=300), st.binary(max_size=60), st.binary(max_size=60))
@example(Dialect.J2, b'{"action":"\\ud800","to":"\\udfff","slide":[{}]}', b"", b"\xff")
@example(Dialect.M1, b"<request>&<</request>", b"", b"")
def test_any_bytes(dialect: Dialect, body: bytes, kind: bytes, key: bytes) -> None:
    answered(dialect, Envelope(body, kind, key=key))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["action", "to", "from", "name", "slide", "image", "url", "message-text", "duration", "x"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_any_json(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    answered(Dialect.J2, Envelope(text.encode("utf-8", "surrogatepass")))


@given(WRITTEN, DIALECTS, st.data())
def test_a_good_request_with_some_bytes_changed(written: Written, dialect: Dialect, data: st.DataObject) -> None:
    envelope = write_json(written) if dialect is Dialect.J2 else write_xml(written, dialect)
    body = bytearray(envelope.body)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(start + data.draw(st.integers(0, 12)), len(body))
        body[start:end] = data.draw(
            st.binary(max_size=6)
            | st.just(bytes(body[start:end] * 2))
            | st.sampled_from([b"<", b"&", b'"', b"{", b"]]>"])
        )
    answered(dialect, Envelope(bytes(body), key=b"k"))


@given(
    st.lists(st.sampled_from(["<a>", "</a>", "<", "&", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "</", "x", "<?"]))
)
def test_what_was_mended_needs_no_more_mending(pieces: list[str]) -> None:
    once = mend("".join(pieces).encode())
    assert mend(once) == once


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        pytest.param(Dialect.M1, b"<request>" + b"&" * (MEGABYTE // 5), id="ampersands"),
        pytest.param(Dialect.M1, b"<request>" + b"<" * (MEGABYTE // 4), id="smaller-than signs"),
        pytest.param(Dialect.M1, b"<request>" + b"<![CDATA[" * (MEGABYTE // 9), id="CDATA without an end"),
        pytest.param(Dialect.M1, b"<request>" + b"<![CDATA[]]>" * (MEGABYTE // 12), id="CDATA"),
        pytest.param(Dialect.M1, b"<request>" + b"<!--" * (MEGABYTE // 4), id="comments without an end"),
        pytest.param(Dialect.M1, b"<request>" + b"]]>" * (MEGABYTE // 6), id="ends of CDATA"),
        pytest.param(Dialect.M1, b"<request>" + b"&#" * (MEGABYTE // 6), id="half references"),
        pytest.param(Dialect.M1, b"<request>" + b"<a>" * (MEGABYTE // 3), id="elements in elements"),
        pytest.param(Dialect.J2, b"[" * MEGABYTE, id="lists in lists"),
        pytest.param(Dialect.J2, b'{"a":' * (MEGABYTE // 5), id="objects in objects"),
        pytest.param(Dialect.J2, b'{"to":' + b"[]," * (MEGABYTE // 3), id="lists"),
        pytest.param(Dialect.J2, b'{"to":' + b"9" * (MEGABYTE - 10) + b"}", id="a number without end"),
        pytest.param(Dialect.J2, b'{"to":1e' + b"9" * (MEGABYTE - 10) + b"}", id="a huge number"),
        pytest.param(Dialect.J2, b'{"to":"' + b"\\u0041" * (MEGABYTE // 6) + b'"}', id="escapes"),
        pytest.param(Dialect.J2, b'{"' + b"a" * (MEGABYTE - 10) + b'":1}', id="a long name"),
        pytest.param(Dialect.J2, b"{" + b'"a":1,' * 40_000 + b'"b":1}', id="doubles"),
        pytest.param(Dialect.J2, b'{"slide":[' + b"{}," * 20_000 + b"0]}", id="slides"),
    ],
)
def test_a_megabyte_of_anything_is_read_or_refused_soon(dialect: Dialect, body: bytes) -> None:
    assert answered(dialect, Envelope(body))["status"] == "Failure"


def test_strangers_members_are_not_kept() -> None:
    before = _resident()
    for number in range(60):
        names = ",".join(f'"n{number}x{each}":0' for each in range(4_000))
        answered(Dialect.J2, Envelope(f"{{{names}}}".encode()))
    assert _resident() - before < 8_000_000


def _resident() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123  # no file
        return int(statm.read().split()[1]) * 4096


@given(DIALECTS, st.binary(max_size=40) | st.sampled_from([b"", b"x=y", b"<a", b"<a/>", b"[]", b"{}"]))
def test_reading_alone_ends_in_two_faults(dialect: Dialect, body: bytes) -> None:
    faults = {Fault.INVALID_REQUEST}
    try:
        READ[dialect](Envelope(body))
    except FaultError as error:
        faults.add(error.fault)
    assert faults <= {Fault.INVALID_REQUEST, Fault.UNREADABLE}
