"""The picture that the demo sends is worth fitting."""

import io

from PIL import Image

from slidewire.demo.scene import HEIGHT, LEAST_BYTES, MOST_BYTES, WIDTH, lighthouse
from slidewire.settings import LimitSettings


def test_it_is_a_large_jpeg_that_the_gateway_takes() -> None:
    picture = lighthouse()
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
        assert (opened.format, opened.size) == ("JPEG", (WIDTH, HEIGHT))
    assert LEAST_BYTES <= len(picture) <= MOST_BYTES < LimitSettings().image
    assert LimitSettings().pixels > WIDTH * HEIGHT
