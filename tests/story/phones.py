"""What the simulated phones were given."""

from typing import Any

from tests.story.house import House


async def arrived(home: House, number: int = 0) -> dict[str, Any]:
    """The message that came so many-th, from 0, as the phone has it."""
    async with home.http.get(f"{home.simulator.http_url}/api/messages") as answer:
        messages = sorted(await answer.json(), key=lambda message: int(message["id"]))
    return dict(messages[number])
