"""Page links on the command line: how often each was opened, and its end."""

import json
from pathlib import Path

from tests.builders import a_message
from tests.cli.command import slidewire
from tests.store.kit import stored

from slidewire.domain.ids import new_token
from slidewire.domain.message import Message
from slidewire.runtime.offline import link_key, open_store
from slidewire.settings import Settings
from slidewire.store.links import Opening, add_link, new_link, note_openings

AT = 1_750_000_000_000


async def linked(folder: Path, message: Message) -> tuple[str, str]:
    """Two links of ``message`` in the database of ``folder``, the first opened once; their tokens."""
    settings = Settings(database=f"sqlite:///{folder}/slidewire.db", content=f"file:{folder}/content")
    tokens = (new_token(), new_token())
    async with open_store(settings) as database:
        await stored(database, message)
        for number, token in enumerate(tokens):
            link = new_link(message, token, link_key(settings), AT + number)
            await database.write(lambda c, link=link: add_link(c, link))
            if not number:
                await database.write(lambda c, link=link: note_openings(c, [Opening(link, AT + 5000, "e" * 32)]))
    return tokens


async def test_links_are_listed_with_their_openings(tmp_path: Path) -> None:
    message = a_message(accepted_at=AT, link_expires_at=AT + 1000)
    await linked(tmp_path, message)
    listed = json.loads(slidewire(tmp_path, "link", "list", message.id, "--json").out)
    both = {"expires_at": "2025-06-15T15:06:41.000Z", "revoked_at": "", "bots": 0}
    assert listed == [
        both
        | {
            "created_at": "2025-06-15T15:06:40.000Z",
            "openings": 1,
            "first_opened_at": "2025-06-15T15:06:45.000Z",
        },
        both | {"created_at": "2025-06-15T15:06:40.001Z", "openings": 0, "first_opened_at": ""},
    ]
    table = slidewire(tmp_path, "link", "list", message.id)
    assert (table.code, len(table.out.splitlines())) == (0, 3)
    assert slidewire(tmp_path, "link", "list", "nobody").out == "the message has no link\n"


async def test_a_link_is_ended_by_its_address_and_once(tmp_path: Path) -> None:
    first, _ = await linked(tmp_path, a_message())
    ran = slidewire(tmp_path, "link", "revoke", f"https://m.example.net/m/{first}")
    assert (ran.code, ran.out) == (0, "1 link ended\n")
    again = slidewire(tmp_path, "link", "revoke", first)
    assert (again.code, "no such link that is still open" in again.err) == (1, True)


async def test_all_links_of_a_message_are_ended(tmp_path: Path) -> None:
    message = a_message()
    await linked(tmp_path, message)
    assert slidewire(tmp_path, "link", "revoke", "--message", message.id, "--json").json == {"links": 2}


async def test_a_link_has_to_be_named_in_one_way(tmp_path: Path) -> None:
    assert [slidewire(tmp_path, "link", "revoke", *given).code for given in ((), ("a", "--message", "b"))] == [2, 2]
