"""The SMS that arrived, in memory: bounded, the oldest dropped first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from slidewire.simulator.smpp_wire import Submit


@dataclass(slots=True)
class Text:
    """One SMS with all its segments, put together."""

    number: int  #: counts from 1 in this run
    submit: Submit  #: its last segment
    text: str
    message_ids: tuple[str, ...]  #: one for each segment, in order
    arrived_at: datetime
    fates: dict[str, str] = field(default_factory=dict)  #: message id -> stat of its newest receipt

    @property
    def fate(self) -> str:
        """One word for all segments: the worst that a receipt told."""
        told = [self.fates.get(each, "") for each in self.message_ids]
        bad = [word for word in told if word not in ("", "ENROUTE", "DELIVRD")]
        if bad:
            return bad[0]
        return told[0] if len(set(told)) == 1 and told[0] else "Accepted"


class Texts:
    """Keeps texts by number, the newest last. ``version`` grows with every change, for pages that wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counted = 0
        self._kept: OrderedDict[int, Text] = OrderedDict()
        self._by_id: dict[str, Text] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Text]:
        return iter(list(self._kept.values()))

    def keep(self, submit: Submit, pieces: list[tuple[str, str]], arrived_at: datetime) -> Text:
        """Add a text from its (text, id) pieces and drop the oldest while there are too many."""
        self._counted += 1
        words = "".join(text for text, _ in pieces)
        kept = Text(self._counted, submit, words, tuple(each for _, each in pieces), arrived_at)
        self._kept[kept.number] = kept
        self._by_id.update(dict.fromkeys(kept.message_ids, kept))
        while len(self._kept) > self._most:
            _, oldest = self._kept.popitem(last=False)
            for message_id in oldest.message_ids:
                self._by_id.pop(message_id, None)
        self.version += 1
        return kept

    def get(self, number: int) -> Text | None:
        """The text with this number, as long as it is kept."""
        return self._kept.get(number)

    def mark(self, message_id: str, stat: str) -> None:
        """Note what a segment's receipt told."""
        kept = self._by_id.get(message_id)
        if kept is not None:
            kept.fates[message_id] = stat
            self.version += 1

    def clear(self) -> None:
        """Forget everything but the numbers already given."""
        self._kept.clear()
        self._by_id.clear()
        self.version += 1


def text_view(text: Text) -> dict[str, Any]:
    """One SMS as the JSON API tells it."""
    submit = text.submit
    return {
        "id": text.number,
        "sender": submit.source,
        "sender_plan": list(submit.source_plan),
        "receiver": submit.receiver,
        "receiver_plan": list(submit.receiver_plan),
        "text": text.text,
        "segments": len(text.message_ids),
        "message_ids": list(text.message_ids),
        "coding": {0: "GSM", 8: "UCS-2"}.get(submit.coding, str(submit.coding)),
        "validity": submit.validity,
        "wants_receipt": submit.wants_receipt,
        "arrived_at": text.arrived_at.isoformat(),
        "fate": text.fate,
        "fates": dict(text.fates),
    }
