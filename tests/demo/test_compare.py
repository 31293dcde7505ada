"""The demo's eye: the same picture passes however it was fitted, any other is told."""

import io

import pytest
from PIL import Image, ImageChops, ImageOps

from slidewire.demo.compare import DifferentError, compare
from slidewire.demo.scene import draw


def as_jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    return draw().resize((1600, 1200))


@pytest.mark.parametrize(("width", "height", "quality"), [(1600, 1200, 50), (800, 600, 80), (333, 250, 60)])
def test_a_smaller_copy_is_the_same_picture(scene: Image.Image, width: int, height: int, quality: int) -> None:
    copy = scene.resize((width, height), Image.Resampling.BILINEAR)
    likeness = compare(as_jpeg(scene), as_jpeg(copy, quality))
    assert (likeness.width, likeness.height) == (width, height)
    assert likeness.error > 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(ImageOps.mirror, id="mirrored"),
        pytest.param(ImageOps.flip, id="upside down"),
        pytest.param(ImageOps.invert, id="its negative"),
        pytest.param(lambda image: ImageChops.offset(image, image.width // 50, 0), id="shifted"),
        pytest.param(lambda image: Image.merge("RGB", image.split()[::-1]), id="with red and blue changed"),
        pytest.param(lambda image: Image.new("RGB", image.size, "#553366"), id="one colour"),
        pytest.param(lambda image: image.resize((16, 12)).resize(image.size), id="washed out"),
        pytest.param(lambda image: image.resize((800, 500)), id="pressed"),
        pytest.param(lambda image: image.rotate(90, expand=True), id="turned"),
    ],
)
def test_another_picture_is_told(scene: Image.Image, change: object) -> None:
    assert callable(change)
    with pytest.raises(DifferentError, match=r"differs from its source|changed its shape"):
        compare(as_jpeg(scene), as_jpeg(change(scene)))


@pytest.mark.parametrize("cut", [0, 10, 20_000])
def test_bytes_that_are_no_whole_picture_are_told(scene: Image.Image, cut: int) -> None:
    with pytest.raises(DifferentError, match="cannot be decoded"):
        compare(as_jpeg(scene), as_jpeg(scene)[:cut])
