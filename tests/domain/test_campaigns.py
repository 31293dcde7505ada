"""Who may change a subscription: whoever left by himself comes back by himself only (api.md 3.5)."""

from itertools import product

from slidewire.domain.campaigns import Consent, Source, may_become

OTHERS = (Source.MANAGER, Source.API, Source.IMPORT, Source.CARRIER)
HIMSELF = (Source.MO, Source.WEB)


def test_nobody_else_brings_back_who_opted_out() -> None:
    towards = (Consent.SUBSCRIBED, Consent.PENDING, Consent.REMOVED)
    assert not [each for each in product(towards, OTHERS) if may_become(Consent.OPTED_OUT, *each)]
    assert all(may_become(Consent.OPTED_OUT, *each) for each in product(towards, HIMSELF))


def test_whoever_was_removed_may_be_put_back() -> None:
    assert all(may_become(Consent.REMOVED, Consent.SUBSCRIBED, source) for source in Source)


def test_only_the_receiver_and_a_list_of_opt_outs_say_that_he_opted_out() -> None:
    may = {source for source in Source if may_become(Consent.SUBSCRIBED, Consent.OPTED_OUT, source)}
    assert may == {Source.MO, Source.WEB, Source.IMPORT}
