"""Addresses that a bucket gives an object under: signed for one object and one method, under a type that cannot run."""

import hashlib
import hmac
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from tests.content.makers import ICAL, VCARD, mp3, mp4, pdf, photo, saved
from tests.fakes.bucket import NAME, Bucket, a_bucket

from slidewire.content.bucket import BucketPlace, BucketStore
from slidewire.content.presigned import told_type

FILM = mp4()
DIGEST = hashlib.sha256(FILM).hexdigest()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with a_bucket() as made:
        yield made


@pytest.fixture
def place(bucket: Bucket, tmp_path: Path) -> BucketPlace:
    keys = {"access_key": "testing", "secret_key": "a-secret", "region": "eu-central-1"}
    return BucketPlace(NAME, "some/where", tmp_path / "copies", bucket.endpoint, presigned=600, **keys)


def signature_of(address: str, secret: str) -> str:
    """What AWS would compute for a GET of ``address``: Signature Version 4 in the query."""
    parts = urlsplit(address)
    pairs = sorted((name, value) for name, value in parse_qsl(parts.query) if name != "X-Amz-Signature")
    given = dict(pairs)
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    request = "\n".join(["GET", parts.path, query, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    scope = given["X-Amz-Credential"].split("/", 1)[1]
    words = ["AWS4-HMAC-SHA256", given["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()]
    key = f"AWS4{secret}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.digest(key, "\n".join(words).encode(), "sha256").hex()


async def test_an_address_is_signed_for_one_object_and_says_nothing_of_the_secret(place: BucketPlace) -> None:
    async with BucketStore(place) as store:
        await store.put(DIGEST, FILM)
        address = await store.address(DIGEST, 10_000)
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query))
    assert parts.path == f"/{NAME}/some/where/{DIGEST[:2]}/{DIGEST}"
    assert given.keys() == {
        f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    }
    assert (given["X-Amz-Expires"], given["X-Amz-SignedHeaders"]) == ("600", "host")
    assert given["X-Amz-Signature"] == signature_of(address, "a-secret")
    assert "a-secret" not in address
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert (answer.headers["Content-Type"], answer.read()) == ("video/mp4", FILM)


async def test_an_address_holds_for_what_is_left_where_that_is_less(place: BucketPlace) -> None:
    async with BucketStore(place) as store:
        assert "X-Amz-Expires=7&" in await store.address(DIGEST, 7)


@pytest.mark.parametrize(
    ("endpoint", "path_style", "origin"),
    [
        pytest.param("https://s3.example.net", True, "https://s3.example.net", id="a store of its own"),
        pytest.param("https://s3.example.net:9000/", True, "https://s3.example.net:9000", id="with a port"),
        pytest.param("", True, "https://s3.eu-central-1.amazonaws.com", id="the provider's own"),
        pytest.param("", False, f"https://{NAME}.s3.eu-central-1.amazonaws.com", id="the bucket in the host name"),
    ],
)
async def test_phones_are_sent_where_they_reach_the_bucket(
    place: BucketPlace, endpoint: str, path_style: bool, origin: str
) -> None:
    public = replace(place, public_endpoint=endpoint, path_style=path_style)
    async with BucketStore(replace(public, endpoint=place.endpoint if endpoint else "")) as store:
        assert (await store.origin(), (await store.address(DIGEST, 9)).startswith(f"{origin}/")) == (origin, True)


async def test_nothing_is_signed_unless_it_is_asked_for(place: BucketPlace) -> None:
    async with BucketStore(replace(place, presigned=0)) as store:
        assert not store.signs


async def test_only_digests_are_signed_for(place: BucketPlace) -> None:
    async with BucketStore(place) as store:
        with pytest.raises(ValueError, match="SHA-256"):
            await store.address("../other/object", 60)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(FILM, "video/mp4", id="a film"),
        pytest.param(mp3(), "audio/mpeg", id="a sound"),
        pytest.param(saved(photo(8, 8)), "application/octet-stream", id="a picture"),
        pytest.param(VCARD, "application/octet-stream", id="a contact card"),
        pytest.param(ICAL, "application/octet-stream", id="a calendar event"),
        pytest.param(pdf(), "application/octet-stream", id="a document"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", "application/octet-stream", id="a page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream", id="a drawing"),
        pytest.param(b"", "application/octet-stream", id="nothing"),
    ],
)
def test_the_bucket_is_told_no_type_that_a_browser_runs_or_shows(body: bytes, told: str) -> None:
    assert told_type(body) == told
