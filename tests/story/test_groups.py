"""Group MMS: the phone shows the others, and nothing goes to them."""

import json
from typing import Any

import pytest
from tests.story.house import KEY, House, Plan, house, request, until


async def arrived(home: House) -> list[dict[str, Any]]:
    """What came to the simulated network."""
    async with home.http.get(f"{home.simulator.http_url}/api/messages") as answer:
        found: list[dict[str, Any]] = await answer.json()
        return found


async def test_the_others_are_shown_and_nothing_is_sent_to_them(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO_DISPLAYONLY="15557650021, +15557650022,15557650020,15557650021")
        await home.until_told(tracking, "N101", "N102")
        assert (await home.message(tracking)).display_only == ("15557650021", "15557650022")
        [message] = await arrived(home)
        assert (message["receivers"], message["display_only"]) == (["15557650020"], ["15557650021", "15557650022"])
        async with home.http.get(f"{home.simulator.http_url}/phone/15557650020") as answer:
            assert "with 15557650021, 15557650022" in await answer.text()


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        pytest.param(["15557650021", "abc"], "E110", "Invalid receiver number.", id="no number"),
        pytest.param(["15557650021"] * 3, "E100", "(to-displayonly names more than 2 phones)", id="too many"),
        pytest.param([["1"]], "E100", "to-displayonly", id="no list of texts"),
    ],
)
async def test_what_is_no_group_is_refused(plan: Plan, given: object, code: str, words: str) -> None:
    plan.settings = {"limits": {"group": 2}}
    async with house(plan) as home:
        call = {
            "action": "sendmms",
            "to": "15557650020",
            "to-displayonly": given,
            "from": "24680",
            "name": "n",
            "message-subject": "s",
            "slide": [{"message-text": "Hi"}],
        }
        async with home.http.post(f"{home.api}/ep/v2/", data=json.dumps(call), headers={"x-api-key": KEY}) as answer:
            told = await answer.json()
        assert (told["error-code"], words in told["error-info"]) == (code, True), told


async def test_a_batch_shows_each_the_others(plan: Plan) -> None:
    async with house(plan) as home:
        group = "15557650020,15557650021"
        await home.post(request(ACTION="sendBatch", TO=group, TO_DISPLAYONLY=group))

        async def there() -> bool:
            return len(await arrived(home)) == 2

        await until(there, 20, "both messages")
        shown = sorted((each["receiver"], each["display_only"]) for each in await arrived(home))
        assert shown == [("15557650020", ["15557650021"]), ("15557650021", ["15557650020"])]
