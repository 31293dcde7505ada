"""What a media child takes over the largest images that we let in (adr 0022)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from tests.content import makers

from slidewire.content.jobs import FitJob, InspectJob, Source
from slidewire.content.pool import MediaPool, PoolSettings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "mime"),
    [
        pytest.param(lambda: makers.saved(large((8600, 5800)), quality=30), "image/jpeg", id="a JPEG of 50 MP"),
        pytest.param(
            lambda: makers.saved(large(), quality=50, progressive=True, subsampling=0), "image/jpeg", id="progressive"
        ),
        pytest.param(lambda: makers.saved(see_through((5000, 5000)), "PNG"), "image/png", id="25 MP with alpha"),
        pytest.param(lambda: makers.png_bomb(4999), "image/png", id="25 MP in 70 kB"),
        pytest.param(
            lambda: makers.saved(see_through((3500, 3500)), "WEBP", method=0), "image/webp", id="a WebP of 12 MP"
        ),
        pytest.param(
            lambda: makers.animated([large((500, 500)).rotate(n) for n in range(99)]), "image/gif", id="99 frames"
        ),
    ],
)
async def test_a_childs_memory_stays_under_its_bound(data: Callable[[], bytes], mime: str) -> None:
    """The peak of a child over the largest images that we take: 300 MB."""
    source = Source(data=data())
    async with MediaPool(PoolSettings(children=1)) as pool:
        await pool.inspect(InspectJob(source, mime, 50_000_000))
        await pool.fit(FitJob(source, mime, 50_000_000, 600_000, 2592, 1944))
        status = Path(f"/proc/{pool.pids[0]}/status").read_text()
    (peak,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak < 300_000


def large(size: tuple[int, int] = (5000, 5000)) -> Image.Image:
    return makers.photo(500, 500).resize(size)


def see_through(size: tuple[int, int]) -> Image.Image:
    picture = makers.screenshot(*size)
    picture.putalpha(Image.linear_gradient("L").resize(size))
    return picture
