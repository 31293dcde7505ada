"""Where an account's SMS may go (security 16)."""

import pytest

from slidewire.domain.account import AccountSettings, SettingError, read_settings
from slidewire.domain.spending import may_text

SHORT, LONG, TOLL_FREE, BRITISH = "24680", "15557650100", "18005550100", "447700900456"


@pytest.mark.parametrize(
    ("words", "sender", "country", "may"),
    [
        pytest.param({}, LONG, "US", True, id="a long code at home"),
        pytest.param({}, LONG, "CA", False, id="the same plan is not the same country"),
        pytest.param({}, BRITISH, "JM", False, id="a long code abroad"),
        pytest.param({}, TOLL_FREE, "US", True, id="a toll-free number at home"),
        pytest.param({}, SHORT, "DE", True, id="nobody says where a short code is at home"),
        pytest.param({"sender_countries": "24680=US"}, SHORT, "DE", False, id="a short code abroad"),
        pytest.param({"sender_countries": "24680=US"}, SHORT, "US", True, id="a short code at home"),
        pytest.param({"sender_countries": "15557650100=CA"}, LONG, "CA", True, id="a country named for a long code"),
        pytest.param({"sms_countries": "own, ca"}, LONG, "CA", True, id="a country besides its own"),
        pytest.param({"sms_countries": "own, CA"}, LONG, "US", True, id="its own besides a country"),
        pytest.param({"sms_countries": "CA"}, LONG, "US", False, id="its own is not named"),
        pytest.param({"sms_countries": "CA"}, SHORT, "US", False, id="a short code: only what is named"),
        pytest.param({"sms_countries": "*"}, BRITISH, "JM", True, id="everywhere"),
        pytest.param({"sms_countries": ""}, LONG, "US", False, id="nowhere"),
    ],
)
def test_where_a_text_may_go(words: dict[str, str], sender: str, country: str, may: bool) -> None:
    assert may_text(read_settings(words), sender, country) is may


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param({"sms_countries": "US, home"}, "'HOME' is neither a country of ISO 3166", id="no country"),
        pytest.param({"sms_daily": "-1"}, "'-1' is no number of segments", id="a sign"),
        pytest.param({"sms_daily": "1234567890"}, "is no number of segments", id="more than anybody sends"),
    ],
)
def test_what_cannot_be_read_is_named(words: dict[str, str], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        read_settings(words)


def test_the_default_is_the_senders_own_country() -> None:
    assert (AccountSettings().sms_countries, AccountSettings().sms_daily) == (("own",), 0)
