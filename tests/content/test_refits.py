"""How much each file of a saved message may take on a smaller network."""

import pytest

from slidewire.content.fitted import Wanted
from slidewire.content.refits import wanted
from slidewire.content.sharing import STEP
from slidewire.domain.message import Content, Kind, Part, Slide

FILM, SONG, PHOTO, CARD = Kind.VIDEO, Kind.AUDIO, Kind.IMAGE, Kind.VCARD
TYPES = {FILM: "video/mp4", SONG: "audio/mpeg", PHOTO: "image/jpeg", CARD: "text/vcard"}


def slides(*files: tuple[Kind, int]) -> list[Slide]:
    """One slide for each file of so many bytes, each with a digest of its own."""
    return [
        Slide("x", 5, (Part(kind, "http://x/y", Content(f"{number}", size, TYPES[kind])),))
        for number, (kind, size) in enumerate(files)
    ]


def budgets(asked: dict[str, Wanted]) -> dict[str, int]:
    return {digest: each.budget for digest, each in asked.items()}


@pytest.mark.parametrize(
    ("files", "room", "expected"),
    [
        pytest.param([(FILM, 500_000)], 300_000, {"0": 36 * STEP}, id="a film alone has all the room, in whole steps"),
        pytest.param([(FILM, 500_000), (FILM, 500_000)], 300_000, {"0": 18 * STEP, "1": 18 * STEP}, id="two share it"),
        pytest.param([(SONG, 40_000), (FILM, 500_000)], 300_000, {"1": 31 * STEP}, id="a small one stays as it is"),
        pytest.param([(PHOTO, 900_000), (SONG, 500_000)], 300_000, {"1": 29 * STEP}, id="a picture keeps some room"),
        pytest.param([(PHOTO, 900_000), (SONG, 500_000)], 80_000, {"1": 4 * STEP}, id="at most half of it"),
        pytest.param([(FILM, 500_000)], 8_000, {}, id="no room to speak of"),
        pytest.param([(FILM, 500_000)], -5, {}, id="none at all"),
        pytest.param([(CARD, 500_000)], 300_000, {}, id="nothing that can be encoded"),
        pytest.param([(FILM, 100_000)], 300_000, {}, id="nothing too large"),
    ],
)
def test_what_is_too_large_for_its_share_becomes_smaller(
    files: list[tuple[Kind, int]], room: int, expected: dict[str, int]
) -> None:
    assert budgets(wanted(slides(*files), room)) == expected


def test_a_file_that_comes_twice_is_made_once() -> None:
    [one] = slides((FILM, 500_000))
    assert budgets(wanted([one, one], 300_000)) == {"0": 18 * STEP}
