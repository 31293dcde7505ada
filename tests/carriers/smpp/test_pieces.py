"""How SMSCs tell that a text is one segment of a longer one."""

import pytest
from tests.carriers.smpp.build import a_delivery

from slidewire.carriers.smpp.pdu import ShortMessage
from slidewire.carriers.smpp.pieces import piece_of
from slidewire.domain.inbound import Piece

SAR = ((0x020C, b"\x01\x02"), (0x020E, b"\x03"), (0x020F, b"\x02"))


@pytest.mark.parametrize(
    ("message", "headed", "piece"),
    [
        pytest.param(
            a_delivery(b"\x05\x00\x03\x2a\x03\x01Hello"), True, Piece("8:42", 1, 3, 0, b"Hello"), id="8-bit reference"
        ),
        pytest.param(
            a_delivery(b"\x06\x08\x04\x01\x00\x02\x02xy", data_coding=8),
            True,
            Piece("16:256", 2, 2, 8, b"xy"),
            id="16-bit reference",
        ),
        pytest.param(
            a_delivery(b"\x08\x24\x01\x01\x00\x03\x07\x02\x01Z"), True, Piece("8:7", 1, 2, 0, b"Z"), id="behind another"
        ),
        pytest.param(a_delivery(b"b", tlvs=SAR), False, Piece("sar:258", 2, 3, 0, b"b"), id="by parameters"),
        pytest.param(a_delivery(b"\x05\x00\x03\x2a\x01\x01Hi"), True, None, id="one of one"),
        pytest.param(a_delivery(b"\x05\x00\x03\x2a\x02\x03Hi"), True, None, id="the third of two"),
        pytest.param(a_delivery(b"\x05\x00\x03\x2a\x02\x00Hi"), True, None, id="number nought"),
        pytest.param(a_delivery(b"\x05\x00\x09\x2a\x02\x01Hi"), True, None, id="a length that lies"),
        pytest.param(a_delivery(b"\xff\x00"), True, None, id="a header longer than the text"),
        pytest.param(a_delivery(b"\x01\x00"), True, None, id="half an element"),
        pytest.param(a_delivery(b"\x06\x05\x04\x0b\x84\x23\xf0x"), True, None, id="ports alone"),
        pytest.param(a_delivery(b"", tlvs=SAR[:2]), False, None, id="a parameter missing"),
        pytest.param(a_delivery(b"Hello"), False, None, id="a whole text"),
    ],
)
def test_reads_which_segment_it_is(message: ShortMessage, headed: bool, piece: Piece | None) -> None:
    assert piece_of(message, headed=headed) == piece
