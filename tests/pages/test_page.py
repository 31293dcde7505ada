"""The page itself: what it shows, to whom, and with which headers."""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.builders import DAY, HOUR, a_message, a_part, a_slide, an_account
from tests.pages.kit import HOST, KEPT_TO_ITSELF, PageHouse, page_house
from tests.store.kit import events_of, tasks_of

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.ids import new_token
from slidewire.domain.message import Content, Kind, Message, Part, Slide
from slidewire.store.database import Database


def a_page(pages: PageHouse, **changes: object) -> Message:
    """A message of the house's present whose link holds for a day."""
    now = pages.clock.now
    return a_message(**{"accepted_at": now, "link_expires_at": now + DAY} | changes)


def body_of(html: str) -> str:
    return html.partition("<body>")[2]


async def test_shows_the_slides_in_their_order(pages: PageHouse) -> None:
    slides = (
        Slide(text="One"),
        a_slide(text="Two"),
        Slide(text="Three", parts=(Part(Kind.PDF, "http://x/", Content("cd" * 32, 5_000, "application/pdf")),)),
    )
    token = await pages.publish(a_page(pages, slides=slides, subject="Hello there"))
    answer = await pages.get(f"/m/{token}")
    seen = re.findall(
        r"<h1[^>]*>([^<]*)|<h2[^>]*>([^<]*)|class=\"text\"[^>]*>([^<]*)|src=\"([^\"]*)|href=\"([^\"]*)", answer.text
    )
    assert ["".join(each) for each in seen] == [
        "icon.svg",
        "Hello there",
        "Slide 1 of 3",
        "One",
        "Slide 2 of 3",
        f"{token}/2-image-1280",
        f"{token}/2-image-640",
        "Two",
        "Slide 3 of 3",
        f"{token}/3-pdf.pdf",
        "Three",
    ]
    assert answer.status == 200


async def test_keeps_itself_to_itself(pages: PageHouse) -> None:
    answer = await pages.get(f"/m/{await pages.publish()}")
    policy = answer.headers.pop("content-security-policy")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; img-src 'self'; media-src 'self'; base-uri 'none';"
        r" form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-downloads",
        policy,
    )
    for name in ("date", "content-length", "connection"):
        answer.headers.pop(name, None)
    assert answer.headers == KEPT_TO_ITSELF | {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "private, no-cache",
        "vary": "accept-encoding",
    }


async def test_names_no_other_place_and_runs_nothing(pages: PageHouse) -> None:
    message = a_page(
        pages,
        slides=(a_slide(), a_slide(parts=(a_part(kind=Kind.VCARD, content=Content("cd" * 32, 9, "text/vcard")),))),
    )
    text = (await pages.get(f"/m/{await pages.publish(message)}")).text
    assert "<script" not in text
    assert "://" not in text
    assert not re.search(r"\son[a-z]+=", text)


async def test_what_strangers_wrote_is_text_and_no_markup(pages: PageHouse) -> None:
    nasty = "<script>alert(1)</script>\"'&{{ 7*7 }}<img src=x onerror=alert(1)>"
    message = a_page(pages, slides=(Slide(text=nasty),), subject=nasty, mask=nasty[:11])
    text = body_of((await pages.get(f"/m/{await pages.publish(message)}")).text)
    assert "<script" not in text
    assert "<img" not in text
    assert "{{ 7*7 }}" in text


async def test_an_address_in_a_text_is_no_link(pages: PageHouse) -> None:
    message = a_page(pages, slides=(Slide(text="Look: https://elsewhere.example/"),))
    text = body_of((await pages.get(f"/m/{await pages.publish(message)}")).text)
    assert "https://elsewhere.example/" in text
    assert "<a" not in text


async def test_a_page_without_a_subject_is_named_by_its_sender(pages: PageHouse) -> None:
    token = await pages.publish(a_page(pages, subject="", mask="Acme & Co"))
    assert "<title>Message from Acme &amp; Co</title>" in (await pages.get(f"/m/{token}")).text


