"""The handset's pages and its JSON API: what they tell, and that nothing foreign gets a foothold in them."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from tests.simulator.builder import FAMILY, TXT, Submit, jpeg, named, smil
from tests.simulator.builder import part as mime_part

if TYPE_CHECKING:
    from tests.simulator.conftest import Bench

PICTURE = jpeg()
HOSTILE = "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
IN_XML = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")


async def page(bench: Bench, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    async with bench.http.get(bench.simulator.http_url + path, headers=headers) as answer:
        return answer.status, (await answer.read()).decode("utf-8", "replace"), dict(answer.headers)


async def test_tells_a_message_whole(bench: Bench) -> None:
    answer = await bench.submit(Submit(receiver="+15551230000", picture=PICTURE))
    await bench.catcher.wait_for(1)
    await bench.fates(1, "15551230000", "Retrieved")
    (kept,) = await bench.get("/api/messages")
    varying: dict[str, Any] = {name: kept.pop(name) for name in ("arrived_at", "reports", "size")}
    assert kept == {
        "id": 1,
        "message_id": answer["MessageID"],
        "transaction_id": "tx-+15551230000",
        "namespace": f"{FAMILY}REL-6-MM7-1-4",
        "version": "6.8.0",
        "vasp_id": "gw",
        "vas_id": "gw",
        "sender": "28444",
        "receiver": "15551230000",
        "receivers": ["15551230000"],
        "display_only": [],
        "subject": "Hello",
        "wants_report": True,
        "cancelled": False,
        "fates": {"15551230000": "Retrieved"},
        "parts": [
            part("smil.smil", "application/smil", 0, len(Submit().smil)),
            part("one.jpg", "image/jpeg", 1, len(PICTURE)),
            part("one.txt", "text/plain", 2, 15),
        ],
        "slides": [
            {
                "seconds": 5.0,
                "pieces": [{"kind": "image", "part": 1}, {"kind": "text", "part": 2, "text": "Hé, hello 🌍"}],
            }
        ],
    }
    assert varying["size"] == len(Submit(receiver="+15551230000", picture=PICTURE).body())
    assert await bench.get("/api/messages/1") == {
        **kept,
        **varying,
        "reports": (await bench.get("/api/messages"))[0]["reports"],
    }


def part(name: str, kind: str, number: int, size: int) -> dict[str, Any]:
    return {"number": number, "name": name, "type": kind, "size": size, "content_id": name, "location": name}


@pytest.mark.parametrize(
    ("kind", "name", "served", "as_file"),
    [
        pytest.param("image/jpeg", "a.jpg", "image/jpeg", False, id="an image"),
        pytest.param("audio/mpeg", "a.mp3", "audio/mpeg", False, id="a sound"),
        pytest.param("video/mp4", "a.mp4", "video/mp4", False, id="a film"),
        pytest.param("text/plain; charset=utf-8", "a.txt", "text/plain; charset=utf-8", False, id="a text"),
        pytest.param("application/pdf", "a.pdf", "application/octet-stream", True, id="a document"),
        pytest.param("text/x-vcard", "a.vcf", "application/octet-stream", True, id="a contact"),
        pytest.param("video/x-unknown", "a.bin", "application/octet-stream", True, id="an unknown film"),
        pytest.param("audio/html", "a.html", "application/octet-stream", True, id="a disguise"),
    ],
)
async def test_serves_parts_as_types_that_run_nothing(
    bench: Bench, kind: str, name: str, served: str, as_file: bool
) -> None:
    first = named(kind, name, PICTURE if "image" in kind else b"<script>")
    text = named("text/plain; charset=utf-8", "one.txt", b"x")
    assert (await bench.submit(Submit(media=(text, first), smil=smil(TXT)))).code == 1000
    status, _, headers = await page(bench, "/api/messages/1/parts/2")
    assert (status, headers["Content-Type"]) == (200, served)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers.get("Content-Disposition") == (f'attachment; filename="{name}"' if as_file else None)


@pytest.mark.parametrize(
    ("wanted", "status", "body", "place"),
    [
        ("bytes=0-1", 206, "he", "bytes 0-1/5"),
        ("bytes=3-", 206, "lo", "bytes 3-4/5"),
        ("bytes=3-99", 206, "lo", "bytes 3-4/5"),
        ("bytes=9-", 416, "", "bytes */5"),
        ("bytes=3-1", 416, "", "bytes */5"),
        ("bytes=-2", 200, "hello", None),
        ("pages=1-2", 200, "hello", None),
        ("bytes=0-1,3-4", 200, "hello", None),
    ],
)
async def test_serves_the_range_that_a_player_asks_for(
    bench: Bench, wanted: str, status: int, body: str, place: str | None
) -> None:
    await bench.submit(Submit(text=b"hello"))
    found = await page(bench, "/api/messages/1/parts/2", Range=wanted)
    assert (found[0], found[1], found[2].get("Content-Range")) == (status, body, place)


async def test_escapes_everything_that_is_foreign(bench: Bench) -> None:
    identity = f"<m:VASPID>{IN_XML}</m:VASPID><m:VASID>{IN_XML}</m:VASID>"
    changed = {"Subject": IN_XML, "SenderIdentification": identity}
    soap = Submit(changed=changed).body()
    soap = soap.replace(b"tx-15551230000", IN_XML.encode())
    assert (await bench.post(soap, Submit().headers())).code == 1000
    await bench.submit(Submit(text=HOSTILE.encode(), changed={"Subject": ""}))
    for path in ("/", "/phone/15551230000"):
        status, html, _ = await page(bench, path)
        assert status == 200
        assert ESCAPED in html
        assert "<script>" not in html
        assert "<img src=x" not in html


async def test_escapes_what_stands_in_an_attribute(bench: Bench) -> None:
    picture = mime_part("image/jpeg", PICTURE, 'Content-ID: <a"onerror="alert(1)>')
    show = smil('<img src="cid:a&quot;onerror=&quot;alert(1)" region="Image"/>')
    assert (await bench.submit(Submit(media=(picture,), smil=show))).code == 1000
    _, html, _ = await page(bench, "/phone/15551230000")
    assert 'alt="a&quot;onerror=&quot;alert(1)"' in html
    assert 'onerror="' not in html


async def test_escapes_the_number_in_the_address(bench: Bench) -> None:
    status, html, _ = await page(bench, "/phone/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert status == 404 or "<script>" not in html
    status, html, _ = await page(bench, "/phone/%3Cscript%3Ealert(1)")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_pages_are_under_a_strict_policy_and_need_nothing_from_outside(bench: Bench) -> None:
    await bench.submit(Submit())
    for path in ("/", "/phone/15551230000", "/phone/999"):
        status, html, headers = await page(bench, path)
        assert status == 200
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=|javascript:", html)
        assert set(re.findall(r"https?://[^\s<\"]+", html)) <= {bench.simulator.mm7_url}


async def test_static_files_are_served_and_need_nothing_from_outside(bench: Bench) -> None:
    names = sorted(entry.name for entry in resources.files("slidewire.simulator").joinpath("static").iterdir())
    assert names == ["handset.css", "handset.js", "mark.svg"]
    for name in names:
        status, text, headers = await page(bench, f"/static/{name}")
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert set(re.findall(r"https?://[^\s\"']+", text)) <= {"http://www.w3.org/2000/svg"}


async def test_shows_the_slides_on_the_phone(bench: Bench) -> None:
    await bench.submit(Submit(text=b"Zeile eins\nZeile zwei"))
    _, html, _ = await page(bench, "/phone/15551230000")
    assert '<img src="/api/messages/1/parts/1" alt="one.jpg" class="bubble">' in html
    assert '<p class="bubble text" dir="auto">Zeile eins\nZeile zwei</p>' in html
    _, html, _ = await page(bench, "/")
    assert 'href="/phone/15551230000"' in html


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/static/app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/api/messages/9", 404),
        ("GET", "/api/messages/9/parts/0", 404),
        ("GET", "/api/messages/1/parts/99", 404),
        ("GET", "/api/messages/9/screen.png", 404),
        ("GET", "/api/messages/-1", 404),
        ("GET", "/api/messages/" + "9" * 400, 404),
        ("POST", "/", 405),
        ("DELETE", "/api/messages/1", 405),
        ("POST", "/api/chaos", 405),
        ("HEAD", "/", 200),
        ("GET", "/healthz", 200),
        ("GET", "/api/version", 200),
    ],
)
async def test_answers_only_what_there_is(bench: Bench, method: str, path: str, status: int) -> None:
    await bench.submit(Submit())
    async with bench.http.request(method, bench.simulator.http_url + path) as answer:
        assert answer.status == status


async def test_health_and_version_follow_the_inbox(bench: Bench) -> None:
    assert await bench.get("/healthz") == {"status": "ok", "messages": 0}
    before = (await bench.get("/api/version"))["version"]
    await bench.submit(Submit())
    assert await bench.get("/healthz") == {"status": "ok", "messages": 1}
    assert (await bench.get("/api/version"))["version"] > before


async def test_forgets_on_demand_and_counts_on(bench: Bench) -> None:
    await bench.submit(Submit())
    async with bench.http.delete(bench.simulator.http_url + "/api/messages") as answer:
        assert answer.status == 204
    assert await bench.get("/api/messages") == []
    await bench.submit(Submit())
    assert [kept["id"] for kept in await bench.get("/api/messages")] == [2]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:80", 200),
        ("localhost", 200),
        ("localhost:8080", 200),
        ("[::1]:80", 200),
        ("[::1]", 200),
        ("evil.example", 421),
        ("evil.example:80", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
async def test_on_loopback_no_foreign_name_leads_here(bench: Bench, host: str, status: int) -> None:
    assert (await page(bench, "/api/messages", Host=host))[0] == status


async def test_a_page_from_elsewhere_gets_no_leave_to_change_things(bench: Bench) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    async with bench.http.options(bench.simulator.http_url + "/api/messages", headers=headers) as answer:
        assert answer.status == 405
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
