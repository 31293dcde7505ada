"""Who is told what became of a submission: now, and by its receipts."""

from dataclasses import dataclass

from slidewire.work.receipts import ReceiptDesk
from slidewire.work.settle import Settler


@dataclass(frozen=True, slots=True)
class Ends:
    """What every step that submits ends with."""

    settler: Settler
    desk: ReceiptDesk
