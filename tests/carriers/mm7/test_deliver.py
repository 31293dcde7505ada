"""DeliverReq in the shapes that MMSCs send, through the door: what is read of each, and what is answered."""

import base64
import hashlib
from dataclasses import replace

import pytest
from tests.carriers.build import NOW, a_route
from tests.carriers.mm7 import deliveries as d
from tests.carriers.mm7.deliveries import CONTENT, HEAD, JPEG, RECIPIENTS, SENDER, Shape
from tests.carriers.mm7.test_receiver import door

from slidewire.carriers.mm7.receiver import DoorLimits
from slidewire.domain.handset import Handset
from slidewire.domain.inbound import ArrivedFile, ArrivedMms

WORDS = "Où es-tu ?".encode()
PICTURE = ArrivedFile(JPEG, 'image/jpeg; name="p.jpg"', "p.jpg")
TEXT = ArrivedFile(WORDS, "text/plain; charset=utf-8", "t.txt")
MMS = ArrivedMms("mmsc-a", "15557650001", NOW, ("24680",), files=(PICTURE, TEXT))
SMIL = d.part(d.SMIL, "Content-Type: application/smil", "Content-ID: <smil>")


def wrapped(data: bytes) -> bytes:
    return b"\r\n".join(base64.b64encode(data)[at : at + 76] for at in range(0, len(data) * 2, 76)).rstrip()


