"""Messages as the JSON API tells them: the same facts that the pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slidewire.simulator.contents import text_of
from slidewire.simulator.presentation import PieceKind

if TYPE_CHECKING:
    from slidewire.simulator.contents import Content
    from slidewire.simulator.inbox import Kept
    from slidewire.simulator.presentation import Slide

#: What a phone calls each kind of piece.
KIND_WORDS = {
    PieceKind.IMAGE: "image",
    PieceKind.VIDEO: "video",
    PieceKind.AUDIO: "audio",
    PieceKind.TEXT: "text",
    PieceKind.OBJECT: "object",
}


def message_view(message: Kept) -> dict[str, Any]:
    """One message, everything but the bytes of its parts."""
    request = message.request
    receivers = [address.number for address in message.receivers]
    return {
        "id": message.number,
        "message_id": message.message_id,
        "transaction_id": request.transaction_id,
        "namespace": request.namespace,
        "version": request.version,
        "vasp_id": request.vasp_id,
        "vas_id": request.vas_id,
        "sender": message.sender,
        "receiver": receivers[0],
        "receivers": receivers,
        "display_only": list(message.others),
        "subject": request.subject,
        "arrived_at": message.arrived_at.isoformat(),
        "size": message.size,
        "wants_report": request.wants_report,
        "cancelled": message.cancelled,
        "fates": dict(message.fates),
        "reports": [
            {"receiver": sent.receiver, "status": sent.fate, "tries": sent.tries, "detail": sent.detail}
            for sent in message.reports
        ],
        "parts": _parts(message.content),
        "slides": [_slide(slide, message.content) for slide in message.content.slides],
    }


def _parts(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "name": part.name,
            "type": part.type,
            "size": len(part.body),
            "content_id": part.content_id,
            "location": part.location,
        }
        for number, part in enumerate(content.parts)
    ]


def _slide(slide: Slide, content: Content) -> dict[str, Any]:
    pieces = []
    for piece in slide.pieces:
        view: dict[str, Any] = {"kind": KIND_WORDS[piece.kind], "part": piece.number}
        if piece.kind is PieceKind.TEXT:
            view["text"] = text_of(content.parts[piece.number])
        pieces.append(view)
    return {"seconds": slide.seconds, "pieces": pieces}
