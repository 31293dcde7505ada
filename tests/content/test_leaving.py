"""Every image that leaves: a baseline JPEG, a GIF or a PNG that decodes whole, fits, and carries no metadata.

Over all pictures that the suite can make and the gateway takes, each for three networks: a generous one, that of the
smallest limits in the shipped table, and a phone with a small screen.
"""

from io import BytesIO

import pytest
from PIL import Image, ImageSequence
from tests.content.metadata import jpeg_frames, leftovers
from tests.content.sources import sources
from tests.story.corpus.pictures import PICTURES

from slidewire.content import images
from slidewire.content.images import Goal
from slidewire.content.sniff import sniff

GOALS = (Goal(600_000, 2592, 1944), Goal(95_000, 640, 480), Goal(20_000, 176, 144))
MADE = {case.name: case.make for case in PICTURES if case.leaves} | {
    name: (lambda data=data: data) for name, (_, data) in sources().items()
}


@pytest.mark.parametrize("name", sorted(MADE))
def test_every_image_that_leaves_is_sound_and_fits(name: str) -> None:
    data = MADE[name]()
    found = sniff(data)
    assert found is not None
    for goal in GOALS:
        fitted = images.fit(data, found.type, goal)
        assert len(fitted.data) <= goal.budget
        assert leftovers(fitted.data) == []
        with Image.open(BytesIO(fitted.data)) as picture:
            assert (picture.width, picture.height) == (fitted.width, fitted.height)
            assert picture.width <= goal.max_width
            assert picture.height <= goal.max_height
            assert Image.MIME[picture.format or ""] == fitted.mime
            assert fitted.mime in {"image/jpeg", "image/gif", "image/png"}
            for frame in ImageSequence.Iterator(picture):
                frame.load()
            if fitted.mime == "image/jpeg":
                assert jpeg_frames(fitted.data) == [0xC0]
                assert picture.mode in {"RGB", "L"}
