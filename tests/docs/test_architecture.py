"""docs/architecture.md tells the rooms and arrows that there are."""

import re

from tests.docs.pages import DOCS, ROOT
from tests.test_layers import MAY_IMPORT, rooms

TEXT = (DOCS / "architecture.md").read_text()
DRAWING = TEXT.split("## Rooms", 1)[1].split("```")[1]


def drawn_paths() -> list[str]:
    """Every file and folder of the drawing: one on the first level is a room, a folder holds what follows it there."""
    paths = []
    room = ""
    for line in DRAWING.splitlines():
        names = re.findall(r"(?<!\S)[a-z_0-9]+(?:\.py|/)(?!\S)", line)
        if re.match(r"  \S", line):
            room = names.pop(0)
            paths.append(room)
        elif re.match(r"    \S", line):
            folder = room
            for name in names:
                paths.append(folder + name)
                folder = folder + name if name.endswith("/") else folder
    return paths


def test_every_file_that_is_drawn_exists() -> None:
    assert [path for path in drawn_paths() if not (ROOT / "src" / "slidewire" / path).exists()] == []


def test_every_room_is_drawn() -> None:
    drawn = {path.rstrip("/").removesuffix(".py") for path in drawn_paths()}
    assert rooms() - {"__init__", "__main__"} - drawn == set()


def test_the_arrows_are_those_of_the_test_of_layers() -> None:
    table = TEXT.split("## Who may import whom", 1)[1]
    told = {
        room: {word for word in re.split(r"[ ,();:]+", words.split(";")[0]) if word in MAY_IMPORT}
        for room, words in re.findall(r"^\| ([a-z]+) \| (.+) \|$", table, re.MULTILINE)
    }
    told["runtime"] = set(told) - {"runtime", "demo", "cli", "simulator", "client"}
    wanted = {room: MAY_IMPORT[room] for room in MAY_IMPORT if room not in {"__init__", "__main__"}}
    assert told == wanted
