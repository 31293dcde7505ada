"""What the SMSC delivers to us: acknowledged once it is committed, never before (durability 23)."""

from collections.abc import Awaitable, Callable

import structlog

from slidewire.carriers.base import Receipt, Route, Takers
from slidewire.carriers.smpp import status
from slidewire.carriers.smpp.options import Options
from slidewire.carriers.smpp.pdu import Pdu, PduError, ShortMessage, read_message
from slidewire.carriers.smpp.pieces import piece_of
from slidewire.carriers.smpp.receipts import Told, is_receipt, read_receipt, spellings
from slidewire.carriers.smpp.text import read_octets
from slidewire.domain.inbound import Inbound, phone_of, sender_of

_LOG = structlog.get_logger(__name__)

#: The bit of esm_class that says that a user data header stands before the text.
_HEADED = 0x40


class Desk:
    """Called with each deliver_sm of one route; gives the command_status of its answer."""

    def __init__(self, route: Route, options: Options, clock: Callable[[], int], takers: Takers) -> None:
        """``clock`` gives Unix milliseconds."""
        self._route = route.name
        self._options = options
        self._clock = clock
        self._takers = takers

    async def __call__(self, pdu: Pdu) -> int:
        """Take one delivery: a receipt, or a text from a phone."""
        try:
            message = read_message(pdu.body)
        except PduError as error:
            _LOG.warning("deliver_sm not readable", route=self._route, reason=str(error))
            return status.PERMANENT
        if not is_receipt(message):
            return await self._stored(self._takers.inbound(self._inbound(message)))
        told = read_receipt(message, self._options.network_tag)
        if told is None:
            _LOG.warning("receipt names no message or no state", route=self._route)
            return status.PERMANENT
        return await self._stored(self._takers.receipt(self._receipt(message, told)))

    async def _stored(self, taking: Awaitable[None]) -> int:
        try:
            await taking
        except Exception:  # noqa: BLE001 - the top of a task: the SMSC must hear "again", not nothing
            _LOG.exception("delivery not stored", route=self._route)
            return status.TEMPORARY
        return status.OK

    def _inbound(self, message: ShortMessage) -> Inbound:
        headed = bool(message.esm_class & _HEADED)
        return Inbound(
            route=self._route,
            phone=phone_of(message.source.text),
            number=sender_of(message.destination.text),
            text=read_octets(message.text, message.data_coding, headed=headed),
            received_at=self._clock(),
            piece=piece_of(message, headed=headed),
        )

    def _receipt(self, message: ShortMessage, told: Told) -> Receipt:
        return Receipt(
            route=self._route,
            carrier_ref=told.id,
            status=told.status,
            word=told.word,
            received_at=self._clock(),
            numbers=tuple(_digits(each.text) for each in (message.source, message.destination)),
            date=told.date,
            detail=told.detail,
            network=told.network,
            other_refs=spellings(told.id, self._options.ids),
        )


def _digits(text: str) -> str:
    return text.removeprefix("+")
