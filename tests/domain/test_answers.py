"""What a phone is answered, and whom nobody answers."""

import pytest

from slidewire.domain.account import Account, SettingError, read_settings
from slidewire.domain.answers import answer_to, text_for
from slidewire.domain.inbound import Inbound, KeptInbound, Word

TEXTS = {"stop_text": "Gone.", "start_text": "Back.", "help_text": "Help."}


def kept(phone: str = "15557650001") -> KeptInbound:
    return KeptInbound("in-1", "acct-1", Word.STOP, Inbound("sms-a", phone, "24680", "STOP", 1_000))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        pytest.param(Word.STOP, "Gone.", id="stop"),
        pytest.param(Word.START, "Back.", id="start"),
        pytest.param(Word.HELP, "Help.", id="help"),
        pytest.param(Word.NONE, "", id="anything else"),
    ],
)
def test_each_word_has_its_text(word: Word, text: str) -> None:
    account = Account("acct-1", "a", read_settings(TEXTS), frozenset({"24680"}))
    assert text_for(account, word) == text


@pytest.mark.parametrize("phone", ["24680", "Acme", "", "0049", "1" * 20])
def test_what_is_no_phone_is_not_answered(phone: str) -> None:
    assert answer_to(kept(phone), "Gone.", "id-1") is None


def test_an_answer_is_a_text_that_is_soon_over() -> None:
    message = answer_to(kept(), "Gone.", "id-1")
    assert message is not None
    assert (message.is_text, message.is_answer, message.link_wanted) == (True, True, False)
    assert (message.sender, message.receiver, message.country) == ("24680", "15557650001", "US")
    assert message.expires_at - message.accepted_at == 3_600_000


@pytest.mark.parametrize("text", ["x" * 321, "a\x00b"])
def test_an_answer_that_cannot_be_sent_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        read_settings({"help_text": text})
