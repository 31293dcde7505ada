"""What the settings say of a bucket's addresses for phones, and what is refused at the start."""

from pathlib import Path

import msgspec
import pytest

from slidewire.runtime.configure import bucket_of
from slidewire.settings import Settings, SettingsError

PAGES = "https://m.example.net"


def settings_of(pages_url: str = PAGES, **s3: str) -> Settings:
    return msgspec.convert({"content": "s3://my-bucket/some", "pages_url": pages_url, "s3": s3}, Settings)


@pytest.mark.parametrize(
    ("s3", "pages_url", "seconds"),
    [
        pytest.param({}, PAGES, 0, id="not asked for"),
        pytest.param({"endpoint": "http://10.0.0.9:9000"}, PAGES, 0, id="not asked for, with a store inside"),
        pytest.param({"presigned": "1h"}, PAGES, 3600, id="the provider's own store"),
        pytest.param({"presigned": "7d"}, PAGES, 604_800, id="as long as S3 signs"),
        pytest.param(
            {"presigned": "1s", "endpoint": "http://127.0.0.1:9"}, "http://m.example.net", 1, id="all in http"
        ),
        pytest.param(
            {"presigned": "5m", "endpoint": "http://10.0.0.9:9000", "public_endpoint": "https://media.example.net"},
            PAGES,
            300,
            id="a store inside that phones reach elsewhere",
        ),
    ],
)
def test_says_how_long_an_address_holds(s3: dict[str, str], pages_url: str, seconds: int, tmp_path: Path) -> None:
    place = bucket_of(settings_of(pages_url, **s3), tmp_path)
    assert place is not None
    assert (place.presigned, place.public_endpoint) == (seconds, s3.get("public_endpoint", ""))


@pytest.mark.parametrize(
    ("s3", "why"),
    [
        pytest.param({"presigned": "8d"}, "at most 7d", id="longer than S3 signs"),
        pytest.param({"presigned": "0.5s"}, "at least 1s", id="less than a second"),
        pytest.param({"presigned": "soon"}, "s3.presigned", id="no time at all"),
        pytest.param(
            {"presigned": "1h", "endpoint": "http://10.0.0.9"}, "s3.public_endpoint", id="http in a page of https"
        ),
    ],
)
def test_refuses_what_phones_could_not_use(s3: dict[str, str], why: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=why):
        bucket_of(settings_of(**s3), tmp_path)
