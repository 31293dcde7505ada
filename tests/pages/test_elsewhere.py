"""Sound and film that phones get from the bucket itself: what leaves so, for how long, and what never does."""

import re
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.builders import DAY, HOUR, a_message, an_id
from tests.content.makers import VCARD, mp3, mp4, pdf, photo, saved
from tests.fakes.bucket import NAME, Bucket, a_bucket
from tests.pages.kit import KEPT_TO_ITSELF, KEY, PHONE, PageHouse, page_house

from slidewire.content.bucket import BucketPlace
from slidewire.domain.inbound import Inbound, InboundPart, KeptInbound, Word
from slidewire.domain.message import Kind, Slide
from slidewire.domain.usage import Channel
from slidewire.store.database import Database
from slidewire.store.inbound import keep_inbound
from slidewire.store.links import PageLink, add_link

FILM = mp4() + bytes(range(256)) * 40


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with a_bucket() as made:
        yield made


@pytest.fixture
async def pages(database: Database, tmp_path: Path, bucket: Bucket) -> AsyncIterator[PageHouse]:
    """Pages over a bucket whose addresses hold for an hour."""
    keys = {"access_key": "testing", "secret_key": "testing", "region": "us-east-1"}
    place = BucketPlace(NAME, tmp_path.name, tmp_path / "copies", bucket.endpoint, presigned=3600, **keys)
    async with page_house(database, tmp_path, bucket=place) as house:
        yield house


async def publish(pages: PageHouse, lives: int = DAY) -> str:
    """A page with a film, a sound, a picture, a contact card and a document; its token."""
    now = pages.clock.now
    parts = (
        await pages.part(Kind.VIDEO, FILM, "video/mp4"),
        await pages.part(Kind.AUDIO, mp3(), "audio/mpeg"),
        await pages.part(Kind.IMAGE, saved(photo(400, 300)), "image/jpeg", width=400, height=300),
        await pages.part(Kind.VCARD, VCARD, "text/vcard"),
        await pages.part(Kind.PDF, pdf(), "application/pdf"),
    )
    slides = tuple(Slide(parts=(part,)) for part in parts)
    return await pages.publish(a_message(accepted_at=now, link_expires_at=now + lives, slides=slides))


def fetched(address: str, **headers: str) -> tuple[int, str, bytes]:
    """Status, type and body as a player gets them that has nothing but the address."""
    asked = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read()


async def test_a_player_is_sent_to_the_bucket_and_gets_its_range_there(pages: PageHouse, bucket: Bucket) -> None:
    token = await publish(pages)
    answer = await pages.get(f"/m/{token}/1-video.mp4?play", Range="bytes=5-9")
    address = answer.headers.pop("location")
    for name in ("date", "connection"):
        answer.headers.pop(name, None)
    assert (answer.status, answer.body) == (307, b"")
    assert answer.headers == KEPT_TO_ITSELF | {
        "content-length": "0",
        "cache-control": "no-store",
    }
    assert address.startswith(f"{bucket.endpoint}/{NAME}/")
    assert token not in address
    assert fetched(address) == (200, "video/mp4", FILM)
    assert fetched(address, Range="bytes=5-9") == (206, "video/mp4", FILM[5:10])
    sound = (await pages.get(f"/m/{token}/2-audio.mp3?play")).headers["location"]
    assert fetched(sound) == (200, "audio/mpeg", mp3())


async def test_the_page_lets_sound_and_film_come_from_exactly_that_origin(pages: PageHouse, bucket: Bucket) -> None:
    token = await publish(pages)
    page = await pages.get(f"/m/{token}")
    policy = page.headers["content-security-policy"]
    assert f" media-src 'self' {bucket.endpoint};" in policy
    assert policy.count(bucket.endpoint) == 1
    assert bucket.endpoint not in page.text, "no address of the bucket is in a page that may be kept"
    sources = re.findall(r'<source src="([^"]+)"', page.text)
    assert sources == [f"{token}/1-video.mp4?play", f"{token}/2-audio.mp3?play"]
    downloads = re.findall(r'href="([^"]+)" download', page.text)
    assert downloads == [f"{token}/{name}" for name in ("1-video.mp4", "2-audio.mp3", "4-vcard.vcf", "5-pdf.pdf")]


@pytest.mark.parametrize(
    ("part", "asked", "method"),
    [
        pytest.param("3-image-320", "?play", "GET", id="a picture, which is our own rendition"),
        pytest.param("4-vcard.vcf", "?play", "GET", id="a contact card"),
        pytest.param("5-pdf.pdf", "?play", "GET", id="a document"),
        pytest.param("1-video.mp4", "", "GET", id="a film that is to be saved"),
        pytest.param("1-video.mp4", "?play=1", "GET", id="another query"),
        pytest.param("1-video.mp4", "?play", "HEAD", id="a question about a film"),
    ],
)
async def test_everything_else_comes_from_us_with_our_headers(
    pages: PageHouse, part: str, asked: str, method: str
) -> None:
    token = await publish(pages)
    answer = await pages.get(f"/m/{token}/{part}{asked}", method)
    assert (answer.status, "location" in answer.headers) == (200, False)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_what_a_phone_sent_never_leaves_without_our_headers(pages: PageHouse) -> None:
    now = pages.clock.now
    part = InboundPart("film.mp4", await pages.put(FILM, "video/mp4"))
    message = Inbound("mmsc-a", "15557650001", "24680", "", now, channel=Channel.MMS, parts=(part,))
    kept = KeptInbound(an_id(), "acct-1", Word.NONE, message)
    token = KEY.token_of_inbound(kept.id)
    link = PageLink(KEY.digest(token), KEY.id, "acct-1", kept.id, now, now + DAY)
    await pages.database.write(lambda c: (keep_inbound(c, [kept]), add_link(c, link)))
    answer = await pages.get(f"/m/{token}/film.mp4?play")
    assert (answer.status, answer.body) == (200, FILM)
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_an_address_holds_no_longer_than_its_setting_and_than_its_page(pages: PageHouse) -> None:
    token = await publish(pages, lives=2 * HOUR)
    held = []
    for passed in (0, 90 * 60_000, 29 * 60_000):
        pages.clock.now += passed
        answer = await pages.get(f"/m/{token}/1-video.mp4?play")
        held.append(parse_qs(urlsplit(answer.headers["location"]).query)["X-Amz-Expires"])
    assert held == [["3600"], ["1800"], ["60"]]
    pages.clock.now += 60_000
    assert (await pages.get(f"/m/{token}/1-video.mp4?play")).status == 410


async def test_no_new_address_is_given_once_the_link_was_revoked(pages: PageHouse) -> None:
    token = await publish(pages)
    await pages.revoke(token)
    assert (await pages.get(f"/m/{token}/1-video.mp4?play")).status == 410


async def test_only_the_page_counts_as_an_opening(pages: PageHouse) -> None:
    token = await publish(pages)
    await pages.get(f"/m/{token}", user_agent=PHONE)
    await pages.get(f"/m/{token}/1-video.mp4?play")
    await pages.get(f"/m/{token}/2-audio.mp3?play")
    assert (await pages.link(token)).openings == 1
