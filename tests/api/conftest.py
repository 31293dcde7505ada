"""One server for the tests of a module; each finds it with nothing accepted yet."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.api.door import Door, open_door


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_front_door() -> AsyncIterator[Door]:
    async with open_door() as door:
        yield door


@pytest.fixture
def door(open_front_door: Door) -> Door:
    open_front_door.accepted.clear()
    open_front_door.saved.clear()
    open_front_door.sent.clear()
    open_front_door.campaigns.clear()
    open_front_door.moved.clear()
    open_front_door.to_subscribers.clear()
    open_front_door.listings.clear()
    open_front_door.asked.clear()
    return open_front_door
