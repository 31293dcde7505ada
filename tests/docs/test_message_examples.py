"""The requests of docs/reference/messages.md are answered as they say, in each dialect."""

import re
from collections.abc import Iterator

import pytest
from tests.api.door import J2, KEY, M1, PATH, Door, open_door
from tests.docs.pages import DOCS

_BLOCK = re.compile(r"^```(?:xml|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What a request begins with -> where it is posted.
_PATHS = {"<REQUEST": PATH, "<request": M1, "{": J2}


def examples() -> Iterator[tuple[str, str]]:
    """Each request with the answer that follows it."""
    blocks = [block.rstrip("\n") for block in _BLOCK.findall((DOCS / "reference" / "messages.md").read_text())]
    yield from zip(blocks[::2], blocks[1::2], strict=True)


async def answered(door: Door, request: str) -> str:
    path = next(path for beginning, path in _PATHS.items() if request.startswith(beginning))
    key = f"x-api-key: {KEY}\r\n" if path == J2 else ""
    return (await door.post(request, path=path, headers=key)).body


@pytest.mark.parametrize(("request_", "answer"), list(examples()))
async def test_an_example_is_answered_as_it_says(request_: str, answer: str) -> None:
    async with open_door() as door:
        assert await answered(door, request_) == answer
