"""Who is taken for a bot, and how misses are counted."""

import pytest

from slidewire.pages.misses import Misses
from slidewire.pages.visitors import is_bot

PEOPLE = {
    "Chrome on a phone": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/150.0 Mobile",
    "Safari": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1",
    "a phone by Cubot": "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/150.0 Mobile",
    "a phone by Cubot, its name last": "Mozilla/5.0 (Linux; Android 13; CUBOT_X18) Chrome/99.0 Mobile",
    "Firefox": "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
    "Telegram's own browser": "Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile Telegram-Android/11.2",
}
BOTS = {
    "a crawler": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "WhatsApp's preview": "WhatsApp/2.23.20.0",
    "iMessage's preview": "Mozilla/5.0 (Macintosh) Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Slack's preview": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Skype's preview": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Telegram's preview": "TelegramBot (like TwitterBot)",
    "a library": "python-requests/2.32",
    "curl": "curl/8.5.0",
    "nothing": "",
}


@pytest.mark.parametrize("agent", [pytest.param(agent, id=name) for name, agent in PEOPLE.items()])
def test_people_are_no_bots(agent: str) -> None:
    assert not is_bot({b"user-agent": agent.encode()})


@pytest.mark.parametrize("agent", [pytest.param(agent, id=name) for name, agent in BOTS.items()])
def test_bots_are_bots(agent: str) -> None:
    assert is_bot({b"user-agent": agent.encode()})


def test_misses_are_counted_for_each_address_and_forgotten_with_time() -> None:
    now = [0.0]
    misses = Misses(lambda: now[0], a_minute=3)
    assert [misses.count("192.0.2.1") for _ in range(5)] == [0, 0, 0, 20, 20]
    assert misses.count("192.0.2.2") == 0
    now[0] = 20.0
    assert [misses.count("192.0.2.1") for _ in range(2)] == [0, 20]


def test_one_network_of_ipv6_is_one_visitor() -> None:
    misses = Misses(lambda: 0.0, a_minute=1)
    assert [misses.count(each) for each in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")] == [0, 60, 0]
    assert [misses.count(each) for each in ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2")] == [0, 60, 0]


def test_addresses_without_end_take_memory_with_an_end() -> None:
    misses = Misses(lambda: 0.0)
    for number in range(21_000):
        misses.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(misses._buckets) == 20_000