async def test_tells_nobody_whom_it_was_sent_to(pages: PageHouse) -> None:
    message = a_page(pages, receiver="12025550123", client_reference="ref-77", name="Campaign X")
    answer = await pages.get(f"/m/{await pages.publish(message)}")
    assert [word for word in ("2025550123", "ref-77", "Campaign X", message.id, "http://") if word in answer.text] == []


async def test_the_longest_message_stays_below_50_kilobytes_on_the_wire(pages: PageHouse) -> None:
    # words of a language, not one letter again and again
    words = " ".join(f"{n * 7919 % 99991:x}" for n in range(1200))[:5000]
    slides = tuple(a_slide(text=words[n * 10 :] + words[: n * 10]) for n in range(9))
    token = await pages.publish(a_page(pages, slides=slides))
    plain = await pages.get(f"/m/{token}")
    packed = await pages.get(f"/m/{token}", Accept_Encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < 50_000
    short = await pages.get(f"/m/{await pages.publish(a_page(pages, slides=(a_slide(),) * 9))}")
    assert len(short.body) < 15_000


async def test_a_slash_behind_the_link_does_no_harm(pages: PageHouse) -> None:
    answer = await pages.get(f"/m/{await pages.publish()}/")
    assert answer.status == 200
    assert 'src="1-image-640"' in answer.text
    assert 'href="../icon.svg"' in answer.text


async def test_the_icon_is_everyones(pages: PageHouse) -> None:
    answer = await pages.get("/m/icon.svg")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_answers_a_head_request_with_the_headers_alone(pages: PageHouse) -> None:
    token = await pages.publish()
    got, head = await pages.get(f"/m/{token}"), await pages.get(f"/m/{token}", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(got.body)))
    assert (await pages.link(token)).openings == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_takes_nothing(pages: PageHouse, method: str) -> None:
    answer = await pages.get(f"/m/{await pages.publish()}", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


# the end of a link


async def test_an_expired_link_answers_410_for_the_page_and_every_file(pages: PageHouse) -> None:
    token = await pages.publish(a_page(pages, link_expires_at=pages.clock.now + HOUR))
    pages.clock.advance(HOUR - 1)
    assert (await pages.get(f"/m/{token}")).status == 200
    pages.clock.advance(1)
    answers = [await pages.get(f"/m/{token}{path}") for path in ("", "/", "/1-image-640", "/nothing")]
    assert [answer.status for answer in answers] == [410, 410, 410, 410]
    assert {answer.body for answer in answers} == {answers[0].body}
    assert answers[0].headers["cache-control"] == "no-store"
    assert "A subject" not in answers[0].text


async def test_a_revoked_link_answers_410(pages: PageHouse) -> None:
    token, other = await pages.publish(), await pages.publish()
    assert await pages.revoke(token)
    assert not await pages.revoke(token)
    assert [(await pages.get(f"/m/{each}")).status for each in (token, other)] == [410, 200]
    assert (await pages.get(f"/m/{token}/1-image-640")).status == 410


async def test_a_redacted_message_answers_410(pages: PageHouse) -> None:
    token = await pages.publish(a_page(pages, slides=()))
    assert (await pages.get(f"/m/{token}")).status == 410


# guesses


async def test_all_guesses_get_one_answer(pages: PageHouse) -> None:
    token = await pages.publish()
    guesses = [
        new_token(),
        "a" * 11,
        "short",
        "x" * 300,
        "",
        "%00%ff",
        "..%2f..%2fetc%2fpasswd",
        "'%20OR%201=1--",
        token[:-1],
        token + "a",
        token.swapcase(),
        new_token() + "/1-image-640",
    ]
    answers = [await pages.get(f"/m/{guess}") for guess in guesses]
    shapes = {(answer.status, answer.body, tuple(sorted({**answer.headers, "date": ""}.items()))) for answer in answers}
    assert len(shapes) == 1
    assert answers[0].status == 404


async def test_only_misses_are_limited_and_a_page_that_exists_is_always_shown(pages: PageHouse) -> None:
    token = await pages.publish()
    for _ in range(40):
        assert (await pages.get(f"/m/{token}")).status == 200
    statuses = [(await pages.get(f"/m/{new_token()}")).status for _ in range(31)]
    assert statuses == [404] * 30 + [429]
    limited = await pages.get(f"/m/{new_token()}")
    assert limited.headers["retry-after"] == "2"
    assert (await pages.get(f"/m/{token}")).status == 200
    pages.ticks[0] += 2
    assert (await pages.get(f"/m/{new_token()}")).status == 404


# openings


async def test_openings_are_counted_and_the_first_is_an_event(pages: PageHouse) -> None:
    message = a_page(pages)
    token = await pages.publish(message)
    opened_at = pages.clock.now
    await pages.get(f"/m/{token}")
    pages.clock.advance(1000)
    await pages.get(f"/m/{token}")
    link = await pages.link(token)
    assert (link.openings, link.bots, link.first_opened_at) == (2, 0, opened_at)
    assert await events_of(pages.database, message.id) == ["opened"]


async def test_bots_and_files_and_head_requests_are_no_openings(pages: PageHouse) -> None:
    message = a_page(pages)
    token = await pages.publish(message)
    await pages.get(f"/m/{token}", User_Agent="WhatsApp/2.23.20.0")
    await pages.get(f"/m/{token}", User_Agent="")
    await pages.get(f"/m/{token}", Sec_Purpose="prefetch;prerender")
    await pages.get(f"/m/{token}", "HEAD")
    await pages.get(f"/m/{token}/nothing")
    link = await pages.link(token)
    assert (link.openings, link.bots, link.first_opened_at) == (0, 3, None)
    assert await events_of(pages.database, message.id) == []


def who_asks(**changes: object) -> Account:
    """An account that wants to hear of openings."""
    words = {"postback_url": "http://127.0.0.1:9/", "opened_postback": True} | changes
    return an_account(settings=AccountSettings(**words))  # type: ignore[arg-type] # each word is its setting's type


async def postbacks_of(pages: PageHouse, message: Message) -> list[dict[str, Any]]:
    return [task for task in await tasks_of(pages.database, message.id) if task["kind"] == "notify"]


async def test_the_first_opening_is_posted_once_for_who_asked(pages: PageHouse) -> None:
    pages.account = who_asks()
    message = a_page(pages)
    token = await pages.publish(message)
    await pages.get(f"/m/{token}", User_Agent="WhatsApp/2.23.20.0")
    assert await postbacks_of(pages, message) == []
    await asyncio.gather(*(pages.get(f"/m/{token}") for _ in range(5)))
    await pages.get(f"/m/{token}")
    [task] = await postbacks_of(pages, message)
    assert (task["queue"], task["due_at"]) == ("notify:acct-1", pages.clock.now)
    said = {"code": "OPENED", "at": pages.clock.now, "ordered": True, "sent_as": "SMS"}
    assert msgspec.json.decode(task["body"]) == said
    assert pages.woken == ["notify:acct-1"]
    assert await events_of(pages.database, message.id) == ["opened"]


@pytest.mark.parametrize("words", [{"opened_postback": False}, {"postback_url": ""}], ids=["not asked", "no address"])
async def test_nobody_else_hears_of_an_opening(pages: PageHouse, words: dict[str, object]) -> None:
    pages.account = who_asks(**words)
    message = a_page(pages)
    await pages.get(f"/m/{await pages.publish(message)}")
    assert await postbacks_of(pages, message) == []
    assert await events_of(pages.database, message.id) == ["opened"]


# hosts


async def test_pages_answer_under_their_own_host_only(database: Database, tmp_path: Path) -> None:
    async with page_house(database, tmp_path, own_host=True) as pages:
        token = await pages.publish()
        hosts = (HOST, f"{HOST.upper()}:443", f"{HOST}.", "127.0.0.1", f"{HOST}:8080", f"evil.{HOST}", "")
        statuses = [(await pages.get(f"/m/{token}", Host=host)).status for host in hosts]
        assert statuses == [200, 200, 200, 404, 404, 404, 404]
        assert (await pages.get("/API/wxml/1.3/", Host=HOST)).status == 404
