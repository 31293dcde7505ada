"""The same content to the same receiver within minutes: a loop somewhere, or a caller that tries again. Pure."""

from hashlib import sha256

from slidewire.domain.message import Message

_MOST_MINUTES = 1440
#: Milliseconds after which no account asks for what was seen.
LONGEST_WINDOW = _MOST_MINUTES * 60_000


def sameness(message: Message) -> str:
    """What two messages share that a phone shows alike: receiver, sender, and every word and byte."""
    words = [message.account_id, message.receiver, message.sender, message.mask, message.subject, message.fallback_text]
    for slide in message.slides:
        words += ["slide", slide.text, *(part.content.digest for part in slide.parts)]
    told = b"".join(b"%d:%s" % (len(word), word) for word in (each.encode() for each in words))
    return sha256(told).hexdigest()


def warning_of(milliseconds: int) -> str:
    """What is told of a repetition that comes so long after the one before."""
    return f"the same content went to this receiver {max(milliseconds // 1000, 0)} s ago"


def read_minutes(text: str) -> int:
    """Minutes; 0: none. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 4 or int(text) > _MOST_MINUTES:
        raise ValueError(f"{text!r} is no number of minutes from 0 to {_MOST_MINUTES}")
    return int(text)
