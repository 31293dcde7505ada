"""Does as a phone says, and finds the words that it is answered with. One transaction with the message's own.

STOP before everything else; a keyword only where the message is no other word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.answers import text_for
from slidewire.domain.campaigns import Block, Campaign, Consent, Source
from slidewire.domain.inbound import KeptInbound, Word, spoken
from slidewire.domain.joining import words_for
from slidewire.domain.postback import PostbackCode
from slidewire.domain.telling import News, Turn, campaign_news
from slidewire.store.campaigns import read_campaigns
from slidewire.store.consent import confirm, join, opt_in, opt_out, subscriptions_of
from slidewire.store.database import Connection

#: The word that confirms what a phone was asked, before it is START.
_YES = "YES"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a phone is answered."""

    topic: str  #: the same one is not given again soon
    text: str  #: empty: nothing


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What a message changed."""

    news: tuple[News, ...] = ()
    reply: Reply = Reply("", "")  # frozen


def obey(connection: Connection, kept: KeptInbound, account: Account | None, since: int) -> Obeyed:
    """Do it. ``since``: what a phone was asked before that it cannot confirm any more, Unix milliseconds."""
    it = kept.message
    said = spoken(it.text or it.subject)
    if not said:
        return Obeyed()
    here = [each for each in read_campaigns(connection, kept.account_id) if each.has_sender(it.number)]
    who = Block(it.phone, kept.account_id, it.number, Source.MO, kept.word.value or said, it.received_at)
    phone = _Phone(connection, kept, who, here)
    usual = Reply(kept.word.value, text_for(account, kept.word) if account else "")
    if kept.word is Word.STOP:
        return Obeyed(phone.told(PostbackCode.UNSUBSCRIBED, opt_out(connection, who)), usual)
    if kept.word is Word.START:
        return phone.started(usual, said, since)
    if kept.word is Word.HELP:
        return Obeyed(reply=phone.help() or usual)
    wanted = next((each for each in here if said in each.joining.keywords), None)
    return phone.joined(wanted) if wanted else Obeyed()


@dataclass(frozen=True, slots=True)
class _Phone:
    """Who said it, and the campaigns of the number that it was said to."""

    connection: Connection
    kept: KeptInbound
    who: Block
    here: Sequence[Campaign]

    def told(self, code: PostbackCode, refs: Sequence[str]) -> tuple[News, ...]:
        """N301 or N302 of each campaign."""
        it = self.kept.message
        turn = Turn(it.phone, it.number, Source.MO, self.kept.id, it.received_at)
        return tuple(campaign_news(code, campaign, turn) for campaign in self.here if campaign.ref in refs)

    def started(self, usual: Reply, said: str, since: int) -> Obeyed:
        """YES confirms what was asked; where nothing was, it is START like the other words."""
        confirmed = confirm(self.connection, self.who, since) if said == _YES else []
        refs = confirmed or opt_in(self.connection, self.who, since)
        first = next((each for each in self.here if each.ref in confirmed), None)
        return Obeyed(self.told(PostbackCode.SUBSCRIBED, refs), _welcome(first) if first else usual)

    def joined(self, campaign: Campaign) -> Obeyed:
        """It said a campaign's keyword."""
        there = join(self.connection, self.who, campaign)
        if there is Consent.PENDING:
            text = campaign.joining.ask_text or words_for(campaign, Consent.PENDING)
            return Obeyed(reply=Reply(f"ask {campaign.id}", text))
        news = self.told(PostbackCode.SUBSCRIBED, [campaign.ref]) if there else ()
        return Obeyed(news, _welcome(campaign))

    def help(self) -> Reply | None:
        """The words of a campaign that it has to do with, else of any that has some."""
        helpful = [each for each in self.here if each.joining.help_text]
        rows = subscriptions_of(self.connection, self.who.receiver, self.who.account_id) if helpful else []
        mine = {each.campaign for each in rows if each.state in {Consent.SUBSCRIBED, Consent.PENDING}}
        found = next((each for each in helpful if each.ref in mine), next(iter(helpful), None))
        return Reply(Word.HELP.value, found.joining.help_text) if found else None


def _welcome(campaign: Campaign) -> Reply:
    text = campaign.joining.welcome_text or words_for(campaign, Consent.SUBSCRIBED)
    return Reply(f"joined {campaign.id}", text)
