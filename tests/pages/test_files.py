"""The files of a page: byte ranges, what may be kept, what is an attachment, and images as our own renditions only."""

import asyncio
import hashlib
from io import BytesIO

import pytest
from PIL import Image
from tests.builders import DAY, HOUR, a_message, an_id
from tests.content.makers import ICAL, VCARD, animated, animation, exif, mp3, mp4, pdf, photo, saved
from tests.pages.kit import KEPT_TO_ITSELF, KEY, PageHouse

from slidewire.domain.inbound import Inbound, InboundPart, KeptInbound, Word
from slidewire.domain.message import Content, Kind, Message, Part, Slide
from slidewire.domain.usage import Channel
from slidewire.store.inbound import keep_inbound
from slidewire.store.links import PageLink, add_link

#: Longer than one piece that is read at once, and no multiple of it.
FILM = mp4() + bytes(range(256)) * 1200
FILE_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " sandbox"
)


async def publish(pages: PageHouse, *parts: Part, **changes: object) -> str:
    """A page with one slide a part."""
    now = pages.clock.now
    slides = tuple(Slide(parts=(part,)) for part in parts)
    message: Message = a_message(**{"accepted_at": now, "link_expires_at": now + DAY, "slides": slides} | changes)
    return await pages.publish(message)


@pytest.fixture
async def film(pages: PageHouse) -> str:
    """The address of a film."""
    token = await publish(pages, await pages.part(Kind.VIDEO, FILM, "video/mp4"))
    return f"/m/{token}/1-video.mp4"


@pytest.fixture
async def tag(pages: PageHouse, film: str) -> str:
    """The film's entity tag."""
    return (await pages.get(film)).headers["etag"]


async def test_a_film_is_served_whole_in_many_pieces(pages: PageHouse, film: str) -> None:
    answer = await pages.get(film)
    for name in ("date", "connection", "etag"):
        answer.headers.pop(name, None)
    assert (answer.status, answer.body) == (200, FILM)
    assert answer.headers == KEPT_TO_ITSELF | {
        "content-type": "video/mp4",
        "content-length": str(len(FILM)),
        "content-disposition": 'inline; filename="video-1.mp4"',
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=86400",
        "content-security-policy": FILE_POLICY,
    }


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        pytest.param("bytes=0-1", 0, 2, id="the first two bytes, as iPhones begin"),
        pytest.param("bytes=0-", 0, None, id="everything"),
        pytest.param("bytes=131000-131200", 131000, 131201, id="across two pieces"),
        pytest.param("bytes=100-99999999", 100, None, id="an end behind the end"),
        pytest.param("bytes=-10", len(FILM) - 10, None, id="the last ten bytes"),
        pytest.param("bytes=-99999999", 0, None, id="more last bytes than there are"),
        pytest.param("BYTES= 5-9 ", 5, 10, id="blanks and upper case"),
    ],
)
async def test_answers_a_range(pages: PageHouse, film: str, asked: str, start: int, end: int | None) -> None:
    answer = await pages.get(film, Range=asked)
    body = FILM[start:end]
    assert (answer.status, answer.body) == (206, body)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(body) - 1}/{len(FILM)}"
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("asked", ["bytes=99999999-", f"bytes={len(FILM)}-", "bytes=-0", f"bytes={10**17}-{10**17}"])
async def test_a_range_behind_the_end_is_416(pages: PageHouse, film: str, asked: str) -> None:
    answer = await pages.get(film, Range=asked)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(FILM)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-4", "bytes=a-b", "bytes=-", "bytes", "lines=1-2", "bytes=0-1,5-6", "bytes=1-2-3", f"bytes={'9' * 40}-"],
)
async def test_what_is_no_single_range_is_answered_with_the_whole(pages: PageHouse, film: str, asked: str) -> None:
    answer = await pages.get(film, Range=asked)
    assert (answer.status, answer.body) == (200, FILM)


async def test_if_range_gives_the_part_only_of_the_file_that_was_begun(pages: PageHouse, film: str, tag: str) -> None:
    same = await pages.get(film, Range="bytes=0-9", If_Range=tag)
    other = await pages.get(film, Range="bytes=0-9", If_Range='"another"')
    weak = await pages.get(film, Range="bytes=0-9", If_Range=f"W/{tag}")
    dated = await pages.get(film, Range="bytes=0-9", If_Range="Sun, 22 Nov 2026 00:00:00 GMT")
    assert [answer.status for answer in (same, other, weak, dated)] == [206, 200, 200, 200]


