"""Who may send as what, and where to (settled 13)."""

from dataclasses import replace

import pytest

from slidewire.domain.account import Account, AccountSettings, read_settings
from slidewire.domain.countries import country_name
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.senders import CheckedMask, MaskRule, SenderKind, check_mask, check_sender, classify, sender_for

OWNER = Account("acct-1", "An account", AccountSettings(), frozenset({"24680", "447700900123", "12025550100"}))


@pytest.mark.parametrize(
    ("sender", "owned"),
    [
        pytest.param("24680", "24680", id="a short code"),
        pytest.param(" +24680 ", "24680", id="a short code with a plus and blanks"),
        pytest.param("12025550100", "12025550100", id="a long code"),
        pytest.param("+12025550100", "12025550100", id="a long code with a plus"),
        pytest.param("4407700900123", "447700900123", id="a long code with a national zero"),
    ],
)
def test_an_owned_sender_may_send(sender: str, owned: str) -> None:
    assert check_sender(OWNER, sender, "US") == owned


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("99999", id="a short code of another"),
        pytest.param("12025550199", id="a long code of another"),
        pytest.param("MyBrand", id="a word"),
        pytest.param("1 202 555 0100", id="blanks inside"),
        pytest.param("0012025550100", id="00 before"),
        pytest.param("٢٤٦٨٠", id="other digits"),
        pytest.param("2468", id="the beginning of a short code"),
        pytest.param("+", id="a plus alone"),
    ],
)
def test_any_other_sender_is_refused_in_the_plain_wording(sender: str) -> None:
    with pytest.raises(FaultError) as refused:
        check_sender(OWNER, sender, "DE")
    assert (refused.value.fault, refused.value.words) == (Fault.BAD_SENDER, "Invalid Sender.")


ABROAD = replace(
    OWNER,
    settings=read_settings({"sender_countries": "24680=US, 24680=CA, 447700900123=GB, 12025550100=US, 99999=FR"}),
)


@pytest.mark.parametrize(
    ("sender", "country", "instead"),
    [
        pytest.param("24680", "CA", "24680", id="it may itself"),
        pytest.param("24680", "GB", "447700900123", id="another is named for the country"),
        pytest.param("447700900123", "US", "24680", id="the first that is named"),
    ],
)
def test_a_saved_message_leaves_from_the_sender_for_the_country(sender: str, country: str, instead: str) -> None:
    assert sender_for(ABROAD, sender, country) == instead


def test_a_sender_without_countries_stands_in_for_others() -> None:
    account = replace(OWNER, settings=read_settings({"sender_countries": "24680=us"}))
    assert sender_for(account, "24680", "DE") == "12025550100"


@pytest.mark.parametrize("country", [pytest.param("DE", id="none is named"), pytest.param("FR", id="only another's")])
def test_no_sender_for_the_country_is_refused_with_its_name(country: str) -> None:
    for check in (sender_for, check_sender):
        with pytest.raises(FaultError) as refused:
            check(ABROAD, "24680", country)
        assert refused.value.words == f"Invalid Sender to {country_name(country)}."


def test_a_sender_of_another_is_never_replaced() -> None:
    with pytest.raises(FaultError) as refused:
        sender_for(ABROAD, "99999", "US")
    assert refused.value.words == "Invalid Sender."


@pytest.mark.parametrize(
    ("mask", "checked"),
    [
        pytest.param("MyBrand", CheckedMask("MyBrand"), id="letters"),
        pytest.param("A1 -_&z", CheckedMask("A1 -_&z"), id="every sign"),
        pytest.param("12345678901".replace("1", "a", 1), CheckedMask("a2345678901"), id="eleven"),
        pytest.param(
            "MyBrandIsLong", CheckedMask("MyBrandIsLo", "the sender mask was cut to 11 characters"), id="thirteen"
        ),
        pytest.param(
            "My Brand is long", CheckedMask("My Brand is", "the sender mask was cut to 11 characters"), id="words"
        ),
        pytest.param(
            "Hello worl d", CheckedMask("Hello worl", "the sender mask was cut to 11 characters"), id="a blank cut"
        ),
        pytest.param("B" * 50, CheckedMask("B" * 11, "the sender mask was cut to 11 characters"), id="fifty"),
    ],
)
def test_a_mask_is_cut_to_what_networks_carry(mask: str, checked: CheckedMask) -> None:
    assert check_mask(mask, "GB", MaskRule.YES) == checked


