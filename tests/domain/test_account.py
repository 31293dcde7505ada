"""Account settings as words, and what an account allows (interfaces.md, Account settings)."""

from dataclasses import fields
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import an_account

from slidewire.domain.account import AccountSettings, SenderCountry, SettingError, read_settings, write_settings
from slidewire.domain.networks import read_network

WORD = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=8)
WORDS = st.lists(WORD, max_size=4).map(tuple)
NETWORKS = st.ip_addresses().map(str).map(read_network)
SETTINGS = st.builds(
    AccountSettings,
    api_on=st.booleans(),
    blocked=st.booleans(),
    actions=WORDS,
    addresses=st.lists(NETWORKS, max_size=3).map(tuple),
    require_operator=st.booleans(),
    unknown_operator=st.sampled_from(["lookup", "refuse"]),
    max_slides=st.integers(1, 100),
    test=st.booleans(),
    sms_countries=st.lists(st.sampled_from(["own", "*", "US", "GB"]), max_size=3).map(tuple),
    sms_daily=st.integers(0, 999_999_999),
    repeat_window=st.integers(0, 1440),
    service_ids=WORDS,
    keep_url_queries=st.booleans(),
    fallback=st.booleans(),
    reuse_sent_mms=st.booleans(),
    sender_countries=st.lists(st.builds(SenderCountry, st.just("24680"), st.sampled_from(["US", "GB"]))).map(tuple),
    postback_url=st.sampled_from(["", "http://127.0.0.1:9000/pb?x=1", "https://example.net/"]),
    opened_postback=st.booleans(),
    postback_order=st.booleans(),
    postback_schedule=st.sampled_from(["published", "long"]),
)


@given(SETTINGS)
def test_what_is_written_is_read_back(settings: AccountSettings) -> None:
    assert read_settings(write_settings(settings)) == settings


def test_every_setting_can_be_read_and_written() -> None:
    defaults = AccountSettings()
    names = {field.name for field in fields(AccountSettings)}
    assert set(write_settings(defaults)) == names
    assert read_settings({}) == read_settings(write_settings(defaults)) == defaults


def test_only_what_is_named_changes() -> None:
    base = AccountSettings(max_slides=5, fallback=False)
    assert read_settings({"max_slides": " 7 "}, base) == AccountSettings(max_slides=7, fallback=False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            {"sender_countries": " +24680 = us,24680=CA"},
            AccountSettings(sender_countries=(SenderCountry("24680", "US"), SenderCountry("24680", "CA"))),
            id="countries of a sender",
        ),
        pytest.param({"blocked": "ON"}, AccountSettings(blocked=True), id="on"),
        pytest.param({"blocked": "true"}, AccountSettings(blocked=True), id="true"),
        pytest.param({"blocked": "1"}, AccountSettings(blocked=True), id="one"),
        pytest.param({"fallback": "No"}, AccountSettings(fallback=False), id="no"),
        pytest.param({"fallback": "0"}, AccountSettings(fallback=False), id="zero"),
        pytest.param({"actions": " sendMMS , ,getMMS"}, AccountSettings(actions=("sendmms", "getmms")), id="actions"),
        pytest.param({"actions": ""}, AccountSettings(actions=()), id="no action at all"),
        pytest.param({"actions": " [] "}, AccountSettings(actions=()), id="no action at all, as JSON"),
        pytest.param({"actions": '["sendMMS", " "]'}, AccountSettings(actions=("sendmms",)), id="actions as JSON"),
        pytest.param({"service_ids": '["a", "b"]'}, AccountSettings(service_ids=("a", "b")), id="service ids as JSON"),
        pytest.param(
            {"addresses": "10.1.2.3/8, ::1"},
            AccountSettings(addresses=(ip_network("10.0.0.0/8"), ip_network("::1/128"))),
            id="networks, host bits dropped",
        ),
    ],
)
def test_reads(words: dict[str, str], expected: AccountSettings) -> None:
    assert read_settings(words) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("blocked", "perhaps", id="neither on nor off"),
        pytest.param("max_slides", "0", id="no slide"),
        pytest.param("max_slides", "101", id="too many slides"),
        pytest.param("max_slides", "nine", id="a word for a number"),
        pytest.param("max_slides", "", id="nothing for a number"),
        pytest.param("addresses", "10.0.0.0/33", id="no such network"),
        pytest.param("addresses", "example.net", id="a name for a network"),
        pytest.param("actions", "[sendMMS]", id="a list that is no JSON"),
        pytest.param("actions", "[1]", id="a list of something else than words"),
        pytest.param("service_ids", '["a,b"]', id="a word that would be read back as two"),
        pytest.param("unknown_operator", "ask", id="neither lookup nor refuse"),
        pytest.param("postback_url", "ftp://example.net/", id="an address that is not HTTP"),
        pytest.param("postback_url", "example.net", id="an address without its scheme"),
        pytest.param("postback_schedule", "short", id="a schedule that is not there"),
        pytest.param("colour", "blue", id="a setting that is not there"),
    ],
)
def test_refuses_and_names_the_setting(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({name: text})


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        pytest.param("", "203.0.113.7", True, id="no list: from anywhere"),
        pytest.param("10.0.0.0/8", "10.9.8.7", True, id="inside"),
        pytest.param("10.0.0.0/8", "11.0.0.1", False, id="outside"),
        pytest.param("10.0.0.0/8", "::ffff:10.9.8.7", True, id="inside, seen through an IPv6 socket"),
        pytest.param("10.0.0.0/8", "::ffff:11.0.0.1", False, id="outside, seen through an IPv6 socket"),
        pytest.param("2001:db8::/32", "2001:db8::5", True, id="inside, IPv6"),
        pytest.param("2001:db8::/32", "10.0.0.1", False, id="of the other kind"),
        pytest.param("10.0.0.0/8, 192.0.2.1", "192.0.2.1", True, id="the second of the list"),
        pytest.param("10.0.0.0/8", "", False, id="unknown"),
        pytest.param("10.0.0.0/8", "unix", False, id="no address at all"),
    ],
)
def test_allows_addresses(networks: str, address: str, allowed: bool) -> None:
    account = an_account(settings=read_settings({"addresses": networks}))
    assert account.allows_address(address) is allowed


@pytest.mark.parametrize(
    ("actions", "action", "allowed"),
    [
        pytest.param("all", "sendMMS", True, id="all"),
        pytest.param("sendMMS", "SENDMMS", True, id="any case"),
        pytest.param("getMMS", "sendMMS", False, id="another"),
        pytest.param("", "sendMMS", False, id="none"),
    ],
)
def test_allows_actions(actions: str, action: str, allowed: bool) -> None:
    assert an_account(settings=read_settings({"actions": actions})).allows_action(action) is allowed