async def test_if_none_match_spares_the_way(pages: PageHouse, film: str, tag: str) -> None:
    for asked in (tag, f'"x", W/{tag}', "*"):
        answer = await pages.get(film, If_None_Match=asked, Range="bytes=0-9")
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
        assert "content-length" not in answer.headers
    assert (await pages.get(film, If_None_Match='"another"')).status == 200


async def test_a_head_request_tells_the_size_and_sends_nothing(pages: PageHouse, film: str) -> None:
    answer = await pages.get(film, "HEAD", Range="bytes=0-9")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", str(len(FILM)))
    assert answer.headers["accept-ranges"] == "bytes"


async def test_nothing_may_be_kept_longer_than_its_link(pages: PageHouse) -> None:
    token = await publish(
        pages,
        await pages.part(Kind.VIDEO, FILM, "video/mp4"),
        await pages.part(Kind.IMAGE, saved(photo(64, 48)), "image/jpeg", width=64, height=48),
        link_expires_at=pages.clock.now + HOUR,
    )
    pages.clock.advance(HOUR // 2)
    for part in ("1-video.mp4", "2-image-64"):
        assert (await pages.get(f"/m/{token}/{part}")).headers["cache-control"] == "private, max-age=1800"


@pytest.mark.parametrize(
    ("kind", "body", "name", "told"),
    [
        (Kind.VCARD, VCARD, "1-vcard.vcf", ("text/vcard", 'attachment; filename="contact-1.vcf"')),
        (Kind.ICAL, ICAL, "1-ical.ics", ("text/calendar", 'attachment; filename="event-1.ics"')),
        (Kind.PDF, pdf(), "1-pdf.pdf", ("application/pdf", 'attachment; filename="document-1.pdf"')),
        (Kind.AUDIO, mp3(), "1-audio.mp3", ("audio/mpeg", 'inline; filename="sound-1.mp3"')),
        (Kind.VIDEO, mp4(b"3gp4"), "1-video.3gp", ("video/3gpp", 'inline; filename="video-1.3gp"')),
    ],
)
async def test_every_kind_leaves_under_its_own_type(
    pages: PageHouse, kind: Kind, body: bytes, name: str, told: tuple[str, str]
) -> None:
    token = await publish(pages, await pages.part(kind, body, told[0]))
    answer = await pages.get(f"/m/{token}/{name}")
    assert (answer.status, answer.body) == (200, body)
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == told


@pytest.mark.parametrize("type_", ["text/html", "image/svg+xml", "application/xhtml+xml", "video/quicktime", ""])
async def test_no_other_type_leaves(pages: PageHouse, type_: str) -> None:
    part = await pages.part(Kind.VIDEO, b"<script>alert(1)</script>", type_)
    token = await publish(pages, part)
    for name in ("1-video", "1-video.mp4", "1-video.html", part.content.digest):
        assert (await pages.get(f"/m/{token}/{name}")).status == 404
    assert "cannot be shown here" in (await pages.get(f"/m/{token}")).text


async def test_a_file_that_is_gone_answers_410(pages: PageHouse) -> None:
    gone = Part(Kind.VIDEO, "http://x/", Content("cd" * 32, 5_000, "video/mp4"))
    picture = Part(Kind.IMAGE, "http://x/", Content("ef" * 32, 5_000, "image/jpeg", 64, 48))
    token = await publish(pages, gone, picture)
    assert [(await pages.get(f"/m/{token}/{name}")).status for name in ("1-video.mp4", "2-image-64")] == [410, 410]


# images


async def test_images_are_our_own_renditions_without_what_the_camera_wrote(pages: PageHouse) -> None:
    original = saved(photo(1600, 1200), exif=exif(), comment=b"SecretComment")
    part = await pages.part(Kind.IMAGE, original, "image/jpeg", width=1600, height=1200)
    token = await publish(pages, part)
    for width in (320, 640, 1280):
        answer = await pages.get(f"/m/{token}/1-image-{width}")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.body != original
        assert b"Secret" not in answer.body
        assert b"Exif" not in answer.body
        with Image.open(BytesIO(answer.body)) as image:
            assert image.size == (width, width * 3 // 4)
    for name in ("1-image", "1-image-1600", "1-image-1281", "1-image-0640", "2-image-640", part.content.digest):
        assert (await pages.get(f"/m/{token}/{name}")).status == 404


async def test_a_small_image_leaves_stripped_and_not_enlarged(pages: PageHouse) -> None:
    original = saved(photo(200, 100), exif=exif())
    token = await publish(pages, await pages.part(Kind.IMAGE, original, "image/jpeg", width=200, height=100))
    answer = await pages.get(f"/m/{token}/1-image-200")
    assert b"SecretCamera" in original
    assert b"SecretCamera" not in answer.body
    assert f'srcset="{token}/1-image-200 200w"' in (await pages.get(f"/m/{token}")).text


async def test_an_animation_stays_one(pages: PageHouse) -> None:
    film = animated(animation(4))
    token = await publish(pages, await pages.part(Kind.IMAGE, film, "image/gif", width=96, height=72, frames=4))
    answer = await pages.get(f"/m/{token}/1-image-96")
    with Image.open(BytesIO(answer.body)) as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("GIF", 4)


async def test_an_image_is_made_once_and_told_by_its_bytes(pages: PageHouse) -> None:
    part = await pages.part(Kind.IMAGE, saved(photo(400, 300)), "image/jpeg", width=400, height=300)
    tokens = [await publish(pages, part), await publish(pages, part)]
    answers = [await pages.get(f"/m/{token}/1-image-320") for token in tokens]
    tag = f'"{hashlib.sha256(answers[0].body).hexdigest()[:32]}"'
    assert [answer.headers["etag"] for answer in answers] == [tag, tag]
    again = await pages.get(f"/m/{tokens[0]}/1-image-320", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    ranged = await pages.get(f"/m/{tokens[0]}/1-image-320", Range="bytes=10-19")
    assert (ranged.status, ranged.body) == (206, answers[0].body[10:20])


async def test_an_image_that_cannot_be_shown_is_a_404_and_no_5xx(pages: PageHouse) -> None:
    token = await publish(pages, await pages.part(Kind.IMAGE, b"no image at all", "image/jpeg", width=64, height=48))
    assert (await pages.get(f"/m/{token}/1-image-64")).status == 404


async def test_a_player_that_leaves_in_the_middle_does_no_harm(pages: PageHouse) -> None:
    long = FILM * 60
    token = await publish(pages, await pages.part(Kind.VIDEO, long, "video/mp4"))
    for _ in range(3):
        reader, writer = await asyncio.open_connection(*pages.address)
        writer.write(f"GET /m/{token}/1-video.mp4 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await reader.read(100)).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
    answer = await pages.get(f"/m/{token}/1-video.mp4", Range="bytes=-1000")
    assert (answer.status, answer.body) == (206, long[-1000:])


async def test_what_phones_sent_is_fetched_and_never_shown(pages: PageHouse) -> None:
    """It came from strangers: whatever it is, a browser saves it."""
    now = pages.clock.now
    files = {"1.jpg": "image/jpeg", "2.txt": "text/plain", "3.html": "text/html", "4.svg": "image/svg+xml"}
    parts = tuple([InboundPart(name, await pages.put(name.encode(), type_)) for name, type_ in files.items()])
    message = Inbound("mmsc-a", "15557650001", "24680", "", now, channel=Channel.MMS, parts=parts)
    kept = KeptInbound(an_id(), "acct-1", Word.NONE, message)
    token = KEY.token_of_inbound(kept.id)
    link = PageLink(KEY.digest(token), "acct-1", KEY.id, kept.id, now, now + DAY)
    await pages.database.write(lambda c: (keep_inbound(c, [kept]), add_link(c, link)))
    told = []
    for name in files:
        answer = await pages.get(f"/m/{token}/{name}")
        assert answer.headers["content-security-policy"] == FILE_POLICY
        told.append((answer.status, answer.headers["content-type"], answer.headers["content-disposition"], answer.text))
    unknown = "application/octet-stream"
    assert told == [
        (200, "image/jpeg", 'attachment; filename="file-1.jpg"', "1.jpg"),
        (200, "text/plain; charset=utf-8", 'attachment; filename="file-2.txt"', "2.txt"),
        (200, unknown, 'attachment; filename="file-3.html"', "3.html"),
        (200, unknown, 'attachment; filename="file-4.svg"', "4.svg"),
    ]
    assert (await pages.get(f"/m/{token}/2.txt", Range="bytes=2-")).text == "txt"
    assert [(await pages.get(f"/m/{token}{path}")).status for path in ("", "/", "/5.jpg")] == [404] * 3
    pages.clock.advance(DAY)
    assert (await pages.get(f"/m/{token}/1.jpg")).status == 410
