"""What a phone is answered by SMS when it has said a word that we obey: pure rules over settings.

Nobody asked for these texts, and they go to whoever is blocked a moment ago: they are few, and never in a circle.
"""

from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.inbound import KeptInbound, Word
from slidewire.domain.message import ANSWER, Dialect, Message
from slidewire.domain.phone import NumberError, read_number
from slidewire.domain.task import Task, TaskKind

#: Milliseconds that an answer is tried: a confirmation of tomorrow would only puzzle.
VALIDITY = 3_600_000


@dataclass(frozen=True, slots=True)
class AnswerTerms:
    """How often phones are answered ([inbound])."""

    pause_ms: int = 3_600_000  #: the same word of one phone is not answered again within it
    a_day: int = 10  #: answers to one phone in a day, whatever it says
    confirm_ms: int = 259_200_000  #: a phone that was asked to confirm may do so for so long


def text_for(account: Account, word: Word) -> str:
    """What an account answers to a word; empty: nothing."""
    settings = account.settings
    texts = {Word.STOP: settings.stop_text, Word.START: settings.start_text, Word.HELP: settings.help_text}
    return texts.get(word, "")


def answer_to(kept: KeptInbound, text: str, answer_id: str) -> Message | None:
    """The text that goes back; None where what wrote to us is no phone that could be answered."""
    it = kept.message
    try:
        phone = read_number(it.phone)
    except NumberError:
        return None
    return Message(
        id=answer_id,
        account_id=kept.account_id,
        mms_id=0,
        dialect=Dialect.W13,
        sender=it.number,
        receiver=phone.digits,
        country=phone.country,
        accepted_at=it.received_at,
        expires_at=it.received_at + VALIDITY,
        link_expires_at=it.received_at,
        name=ANSWER,
        slides=(),
        fallback_text=text,
        link_wanted=False,
        force_sms=True,
    )


def answer_task(message: Message, task_id: str) -> Task:
    """What hands it over, by the route that it was given."""
    return Task(
        id=task_id,
        kind=TaskKind.TEXT,
        queue=TaskKind.TEXT.queue(message.route),
        account_id=message.account_id,
        message_id=message.id,
        due_at=message.accepted_at,
    )
