"""Calls over an account's limits: the code, its words, and when to come back (settled 16, 23)."""

import pytest
from tests.api.door import Door, failure, send_mms

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT_HEADERS = ("retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        pytest.param("too-soon", "E106", "You can call API every 5 seconds.", id="the interval comes first"),
        pytest.param(
            "too-fast", "E113", "Set throughput exceeded for this API action. API call rejected.", id="then throughput"
        ),
        pytest.param("too-many", "E120", "Account has reached the API request limit.", id="then quota"),
    ],
)
async def test_a_call_over_its_limit_is_refused_before_its_fields_are_read(
    door: Door, key: str, code: str, words: str
) -> None:
    reply = await door.post(send_mms(key=key, to="nobody"))
    assert (reply.status, reply.body) == (200, failure(code, words, None))
    assert [reply.headers[name] for name in LIMIT_HEADERS] == ["2", "1", "0", "7"]


async def test_only_what_came_so_far_is_counted(door: Door) -> None:
    """settled 1: the address (e) and the action (f) come before the limits (g)."""
    assert "E112" in (await door.post(send_mms(key="too-many-elsewhere"))).body
    assert "E107" in (await door.post(send_mms(key="too-many", action="sendFax"))).body


async def test_an_account_without_limits_is_told_of_none(door: Door) -> None:
    reply = await door.post(send_mms())
    assert [name for name in reply.headers if name in LIMIT_HEADERS] == []
