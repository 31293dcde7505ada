"""The codec: whatever is written is read again, and whatever the bytes are, only PduError is raised."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.carriers.smpp.build import a_delivery

from slidewire.carriers.smpp.pdu import (
    MAX_PDU,
    MAX_SEQUENCE,
    RESPONSE,
    Address,
    BindRequest,
    Command,
    Framer,
    Pdu,
    PduError,
    ShortMessage,
    Tag,
    read_bind,
    read_message,
    read_message_id,
    write,
    write_bind,
    write_message,
    write_message_id,
)
from slidewire.carriers.smpp.receipts import is_receipt, read_receipt

OCTET = st.integers(0, 255)


def words(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=longest)


ADDRESSES = st.builds(Address, OCTET, OCTET, words(20))
MESSAGES = st.builds(
    ShortMessage,
    source=ADDRESSES,
    destination=ADDRESSES,
    short_message=st.binary(max_size=254),
    esm_class=OCTET,
    data_coding=OCTET,
    registered_delivery=OCTET,
    validity_period=words(16),
    service_type=words(5),
    protocol_id=OCTET,
    priority=OCTET,
    schedule=words(16),
    replace_if_present=OCTET,
    default_message=OCTET,
    tlvs=st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=5).map(tuple),
)
BINDS = st.builds(BindRequest, words(15), words(8), words(12), OCTET, OCTET, OCTET, words(40))


def all_of(data: bytes) -> list[Pdu]:
    framer = Framer()
    framer.feed(data)
    found = []
    while (pdu := framer.next()) is not None:
        found.append(pdu)
    return found


@given(MESSAGES)
def test_a_message_that_is_written_is_read_again(message: ShortMessage) -> None:
    assert read_message(write_message(message)) == message


@given(BINDS)
def test_a_bind_that_is_written_is_read_again(bind: BindRequest) -> None:
    assert read_bind(write_bind(bind)) == bind


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=50))), st.data())
def test_a_stream_is_cut_the_same_however_it_arrives(pdus: list[tuple[int, int, bytes]], data: Any) -> None:
    sent = [Pdu(command, status, at + 1, body) for at, (command, status, body) in enumerate(pdus)]
    stream = b"".join(write(pdu.command, pdu.sequence, pdu.body, pdu.status) for pdu in sent)
    framer, found = Framer(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        framer.feed(stream[:size])
        stream = stream[size:]
        while (pdu := framer.next()) is not None:
            found.append(pdu)
    assert found == sent


@given(st.binary(max_size=400))
def test_any_bytes_raise_nothing_but_our_own_error(data: bytes) -> None:
    for read in (all_of, read_bind, read_message_id):
        with suppress(PduError):
            read(data)
    with suppress(PduError):
        message = read_message(data)
        is_receipt(message)
        read_receipt(message)


@given(MESSAGES, st.data())
def test_a_message_with_a_wrong_octet_raises_nothing_but_our_own_error(message: ShortMessage, data: Any) -> None:
    body = bytearray(write_message(message))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(OCTET)
    with suppress(PduError):
        read_receipt(read_message(bytes(body)))


@pytest.mark.parametrize("length", [0, 15, MAX_PDU + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_no_pdu_has_ends_the_stream(length: int) -> None:
    with pytest.raises(PduError, match=f"a PDU of {length} octets"):
        all_of(length.to_bytes(4, "big") + bytes(12))


def test_a_long_pdu_is_waited_for_and_not_more() -> None:
    assert len(all_of(write(Command.DELIVER_SM, 1, bytes(MAX_PDU - 16)))) == 1
    with pytest.raises(PduError):
        write(Command.DELIVER_SM, 1, bytes(MAX_PDU - 15))


def test_the_bytes_of_a_submit_are_the_specifications() -> None:
    message = ShortMessage(Address(5, 0, "Acme"), Address(1, 1, "447700900123"), b"Hi", registered_delivery=1)
    assert write(Command.SUBMIT_SM, 3, write_message(message)).hex(" ") == (
        "00 00 00 33 00 00 00 04 00 00 00 00 00 00 00 03 "  # header
        "00 05 00 41 63 6d 65 00 01 01 34 34 37 37 30 30 39 30 30 31 32 33 00 "  # service_type, source, destination
        "00 00 00 00 00 01 00 00 00 02 48 69"
    )


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(a_delivery(b"x" * 255), "short_message of 255", id="a text too long"),
        pytest.param(a_delivery(source=Address(1, 1, "1" * 21)), "source_addr has 21", id="an address too long"),
        pytest.param(a_delivery(source=Address(1, 1, "1\0002")), "source_addr", id="a zero in an address"),
        pytest.param(a_delivery(source=Address(1, 1, "漢")), "characters", id="an address that is not Latin"),
        pytest.param(a_delivery(esm_class=256), "do not fit", id="an octet too big"),
        pytest.param(a_delivery(validity_period="1" * 17), "validity_period has 17", id="a time too long"),
    ],
)
def test_writes_nothing_that_does_not_fit(message: ShortMessage, says: str) -> None:
    with pytest.raises(PduError, match=says):
        write_message(message)


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        pytest.param(b"abc\0", "abc", id="as it should be"),
        pytest.param(b"abc", "abc", id="without its end"),
        pytest.param(b" 00aF\0rest", "00aF", id="trimmed, what is behind it dropped"),
        pytest.param(b"", "", id="none at all"),
        pytest.param(b"x" * 64 + b"\0", "x" * 64, id="the longest"),
    ],
)
def test_reads_the_id_of_an_answer(body: bytes, reference: str) -> None:
    assert read_message_id(body) == reference


@pytest.mark.parametrize("body", [b"x" * 65 + b"\0", b"a\nb\0", b"\x7f\0"])
def test_an_id_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(PduError):
        read_message_id(body)


def test_an_id_is_written_with_its_end() -> None:
    assert write_message_id("abc") == b"abc\0"


def test_too_many_parameters_are_refused() -> None:
    body = write_message(a_delivery()) + b"\x14\x00\x00\x00" * 65
    with pytest.raises(PduError, match="more than 64"):
        read_message(body)


def test_the_payload_parameter_stands_in_for_the_text() -> None:
    assert a_delivery(tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),)).text == b"long"


def test_responses_are_told_from_requests() -> None:
    assert [Pdu(command, 0, 1).is_response for command in (Command.SUBMIT_SM, Command.SUBMIT_SM | RESPONSE)] == [
        False,
        True,
    ]
    assert Pdu(RESPONSE, 0, MAX_SEQUENCE).is_response