@pytest.mark.parametrize(
    ("mask", "country", "fault", "words"),
    [
        pytest.param("B" * 51, "US", Fault.MASK_TOO_LONG, "The sender mask is longer than 50 characters.", id="51"),
        pytest.param("24680", "GB", Fault.BAD_SENDER, None, id="no letter"),
        pytest.param("12345678901Brand", "GB", Fault.BAD_SENDER, None, id="no letter within eleven"),
        pytest.param("Bränd", "GB", Fault.BAD_SENDER, None, id="a letter that networks do not carry"),
        pytest.param("Brand!", "GB", Fault.BAD_SENDER, None, id="another sign"),
        pytest.param("<b>", "GB", Fault.BAD_SENDER, None, id="markup"),
        pytest.param("My\nBrand", "GB", Fault.BAD_SENDER, None, id="a line break"),
        pytest.param(
            "Brand", "US", Fault.BAD_SENDER_FOR_COUNTRY, "Invalid Sender to United States.", id="United States"
        ),
        pytest.param("Brand", "CA", Fault.BAD_SENDER_FOR_COUNTRY, "Invalid Sender to Canada.", id="Canada"),
        pytest.param("Brand", "PR", Fault.BAD_SENDER_FOR_COUNTRY, "Invalid Sender to Puerto Rico.", id="Puerto Rico"),
        pytest.param("Brand", "CN", Fault.BAD_SENDER_FOR_COUNTRY, "Invalid Sender to China.", id="China"),
    ],
)
def test_a_mask_is_refused(mask: str, country: str, fault: Fault, words: str | None) -> None:
    with pytest.raises(FaultError) as refused:
        check_mask(mask, country, MaskRule.YES if country == "GB" else MaskRule.NO)
    plain = "Invalid Sender. (a mask needs a letter, and has only A-Z, a-z, 0-9, blank, - _ and &)"
    assert (refused.value.fault, refused.value.words) == (fault, words or plain)


def test_a_mask_that_networks_replace_is_told() -> None:
    told = "the sender mask was cut to 11 characters; networks in India replace the sender mask"
    assert check_mask("MyBrandIsLong", "IN", MaskRule.REPLACED) == CheckedMask("MyBrandIsLo", told)


def test_a_mask_that_has_to_be_registered_is_taken() -> None:
    assert check_mask("Brand", "SG", MaskRule.REGISTERED) == CheckedMask("Brand")


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        pytest.param("246", SenderKind.SHORT_CODE, id="three digits"),
        pytest.param("24680", SenderKind.SHORT_CODE, id="five digits"),
        pytest.param("19123456", SenderKind.SHORT_CODE, id="eight digits"),
        pytest.param("12025550100", SenderKind.LONG_CODE, id="a long code"),
        pytest.param("447700900123", SenderKind.LONG_CODE, id="a British mobile"),
        pytest.param("18005550100", SenderKind.TOLL_FREE, id="toll-free in North America"),
        pytest.param("448081570000", SenderKind.TOLL_FREE, id="toll-free in Britain"),
        pytest.param("999123456789", SenderKind.LONG_CODE, id="a code of nobody"),
        pytest.param("MyBrand", SenderKind.ALPHANUMERIC, id="a word"),
        pytest.param("٢٤٦٨٠", SenderKind.ALPHANUMERIC, id="other digits"),
    ],
)
def test_senders_have_kinds(sender: str, kind: SenderKind) -> None:
    assert classify(sender) is kind
