"""Whatever strangers send, reading it ends in a call or in a fault, soon: never in another exception."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slidewire.api.answer import Voice
from slidewire.api.envelope import Envelope
from slidewire.api.forms import read_content_type
from slidewire.api.sending import read_request, sent
from slidewire.api.w13 import W13Reader
from slidewire.api.wire import FIELDS, Call, Place
from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules, check_request
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.message import Dialect, Slide
from slidewire.domain.request import Accepted, SendRequest, SendSavedRequest
from slidewire.domain.saving import check_saved_send, check_template, fill
from slidewire.domain.template import Template

READER = W13Reader()
VOICE = Voice(Dialect.W13)
ACCOUNT = Account("acct-1", "An account", AccountSettings(), frozenset({"24680"}))
NOW = 1_898_596_800_000
TEMPLATE = Template("t", "acct-1", 1, Dialect.W13, NOW, "n", (Slide("{$a} {$b|c}"),) * 3, "{$a|s}", "{$b|f}")
#: Nothing may take longer, on a busy machine too; a good request takes 0.0001 s.
SOON = 2.0


def answered(envelope: Envelope) -> bytes:
    """Read, check and answer, as the endpoint does for a caller with a right key."""
    started = time.monotonic()
    faults: list[Fault] = []  # of reading alone
    try:
        call = READER.read(envelope)
        request = read_request(call, SendRequest)
        _saved_and_sent(call)
        try:
            checked = check_request(request, ACCOUNT, NOW, Rules())
            answer = VOICE.success(sent(Accepted("t", 1, checked.receiver, checked.warnings)))
        except FaultError as error:
            answer = VOICE.failure(error, request.receiver)
    except FaultError as error:
        answer = VOICE.failure(error)
        faults.append(error.fault)
    assert set(faults) <= {Fault.INVALID_REQUEST, Fault.UNREADABLE}
    assert time.monotonic() - started < SOON
    assert answer.body.startswith(b"<RESPONSE><STATUS>")
    for name, value in answer.headers:
        assert name.isascii()
        assert value.decode("ascii").isprintable()
    return answer.body


def _saved_and_sent(call: Call) -> None:
    """The same call as one about templates: a fault or an answer, nothing else."""
    with suppress(FaultError):
        check_template(read_request(call, SendRequest), ACCOUNT, Rules())
    with suppress(FaultError):
        fill(TEMPLATE, check_saved_send(read_request(call, SendSavedRequest), ACCOUNT, NOW, Rules()), Rules())


TYPES = st.sampled_from(
    [
        b"",
        b"text/xml",
        b"application/x-www-form-urlencoded",
        b"application/x-www-form-urlencoded; charset=ISO-8859-1",
        b"multipart/form-data; boundary=x",
        b'multipart/form-data; boundary="x y"',
        b"application/json",
    ]
)
NAMES = st.sampled_from([name for field in FIELDS for name in field.w13] + ["REQUEST", "x", "a:TO", "ſLIDE"])
CODECS = st.sampled_from(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "gb18030", "utf-7", "utf-32"]
)


@given(st.binary(max_size=300), TYPES | st.binary(max_size=60), st.binary(max_size=60))
@example(b"<", b"", b"")
@example(b"\xff\xfe<", b"", b"")
@example(b"--x--", b"multipart/form-data; boundary=x", b"")
def test_any_bytes(body: bytes, kind: bytes, query: bytes) -> None:
    answered(Envelope(body, kind, query))


WORDS = st.sampled_from(
    [
        "sendMMS",
        "15557650001",
        "24680",
        "&amp;",
        "<![CDATA[",
        "]]>",
        "&#0;",
        "&x;",
        "<!--",
        "-->",
        "<?x?>",
        "\x00",
        "\ufffe",
    ]
) | st.text(max_size=10)


@st.composite
def markup(draw: st.DrawFn, depth: int = 4) -> str:
    """Something near XML: well-formed now and then."""
    name = draw(NAMES)
    inside = draw(st.lists(markup(depth - 1) if depth and draw(st.booleans()) else WORDS, max_size=4))
    attribute = draw(st.sampled_from(["", ' duration="5"', " x='<'", ' xmlns="u"', " a='1' a='1'"]))
    closing = name if draw(st.integers(0, 9)) else "TO"
    return f"<{name}{attribute}>{''.join(inside)}</{closing}>"


PROLOGS = st.sampled_from(
    [
        "",
        " \n",
        "\ufeff",
        '<?xml version="1.0"?>',
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<?xml version='1.0' encoding='utf-16'?>",
        '<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>',
        "<!DOCTYPE REQUEST [<!ENTITY x 'y'>]>",
        "<!-- -->",
    ]
)


@given(PROLOGS, st.lists(markup(), max_size=6), CODECS, TYPES)
def test_anything_like_xml(prolog: str, elements: list[str], codec: str, kind: bytes) -> None:
    document = f"{prolog}<REQUEST>{''.join(elements)}</REQUEST>"
    body = answered(Envelope(document.encode(codec, "replace"), kind))
    if "<!DOCTYPE" in prolog:
        assert b"<ERRORCODE>E10" in body


FLAT = (
    st.sampled_from([name.lower() for field in FIELDS if field.place is Place.CALL for name in field.w13])
    | st.builds(
        "slide_{}_{}".format, st.integers(0, 10**10), st.sampled_from(["text", "image", "pdf_url", "duration", "x"])
    )
    | st.builds("customtext_{}".format, st.integers(0, 4))
    | st.builds("data_{}".format, st.sampled_from("abc") | st.text(max_size=3))
    | st.text(max_size=10)
)


@given(st.lists(st.tuples(FLAT, WORDS), max_size=12), st.sampled_from(["", "xml=", "xml=%3CREQUEST/%3E"]))
def test_any_fields(pairs: list[tuple[str, str]], more: str) -> None:
    text = "&".join([f"{name}={value}" for name, value in pairs] + [more])
    query = text.encode("utf-8", "replace")
    answered(Envelope(query=query))
    answered(Envelope(query, b"application/x-www-form-urlencoded"))


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=40)), max_size=5), st.binary(max_size=5))
def test_any_parts(parts: list[tuple[str, bytes]], end: bytes) -> None:
    body = b"".join(
        b"--x\r\n" + head.encode("utf-8", "replace") + b"\r\n\r\n" + value + b"\r\n" for head, value in parts
    )
    answered(Envelope(body + b"--x" + end, b"multipart/form-data; boundary=x"))


@given(st.binary(max_size=200))
def test_any_content_type(header: bytes) -> None:
    kind = read_content_type(header)
    assert kind.type == kind.type.strip().lower()


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"<REQUEST>" + b"<a/>" * (MEGABYTE // 4), b"", id="elements"),
        pytest.param(b"<REQUEST>" + b"<a>" * (MEGABYTE // 3), b"", id="elements in elements"),
        pytest.param(b"<REQUEST " + b"".join(b"a%d='' " % n for n in range(80_000)) + b"/>", b"", id="attributes"),
        pytest.param(b"<REQUEST xmlns='" + b"u" * 500_000 + b"'>" + b"<a/>" * 10_000, b"", id="a long namespace"),
        pytest.param(b"<!--" * (MEGABYTE // 4) + b"<!DOCTYPE", b"", id="comments before a DOCTYPE"),
        pytest.param(b"<?x " * (MEGABYTE // 4) + b"<!DOCTYPE", b"", id="instructions before a DOCTYPE"),
        pytest.param(b" " * MEGABYTE + b"<", b"", id="white space"),
        pytest.param(b"\xef\xbb\xbf " * (MEGABYTE // 4) + b"<", b"", id="byte order marks"),
        pytest.param(b" \x00" * (MEGABYTE // 2) + b"<\x00", b"", id="wide white space"),
        pytest.param(b"<REQUEST><TO>" + b"&#49;" * (MEGABYTE // 5) + b"</TO></REQUEST>", b"", id="references"),
        pytest.param(
            b"<REQUEST><SLIDE><TEXT>" + b"a\r\n" * (MEGABYTE // 3) + b"</TEXT></SLIDE></REQUEST>", b"", id="lines"
        ),
        pytest.param(b"<?xml version='1.0' " + b" " * MEGABYTE + b"?><REQUEST/>", b"", id="a wide declaration"),
        pytest.param(b"&" * MEGABYTE, b"application/x-www-form-urlencoded", id="separators"),
        pytest.param(b"a=" + b"%41" * (MEGABYTE // 3), b"application/x-www-form-urlencoded", id="percent signs"),
        pytest.param(b"=" * MEGABYTE, b"application/x-www-form-urlencoded", id="equals signs"),
        pytest.param(b"--x\r\n" * (MEGABYTE // 5), b"multipart/form-data; boundary=x", id="boundaries"),
        pytest.param(b"\r\n" * (MEGABYTE // 2), b"multipart/form-data; boundary=x", id="empty lines"),
        pytest.param(
            (b"--x\r\n" + b'C: ;a="' * 1000 + b"\r\n\r\n\r\n") * 100 + b"--x--",
            b"multipart/form-data; boundary=x",
            id="open quotes",
        ),
    ],
)
def test_a_megabyte_of_anything_is_read_or_refused_soon(body: bytes, kind: bytes) -> None:
    answered(Envelope(body, kind))


def test_strangers_names_are_not_kept() -> None:
    """docs/adr/0010: a parser that remembers each name would grow without end."""
    before = _resident()
    for number in range(60):
        names = b"".join(b"<n%dx%d/>" % (number, each) for each in range(4_000))
        answered(Envelope(b"<REQUEST>" + names + b"</REQUEST>"))
    assert _resident() - before < 8_000_000


def _resident() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123  # no file
        return int(statm.read().split()[1]) * 4096
