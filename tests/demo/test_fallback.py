"""The fallback's steps pass when everything is as it must be, and any one of them fails when it is not."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from rich.console import Console

from slidewire.demo.cast import Cast, DemoError
from slidewire.demo.example import Example, read_example
from slidewire.demo.fallback import STEPS, play_fallback
from slidewire.demo.loopback import File
from slidewire.demo.report import Report
from slidewire.demo.scene import draw
from slidewire.demo.stage import PICTURE_PATH, Plan, Stage
from slidewire.domain.ids import new_key


def as_jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    return draw().resize((1600, 1200))


@pytest.fixture
async def cast(tmp_path: Path, scene: Image.Image) -> AsyncIterator[Cast]:
    """A stage whose picture is served."""
    async with Stage(Plan("demo", tmp_path)) as stage:
        stage.origin.files[PICTURE_PATH] = File("image/jpeg", as_jpeg(scene))
        yield Cast(stage, Report(Console(file=io.StringIO()), STEPS), 20.0, tmp_path)


async def an_example(cast: Cast, extra: str = "") -> Example:
    """The request of an account that there is, with more elements."""
    example = read_example().with_key(new_key()).with_picture(cast.stage.origin.url + PICTURE_PATH)
    await cast.stage.add_account("demo", example.key, example.sender)
    return Example(example.xml.replace(b"</REQUEST>", extra.encode() + b"</REQUEST>"))


async def test_every_step_is_told(cast: Cast, scene: Image.Image) -> None:
    sent = await play_fallback(cast, await an_example(cast), as_jpeg(scene))
    assert sent.example.receiver == "12025550109"
    assert (len(cast.report.steps), cast.report.stopped_at) == (STEPS, "")


async def test_another_picture_on_the_page_is_told(cast: Cast, scene: Image.Image) -> None:
    with pytest.raises(DemoError, match="on the page the picture differs from its source"):
        await play_fallback(cast, await an_example(cast), as_jpeg(ImageOps.mirror(scene)))
    assert cast.report.stopped_at == "the link in it leads to a page with the text and the picture"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        pytest.param("<DISABLEFALLBACKSMS>yes</DISABLEFALLBACKSMS>", "'CODE': 'E101'", id="no SMS"),
        pytest.param("<DISABLEFALLBACKSMSLINK>yes</DISABLEFALLBACKSMSLINK>", "the SMS says", id="no link"),
        pytest.param("<FORCE_SEND_AS_SMS>true</FORCE_SEND_AS_SMS>", "is why", id="another reason"),
    ],
)
async def test_what_is_not_as_it_must_be_is_told(cast: Cast, scene: Image.Image, extra: str, words: str) -> None:
    with pytest.raises(DemoError, match=words):
        await play_fallback(cast, await an_example(cast, extra), as_jpeg(scene))
