"""Receipts: by parameters and by text, in every spelling that SMSCs have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.carriers.smpp.build import a_delivery

from slidewire.carriers.base import ReceiptStatus
from slidewire.carriers.smpp.pdu import ShortMessage, Tag
from slidewire.carriers.smpp.receipts import STATES, STATS, Ids, Told, is_receipt, read_receipt, spellings

TEXT = b"id:0123456789 sub:001 dlvrd:001 submit date:2603040506 done date:2603040507 stat:DELIVRD err:000 text:Meet me"
OTHER = b"id:7f-a.b@c sub:001 dlvrd:000 submit date:260304050601 done date:260304050703 stat:undeliv err:1B"
TOLD = Told("0123456789", "DELIVRD", "2603040507")
DONE = (Tag.MESSAGE_STATE, b"\x02")
NAMED = (Tag.RECEIPTED_MESSAGE_ID, b"aF17\0")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        pytest.param(a_delivery(TEXT), TOLD, id="the usual text"),
        pytest.param(
            a_delivery(TEXT.replace(b"text", b"Text").replace(b"id:", b"ID:").replace(b"stat", b"Stat")),
            TOLD,
            id="other capitals",
        ),
        pytest.param(
            a_delivery(OTHER),
            Told("7f-a.b@c", "UNDELIV", "260304050703", "err 1B"),
            id="dates with seconds, no text, a code of the network",
        ),
        pytest.param(a_delivery(b"stat:EXPIRED id:5"), Told("5", "EXPIRED"), id="another order, little else"),
        pytest.param(
            a_delivery(b"id:1 stat:DELIVRD text:stat:REJECTD id:2"), Told("1", "DELIVRD"), id="foreign words at the end"
        ),
        pytest.param(a_delivery(b"id:1 text:stat:REJECTD"), None, id="a state in foreign words only"),
        pytest.param(a_delivery(tlvs=(NAMED, DONE)), Told("aF17", "DELIVRD"), id="parameters alone"),
        pytest.param(
            a_delivery(TEXT, tlvs=(NAMED, (Tag.MESSAGE_STATE, b"\x05"), (Tag.NETWORK_ERROR_CODE, b"\x03\x00\x11"))),
            Told("aF17", "UNDELIV", "2603040507", "network error 3/17"),
            id="parameters before the text",
        ),
        pytest.param(
            a_delivery(TEXT, tlvs=(NAMED,)), Told("aF17", "DELIVRD", "2603040507"), id="an id there, a state here"
        ),
        pytest.param(
            a_delivery(tlvs=(NAMED, (Tag.MESSAGE_STATE, b"\xc8"))), Told("aF17", "STATE 200"), id="a state of its own"
        ),
        pytest.param(a_delivery(tlvs=((Tag.MESSAGE_PAYLOAD, TEXT),)), TOLD, id="in the payload"),
        pytest.param(a_delivery(b"hello"), None, id="no receipt at all"),
        pytest.param(a_delivery(tlvs=((Tag.MESSAGE_STATE, b""), NAMED)), None, id="an empty state"),
        pytest.param(a_delivery(tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"x" * 65), DONE)), None, id="an id too long"),
        pytest.param(
            a_delivery(tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"a\x1bb"), DONE)), None, id="an id of control characters"
        ),
    ],
)
def test_reads(message: ShortMessage, told: Told | None) -> None:
    assert read_receipt(message) == told


@pytest.mark.parametrize(
    ("value", "network"),
    [
        pytest.param(b"311480", "311480", id="MCC and MNC"),
        pytest.param(b"26203\0", "26203", id="ended by a zero"),
        pytest.param(b" 31003 ", "31003", id="blanks around"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"262-03", "", id="other signs"),
        pytest.param(b"\xff\xfe", "", id="no text"),
        pytest.param(b"9" * 65, "", id="too long"),
    ],
)
def test_reads_the_network_where_the_peer_names_it(value: bytes, network: str) -> None:
    message = a_delivery(TEXT, tlvs=((0x1403, value),))
    told = read_receipt(message, 0x1403)
    assert told is not None
    assert told.network == network
    assert read_receipt(message) == TOLD


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("DELIVRD", ReceiptStatus.DELIVERED),
        ("EXPIRED", ReceiptStatus.EXPIRED),
        ("UNDELIV", ReceiptStatus.FAILED),
        ("DELETED", ReceiptStatus.FAILED),
        ("REJECTD", ReceiptStatus.REJECTED),
        ("ACCEPTD", ReceiptStatus.PENDING),
        ("ENROUTE", ReceiptStatus.PENDING),
        ("BUFFERD", ReceiptStatus.PENDING),
        ("UNKNOWN", ReceiptStatus.PENDING),
        ("FANCY", ReceiptStatus.PENDING),
    ],
)
def test_each_word_means(word: str, status: ReceiptStatus) -> None:
    assert Told("1", word).status is status


def test_every_word_has_its_row_here() -> None:
    marks = test_each_word_means.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    assert set(STATS) | {"FANCY"} == {row[0] for mark in marks for row in mark.args[1]}


@pytest.mark.parametrize(("state", "word"), list(STATES.items()))
def test_each_state_is_its_word(state: int, word: str) -> None:
    message = a_delivery(tlvs=(NAMED, (Tag.MESSAGE_STATE, bytes((state,)))))
    assert read_receipt(message) == Told("aF17", word)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(a_delivery(esm_class=0x04), True, id="a receipt"),
        pytest.param(a_delivery(esm_class=0x44), True, id="with a header"),
        pytest.param(a_delivery(esm_class=0x20), True, id="on its way"),
        pytest.param(a_delivery(esm_class=0x00), False, id="a text for us"),
        pytest.param(a_delivery(esm_class=0x00, tlvs=(NAMED, DONE)), True, id="told by its parameters alone"),
        pytest.param(a_delivery(esm_class=0x00, tlvs=(NAMED,)), False, id="a text that names a message"),
        pytest.param(a_delivery(esm_class=0x08), False, id="a phone's own acknowledgement"),
    ],
)
def test_tells_receipts_from_texts(message: ShortMessage, expected: bool) -> None:
    assert is_receipt(message) is expected


@pytest.mark.parametrize(
    ("answer", "receipt", "ids"),
    [
        pytest.param("aF17", "AF17", Ids.AS_GIVEN, id="capitals"),
        pytest.param("AF17", "af17", Ids.AS_GIVEN, id="small letters"),
        pytest.param("17", "0000000017", Ids.AS_GIVEN, id="zeros in the receipt"),
        pytest.param("0000000017", "17", Ids.AS_GIVEN, id="zeros in the answer"),
        pytest.param("4D2", "1234", Ids.ANSWER_HEX, id="hex in the answer"),
        pytest.param("000004d2", "1234", Ids.ANSWER_HEX, id="hex with zeros in the answer"),
        pytest.param("1234", "4d2", Ids.ANSWER_DECIMAL, id="hex in the receipt"),
        pytest.param("0000001234", "000004D2", Ids.ANSWER_DECIMAL, id="hex in the receipt, zeros in both"),
        pytest.param("4D2", "1234", Ids.EITHER, id="whichever"),
        pytest.param("1234", "4d2", Ids.EITHER, id="the other way round"),
    ],
)
def test_a_receipts_id_is_tried_as_the_answer_wrote_it(answer: str, receipt: str, ids: Ids) -> None:
    if ids is Ids.AS_GIVEN and answer.lower() == receipt.lower():
        assert {receipt, *spellings(receipt, ids)} >= {receipt.lower(), receipt.upper()}
    else:
        assert answer in spellings(receipt, ids)


def test_numbers_are_not_turned_unless_the_route_says_so() -> None:
    assert "4d2" not in spellings("1234", Ids.AS_GIVEN)
    assert "4d2" not in spellings("1234", Ids.ANSWER_DECIMAL)


@given(st.text(max_size=64), st.sampled_from(Ids))
def test_spellings_are_few_and_never_the_same_again(reference: str, ids: Ids) -> None:
    found = spellings(reference, ids)
    assert reference not in found
    assert len(found) == len(set(found)) <= 24