SHAPES = [
    pytest.param(d.request(d.soap(), d.mms(SMIL, d.IMAGE, d.WORDS)), MMS, id="the schema's own, with a layout"),
    pytest.param(
        d.request(d.soap(), d.mms(d.IMAGE, d.WORDS, kind="multipart/mixed")), MMS, id="mixed, without a layout"
    ),
    pytest.param(
        d.request(
            d.soap(),
            d.mms(
                d.part(wrapped(JPEG), 'Content-Type: image/jpeg; name="p.jpg"', "Content-Transfer-Encoding: BASE64"),
                d.part(
                    b"O=C3=B9 es-tu ?",
                    "Content-Type: text/plain; charset=utf-8",
                    "Content-ID: t.txt",
                    "Content-Transfer-Encoding: quoted-printable",
                ),
            ),
        ),
        MMS,
        id="base64 and quoted-printable",
    ),
    pytest.param(
        d.request(
            d.soap(
                "<MM7Version>6.8.0</MM7Version><LinkedID>9</LinkedID><Sender><Number>15557650001</Number></Sender>"
                '<Recipients><To><Number displayOnly="false">24680</Number></To></Recipients>'
                "<TimeStamp>2031-01-07T12:30:00Z</TimeStamp><Priority>Normal</Priority>" + CONTENT,
                prefix="",
                version="REL-6-MM7-1-4",
            ),
            d.mms(d.IMAGE, d.WORDS, kind="multipart/mixed"),
        ),
        MMS,
        id="release 6 in the default namespace",
    ),
    pytest.param(
        d.request(
            d.soap(
                HEAD + "<Sender><RFC2822Address>+15557650001/TYPE=PLMN@mmsc.example</RFC2822Address></Sender>"
                "<Recipients><To><Number>+24680</Number></To></Recipients>"
                '<Content href="mms"/>'
            ),
            d.mms(d.IMAGE, d.WORDS, content_id="mms"),
        ),
        MMS,
        id="addresses of mail, href and Content-ID bare",
    ),
    pytest.param(
        d.request(
            d.soap(HEAD + "<Sender>+1 (555) 765-0001</Sender><Recipient>24680</Recipient>" + CONTENT),
            d.mms(d.IMAGE, d.WORDS),
        ),
        MMS,
        id="numbers between the tags themselves",
    ),
    pytest.param(
        d.request(
            d.soap(
                "<MM7Version>6.7.0</MM7Version><VASPID>vasp</VASPID><VASID>24680</VASID>"
                "<MMSRelayServerID>mmsc</MMSRelayServerID>" + RECIPIENTS + SENDER + CONTENT,
                transaction="\n   tx-1   \n",
            ),
            d.mms(d.IMAGE, d.WORDS),
        ),
        MMS,
        id="elements in another order, blanks around the TransactionID",
    ),
    pytest.param(d.request(d.soap(), SMIL, d.IMAGE, d.WORDS), MMS, id="everything on one level"),
    pytest.param(d.request(d.soap(HEAD + SENDER + RECIPIENTS), d.mms(d.IMAGE, d.WORDS)), MMS, id="no Content element"),
    pytest.param(
        d.request(
            d.soap(HEAD + SENDER + RECIPIENTS + '<Content href="http://mmsc/body"/>'),
            d.part(
                d.multipart("inner", d.IMAGE, d.WORDS),
                'Content-Type: multipart/related; boundary="inner"',
                "Content-Location: http://mmsc/body",
            ),
        ),
        MMS,
        id="href is a Content-Location",
    ),
    pytest.param(
        replace(d.request(d.soap(), d.mms(d.IMAGE, d.WORDS)), content_type="multipart/related; boundary=outer"),
        MMS,
        id="no start, no type, no quotes",
    ),
    pytest.param(
        Shape(d.multipart("outer", d.soap(), d.mms(d.IMAGE, d.WORDS), padding=b"  "), d.OUTER),
        MMS,
        id="blanks after the boundary",
    ),
    pytest.param(
        d.request(
            d.soap(),
            d.part(d.multipart("inner", d.IMAGE, d.WORDS), "Content-Type: multipart/mixed", "Content-ID: <mms>"),
        ),
        MMS,
        id="a boundary that only the body tells",
    ),
    pytest.param(
        d.request(d.soap(), d.mms(d.mms(SMIL, d.IMAGE).replace(b"inner", b"inmost"), d.WORDS)),
        MMS,
        id="one MMS inside another",
    ),
    pytest.param(
        d.request(d.soap(HEAD + SENDER + RECIPIENTS + '<Content href="cid:p.jpg"/>'), d.IMAGE),
        replace(MMS, files=(PICTURE,)),
        id="a picture by itself",
    ),
    pytest.param(
        Shape(d.deliver_req(HEAD + SENDER + RECIPIENTS + "<Subject>STOP</Subject>"), 'text/xml; charset="utf-8"'),
        replace(MMS, files=(), subject="STOP"),
        id="a subject and nothing else",
    ),
    pytest.param(
        d.request(
            d.soap(
                HEAD + SENDER + '<Recipients><To><Number displayOnly="true">15557650002</Number>'
                '<ShortCode displayOnly="false">24680</ShortCode></To><Cc><Number>15557650003</Number></Cc>'
                "</Recipients>"
                "<Subject>=?utf-8?B?T8O5?=</Subject>"
                '<UACapabilities UAProf="http://phones.example/a.xml" TimeStamp="2031-01-07T12:30:00Z"/>' + CONTENT
            ),
            d.mms(d.IMAGE, d.WORDS),
        ),
        replace(
            MMS,
            to=("24680", "15557650003"),
            shown=("15557650002",),
            subject="Où",
            handset=Handset("http://phones.example/a.xml"),
        ),
        id="a group, a subject as mail writes it, the phone's profile",
    ),
    pytest.param(
        Shape(d.deliver_req(HEAD + "<VASID>24680</VASID>" + SENDER), "text/xml"),
        replace(MMS, files=()),
        id="no recipient but the name we have there",
    ),
    pytest.param(
        d.request(
            d.soap(),
            d.mms(d.part(b"/9j/4AAQ*!\x80", "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64")),
        ),
        replace(MMS, files=(ArrivedFile(bytes.fromhex("ffd8ffe00010"), "image/jpeg"),)),
        id="base64 that is not quite it",
    ),
    pytest.param(
        d.request(d.soap(), d.part(b"no part in it", "Content-Type: multipart/mixed; boundary=x", "Content-ID: <mms>")),
        replace(MMS, files=(ArrivedFile(b"no part in it", "multipart/mixed; boundary=x", "mms"),)),
        id="an MMS that cannot be taken apart is kept as it is",
    ),
]


@pytest.mark.parametrize(("shape", "read"), SHAPES)
async def test_reads_what_mmscs_send(shape: Shape, read: ArrivedMms) -> None:
    async with door() as mmsc:
        answer = await mmsc.post(shape.body, ("Content-Type", shape.content_type))
    assert [replace(each, ids=()) for each in mmsc.desk.delivered] == [read]
    version = "6.8.0" if b"<MM7Version>6.8.0" in shape.body else "6.7.0" if b"6.7.0" in shape.body else "5.3.0"
    status = ["Status", "StatusCode=1000", "StatusText=Success"]
    assert (answer.status, answer.words) == (200, ["DeliverRsp", f"MM7Version={version}", *status])
    assert b">tx-1<" in answer.body


