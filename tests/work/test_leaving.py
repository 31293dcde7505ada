"""What keeps a message from leaving, though it was accepted (durability 25)."""

from dataclasses import replace

import pytest
from tests.builders import a_message, an_account

from slidewire.carriers.base import Route
from slidewire.domain.account import Account, read_settings
from slidewire.domain.campaigns import Clearance
from slidewire.domain.events import Reason
from slidewire.work.leaving import obstacle

MMS, SMS = Route("mmsc-a", "mm7", ""), Route("sms-a", "smpp", "")
TRIAL = replace(SMS, test=True)


def with_settings(**words: str) -> Account:
    return replace(an_account(), settings=read_settings(words))


@pytest.mark.parametrize(
    ("account", "route", "clearance", "reason"),
    [
        pytest.param(with_settings(), MMS, Clearance.CLEAR, Reason.NONE, id="nothing"),
        pytest.param(None, MMS, Clearance.CLEAR, Reason.ACCOUNT_OFF, id="no account"),
        pytest.param(replace(an_account(), disabled=True), MMS, Clearance.CLEAR, Reason.ACCOUNT_OFF, id="disabled"),
        pytest.param(with_settings(blocked="on"), MMS, Clearance.CLEAR, Reason.ACCOUNT_OFF, id="blocked account"),
        pytest.param(with_settings(test="on"), SMS, Clearance.CLEAR, Reason.TEST_ACCOUNT, id="a test by a carrier"),
        pytest.param(with_settings(test="on"), TRIAL, Clearance.CLEAR, Reason.NONE, id="a test by the simulator"),
        pytest.param(with_settings(), TRIAL, Clearance.CLEAR, Reason.NONE, id="a test whose account went live"),
        pytest.param(with_settings(sms_countries="CA"), SMS, Clearance.CLEAR, Reason.SMS_COUNTRY, id="a text abroad"),
        pytest.param(with_settings(sms_countries="CA"), MMS, Clearance.CLEAR, Reason.NONE, id="a picture abroad"),
        pytest.param(with_settings(), MMS, Clearance.BLOCKED, Reason.BLOCKED, id="a blocked receiver"),
        pytest.param(with_settings(), MMS, Clearance.NOT_SUBSCRIBED, Reason.NONE, id="campaigns are not enforced"),
        pytest.param(
            with_settings(enforce_campaign="on"), MMS, Clearance.NOT_SUBSCRIBED, Reason.NOT_SUBSCRIBED, id="enforced"
        ),
    ],
)
def test_what_stands_in_the_way(account: Account | None, route: Route, clearance: Clearance, reason: Reason) -> None:
    assert obstacle(a_message(), route, clearance, account) is reason
