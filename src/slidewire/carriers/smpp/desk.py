"""What the SMSC delivers to us. A receipt is acknowledged once it is committed, never before (durability 23)."""

from collections.abc import Callable

import structlog

from slidewire.carriers.base import Receipt, Route, TakeReceipt
from slidewire.carriers.smpp import status
from slidewire.carriers.smpp.options import Options
from slidewire.carriers.smpp.pdu import Pdu, PduError, ShortMessage, read_message
from slidewire.carriers.smpp.receipts import Told, is_receipt, read_receipt, spellings

_LOG = structlog.get_logger(__name__)


class Desk:
    """Called with each deliver_sm of one route; gives the command_status of its answer."""

    def __init__(self, route: Route, options: Options, clock: Callable[[], int], take: TakeReceipt) -> None:
        """``clock`` gives Unix milliseconds."""
        self._route = route.name
        self._options = options
        self._clock = clock
        self._take = take

    async def __call__(self, pdu: Pdu) -> int:
        """Take one delivery. Inbound texts are refused until there is somebody who reads them."""
        try:
            message = read_message(pdu.body)
        except PduError as error:
            _LOG.warning("deliver_sm not readable", route=self._route, reason=str(error))
            return status.PERMANENT
        if not is_receipt(message):
            _LOG.warning("inbound sms refused: not served yet", route=self._route)
            return status.PERMANENT
        told = read_receipt(message, self._options.network_tag)
        if told is None:
            _LOG.warning("receipt names no message or no state", route=self._route)
            return status.PERMANENT
        try:
            await self._take(self._receipt(message, told))
        except Exception:  # noqa: BLE001 - the top of a task: the SMSC must hear "again", not nothing
            _LOG.exception("receipt not stored", route=self._route)
            return status.TEMPORARY
        return status.OK

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