GOOD = d.request(d.soap(), d.mms(d.IMAGE, d.WORDS))


async def ids_of(*shapes: Shape) -> list[set[str]]:
    async with door() as mmsc:
        for shape in shapes:
            assert (await mmsc.post(shape.body, ("Content-Type", shape.content_type))).status == 200
    return [set(each.ids) for each in mmsc.desk.delivered]


def again(inside: str, transaction: str = "tx-1", words: bytes = d.WORDS) -> Shape:
    return d.request(d.soap(HEAD + inside + SENDER + RECIPIENTS + CONTENT, transaction=transaction), d.mms(words))


LINKED = "<LinkedID>9</LinkedID><TimeStamp>2031-01-07T12:30:00Z</TimeStamp>"


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        pytest.param(again(""), again(""), True, id="the same once more"),
        pytest.param(again(""), again("", words=d.IMAGE), False, id="a counter that begins again"),
        pytest.param(again(""), again("", "tx-2"), False, id="the same words another time"),
        pytest.param(again(LINKED), again(LINKED, "tx-2"), True, id="another transaction, the same LinkedID and time"),
        pytest.param(
            again("<MessageID>m1</MessageID>"),
            again("<MessageID>m1</MessageID>", "tx-2", d.IMAGE),
            True,
            id="the same MessageID, its content adapted",
        ),
        pytest.param(
            again("<MessageID>m1</MessageID>"), again("<MessageID>m2</MessageID>"), False, id="another MessageID"
        ),
    ],
)
async def test_knows_a_repetition(first: Shape, second: Shape, is_one: bool) -> None:
    ids = await ids_of(first, second)
    assert bool(ids[0] & ids[1]) is is_one


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        pytest.param(Shape(d.deliver_req(HEAD + RECIPIENTS), "text/xml"), 2007, id="nobody sent it"),
        pytest.param(
            Shape(d.deliver_req(HEAD + "<Sender><Number> </Number></Sender>"), "text/xml"), 2007, id="a blank sender"
        ),
        pytest.param(d.request(d.soap(), d.mms(*[d.IMAGE] * 51)), 2004, id="too many files"),
        pytest.param(d.request(d.soap(), *[d.IMAGE] * 70), 4004, id="too many parts around it"),
        pytest.param(
            Shape(b"--outer\r\nContent-Type: text/xml", d.OUTER), 4004, id="cut off in the middle of its head"
        ),
    ],
)
async def test_answers_what_cannot_be_taken(shape: Shape, code: int) -> None:
    async with door() as mmsc:
        answer = await mmsc.post(shape.body, ("Content-Type", shape.content_type))
    assert (answer.status, f"StatusCode={code}" in answer.words) == (400, True)
    assert mmsc.desk.delivered == []


async def test_a_message_that_is_not_stored_is_to_come_again() -> None:
    async with door() as mmsc:
        mmsc.desk.broken = True
        answer = await mmsc.post(GOOD.body, ("Content-Type", GOOD.content_type))
    assert (answer.status, "StatusCode=3000" in answer.words) == (500, True)


async def test_names_the_operator_where_a_header_does() -> None:
    route = a_route(options=(("operator_header", "X-Carrier-Id"), ("operator_ids", "31003=0001890")))
    async with door(route) as mmsc:
        await mmsc.post(GOOD.body, ("Content-Type", GOOD.content_type), ("X-Carrier-Id", "0001890"))
    assert [each.network for each in mmsc.desk.delivered] == ["31003"]


async def test_how_many_files_and_bytes_are_settings() -> None:
    async with door(limits=DoorLimits(body=len(GOOD.body), parts=1)) as mmsc:
        met = [(await mmsc.post(GOOD.body, ("Content-Type", GOOD.content_type))).status]
        met.append((await mmsc.post(GOOD.body + b"x", ("Content-Type", GOOD.content_type))).status)
    assert met == [400, 413]


async def test_no_number_is_in_what_repetitions_are_known_by() -> None:
    [ids] = await ids_of(GOOD)
    assert all(len(each) == len(hashlib.sha256().hexdigest()) for each in ids)
