"""Provisioning over /admin/v1: every call does what the command does, is audited, and shows in a later call."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from tests.story.house import House, Plan, house, request, until

TOKEN = "an-admin-token-that-nobody-guesses-01"
ROOT = "/admin/v1"
PHONE = "12025550143"


class Admin:
    """Whoever holds the token."""

    def __init__(self, home: House, token: str = TOKEN) -> None:
        self._home = home
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(self, method: str, path: str, wanted: int, body: Any = None, **more: str) -> Any:
        """The answer's JSON, once its status was compared."""
        headers = {**self._headers, **more}
        url = path if path.startswith("http") else f"{self._home.admin}{ROOT}{path}"
        async with self._home.http.request(method, url, json=body, headers=headers) as answer:
            kind = "application/json" if answer.status < 300 else "application/problem+json"
            assert (answer.status, answer.content_type) == (wanted, kind), await answer.text()
            assert answer.headers["Cache-Control"] == "no-store"
            return await answer.json(content_type=None)

    async def get(self, path: str) -> Any:
        return await self.ask("GET", path, 200)

    async def post(self, path: str, body: Any = None, wanted: int = 200) -> Any:
        return await self.ask("POST", path, wanted, body)

    async def audited(self) -> list[tuple[str, str]]:
        """Who did what, the newest first."""
        return [(row["who"], row["action"]) for row in (await self.get("/audit"))["items"]]


@pytest.fixture
async def home(plan: Plan) -> AsyncIterator[House]:
    plan.settings["admin_token"] = TOKEN
    async with house(plan) as home:
        yield home


def changed(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names}


async def test_an_account_is_made_used_changed_and_turned_off(home: House) -> None:
    admin = Admin(home)
    wish = {"name": "acme", "senders": ["24681", "+12025550199"], "settings": {"max_slides": "5"}}
    made = await admin.post("/accounts", wish, 201)
    assert changed(made, "name", "senders") == {"name": "acme", "senders": ["24681", "12025550199"]}
    assert len(made["key"]) == 32

    async def known() -> bool:
        return "<STATUS>Success" in await home.post(
            f"<REQUEST><ACTION>loginUser</ACTION><API_KEY>{made['key']}</API_KEY></REQUEST>"
        )

    await until(known, 10, "the gateway to know the account")
    account = f"/accounts/{made['id']}"
    shown = await admin.get(account)
    assert changed(shown, "name", "disabled", "set") == {"name": "acme", "disabled": False, "set": ["max_slides"]}
    assert made["key"] not in str(shown)
    set_ = {"settings": {"max_slides": "3", "postback_secret": "new"}, "senders": ["24682"]}
    told = await admin.ask("PATCH", account, 200, set_)
    assert changed(told, "senders", "set") == {
        "senders": ["12025550199", "24681", "24682"],
        "set": ["max_slides", "postback_secret"],
    }
    assert told["postback_secret"].startswith("whsec_")
    assert (await admin.get(account))["settings"]["postback_secret"] == "(sealed)"
    new = await admin.post(f"{account}/keys", {"overlap": 60, "name": "second"}, 201)
    keys = (await admin.get(f"{account}/keys"))["items"]
    assert [(key["name"], bool(key["ends_at"])) for key in keys] == [("second", False), ("", True)]
    assert new["id"] == made["id"]
    assert await admin.post(f"{account}/disable") == {"id": made["id"], "name": "acme", "disabled": True}
    assert (await admin.get("/accounts/acme"))["disabled"] is True
    assert (await admin.post(f"{account}/enable"))["disabled"] is False
    assert await admin.audited() == [
        ("admin_token from 127.0.0.1", action)
        for action in (
            "account enabled",
            "account disabled",
            "key rotated",
            "senders added",
            "settings changed",
            "account added",
        )
    ] + [("slidewire", "account added")]


async def test_lists_go_on_where_they_ended(home: House) -> None:
    admin = Admin(home)
    made = ["acct-1", *[(await admin.post("/accounts", {"name": f"a{n}"}, 201))["id"] for n in range(3)]]
    found: list[str] = []
    after: str | None = ""
    while True:
        page = await admin.get(f"/accounts?limit=2&after={after}")
        found += [row["id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == sorted(made)
    await admin.post("/blocks", {"numbers": [PHONE, "12025550144"]})
    await admin.post("/blocks", {"numbers": [PHONE], "account": "acct-1"})
    blocks: list[tuple[str, str]] = []
    after = ""
    while after is not None:
        page = await admin.get(f"/blocks?limit=1&after={after}")
        blocks += [(row["number"], row["account"]) for row in page["items"]]
        after = page["next"]
    assert blocks == [(PHONE, ""), (PHONE, "acct-1"), ("12025550144", "")]
    first = await admin.get("/audit?limit=2")
    second = await admin.get(f"/audit?limit=100&before={first['next']}")
    whole = await admin.get("/audit")
    assert first["items"] + second["items"] == whole["items"]


async def test_campaigns_are_made_joined_left_and_closed(home: House) -> None:
    admin = Admin(home)
    made = await admin.post("/accounts/acct-1/campaigns", {"ref": "spring list/1", "brand": "Acme"}, 201)
    assert changed(made, "ref", "name", "closed_at") == {
        "ref": "spring list/1",
        "name": "spring list/1",
        "closed_at": "",
    }
    campaign = "/accounts/acct-1/campaigns/spring%20list%2F1"
    there = f"{campaign}/subscriptions/%2B{PHONE}"
    joined = {"campaign": "spring list/1", "number": PHONE, "state": "subscribed"}
    assert await admin.ask("PUT", f"{home.admin}{ROOT}{there}", 200) == joined
    [row] = (await admin.get(f"{campaign}/subscriptions"))["items"]
    assert changed(row, "number", "state", "source") == {"number": PHONE, "state": "subscribed", "source": "MANAGER"}
    assert (await admin.ask("DELETE", there, 200))["state"] == "removed"
    assert (await admin.post(f"{campaign}/close"))["ref"] == "spring list/1"
    problem = await admin.post(f"{campaign}/close", wanted=404)
    assert problem == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no open campaign spring list/1",
    }
    [listed] = (await admin.get("/campaigns"))["items"]
    assert listed["closed_at"] != ""
    await admin.post("/accounts/acct-1/campaigns", {"ref": "spring list/1"}, 409)


async def test_a_blocked_phone_is_not_sent_to_until_its_block_is_taken_away(home: House) -> None:
    admin = Admin(home)
    assert await admin.post("/blocks", {"numbers": ["+15557650020"], "note": "by letter"}) == {
        "blocked": ["15557650020"]
    }
    assert "E114" in await home.post(request())
    [row] = (await admin.get("/blocks?number=15557650020"))["items"]
    assert changed(row, "note", "account", "source") == {"note": "by letter", "account": "", "source": "MANAGER"}
    assert await admin.ask("DELETE", "/blocks/15557650020", 200) == {"unblocked": "15557650020"}
    await admin.ask("DELETE", "/blocks/15557650020", 404)
    assert "Success" in await home.post(request())


async def test_a_message_is_followed_its_postback_posted_again_and_its_traces_taken_away(home: House) -> None:
    admin = Admin(home)
    tracking_id = await home.send()
    await home.until_told(tracking_id, "N101", "N102")
    shown = await admin.get(f"/messages/{tracking_id}")
    assert changed(shown, "status", "to", "account") == {
        "status": "delivered",
        "to": "15557650020",
        "account": "acct-1",
    }
    assert [row["tracking_id"] for row in (await admin.get("/messages?account=story"))["items"]] == [tracking_id]

    async def received() -> bool:
        rows = (await admin.get(f"/postbacks?message={tracking_id}&state=received"))["items"]
        return ",".join(row["code"] for row in rows) == "N102,N101"

    await until(received, 10, "both postbacks received")
    assert await admin.post(f"/messages/{tracking_id}/postbacks/resend", {"code": "N102"}) == {"postbacks": 1}
    await home.until_told(tracking_id, "N101", "N102", "N102")
    await until(received, 10, "the repetition received")
    again = await admin.post("/accounts/acct-1/postbacks/replay", {"since": "2020-01-01T00:00:00Z", "everything": True})
    assert again == {"postbacks": 2}
    assert await admin.post("/accounts/acct-1/postbacks/resume") == {
        "account": "acct-1",
        "name": "story",
        "were_off": False,
    }
    await home.until_told(tracking_id, "N101", "N102", "N102", "N101", "N102")
    [used] = (await admin.get("/usage"))["items"]
    assert changed(used, "account", "channel", "messages") == {"account": "acct-1", "channel": "MMS", "messages": 1}

    async def over() -> bool:
        return not (await admin.get(f"/messages/{tracking_id}"))["tasks"]

    await until(over, 10, "the message to be over")
    receipt = await admin.post(f"/messages/{tracking_id}/redact")
    assert changed(receipt, "messages", "waiting") == {"messages": [tracking_id], "waiting": []}
    assert "15557650020" not in str(await admin.get(f"/messages/{tracking_id}"))
    receipt = await admin.post("/numbers/redact", {"number": "15557650020"})
    assert receipt["waiting"] == []
    assert [action for _, action in await admin.audited()] == [
        "redacted",
        "redacted",
        "postbacks posted again",
        "postbacks posted again",
        "account added",
    ]


async def test_networks_and_phones_are_told(home: House) -> None:
    admin = Admin(home)
    rows = (await admin.get("/operators?country=us"))["items"]
    assert {row["country"] for row in rows} == {"US"}
    assert "31003" in {row["id"] for row in rows}
    await admin.post("/operators/lookup", {"number": PHONE}, 409)
    await admin.ask("GET", f"/handsets/{PHONE}", 404)


#: What cannot be done, and how that is said.
BAD: dict[str, tuple[str, str, Any, int]] = {
    "no such path": ("GET", "/nothing", None, 404),
    "no such account": ("GET", "/accounts/nobody", None, 404),
    "a control character in a path": ("GET", "/accounts/a%00b", None, 404),
    "no such method": ("DELETE", "/accounts", None, 405),
    "a limit below the least": ("GET", "/accounts?limit=0", None, 422),
    "a limit beyond all integers": ("GET", "/accounts?limit=99999999999999999999", None, 422),
    "a parameter that there is not": ("GET", "/accounts?limt=5", None, 422),
    "a parameter twice": ("GET", "/accounts?limit=5&limit=6", None, 422),
    "a control character in the query": ("GET", "/messages?before=%00", None, 422),
    "a month that there is not": ("GET", "/usage?month=2031-13", None, 422),
    "a year that there is not": ("GET", "/usage?month=0000-01", None, 422),
    "a time that is none": ("GET", "/postbacks?since=yesterday", None, 422),
    "a member missing": ("POST", "/accounts", {}, 422),
    "a member that there is not": ("POST", "/accounts", {"name": "a", "nam": "b"}, 422),
    "a number for a text": ("POST", "/accounts", {"name": 5}, 422),
    "a control character": ("POST", "/accounts", {"name": "a\x00b"}, 422),
    "text that turns round": ("POST", "/accounts", {"name": "\u202eabc"}, 422),
    "a line feed at the end": ("POST", "/accounts", {"name": "a\n"}, 422),
    "a sender that is none": ("POST", "/accounts", {"name": "a", "senders": ["12"]}, 422),
    "no such setting": ("POST", "/accounts", {"name": "a", "settings": {"max_slide": "1"}}, 422),
    "a bad setting": ("POST", "/accounts", {"name": "a", "settings": {"max_slides": "x"}}, 422),
    "an escape": ("POST", "/accounts", {"name": "a", "settings": {"postback_url": "http://a/\x1b"}}, 422),
    "a weak key": ("POST", "/accounts", {"name": "a", "key": "short"}, 422),
    "a list for an object": ("POST", "/accounts", [], 422),
    "nothing to set": ("PATCH", "/accounts/acct-1", {}, 422),
    "no secret": ("PATCH", "/accounts/acct-1", {"settings": {"postback_secret": "x"}}, 422),
    "a key taken": ("POST", "/accounts/acct-1/keys", {"key": "k3yForStories0000000000000000001"}, 409),
    "an overlap below nothing": ("POST", "/accounts/acct-1/keys", {"overlap": -1}, 422),
    "no number": ("POST", "/blocks", {"numbers": []}, 422),
    "a number that is none": ("POST", "/blocks", {"numbers": ["12"]}, 422),
    "a sender without account": ("POST", "/blocks", {"numbers": [PHONE], "sender": "24680"}, 422),
    "no number to redact": ("POST", "/numbers/redact", {"number": "x"}, 422),
    "no message to redact": ("POST", "/messages/x/redact", None, 404),
    "an id beyond ASCII": ("POST", "/messages/%F0%9F%98%80/redact", None, 404),
    "no postback to resend": ("POST", "/messages/x/postbacks/resend", {}, 404),
    "a body where there is none": ("POST", "/accounts/acct-1/enable", {"a": 1}, 422),
}


async def test_what_cannot_be_done_is_a_problem(home: House) -> None:
    admin = Admin(home)
    for method, path, body, status in BAD.values():
        problem = await admin.ask(method, path, status, body)
        assert set(problem) == {"type", "title", "status", "detail"}
        assert (problem["status"], bool(problem["detail"])) == (status, True)
    await admin.get("/postbacks?since=0001-01-01T00:00:00Z")


#: Bodies that are none: what, said to be what, and how it is answered.
BODIES: dict[str, tuple[bytes, str, int]] = {
    "cut off": (b"{", "application/json", 400),
    "half a character": (b'{"name": "\\ud800"}', "application/json", 400),
    "no UTF-8": (b'{"name": "\xff"}', "application/json", 400),
    "very deep": (b'{"name":' + b"[" * 100_000, "application/json", 422),
    "said to be text": (b'{"name": "a"}', "text/plain", 415),
    "too long": (b" " * 1_000_001, "application/json", 413),
}


async def test_a_body_that_is_none_is_a_problem(home: House) -> None:
    for body, kind, status in BODIES.values():
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
        async with home.http.post(f"{home.admin}{ROOT}/accounts", data=body, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (status, "application/problem+json")


async def test_nobody_comes_in_without_the_token_and_who_guesses_is_locked_out(home: House) -> None:
    for path in ("/accounts", "/nothing"):
        problem = await Admin(home, "").ask("GET", path, 401)
        assert problem["title"] == "Unauthorized"
    async with home.http.get(f"{home.admin}{ROOT}/accounts", headers={"Authorization": "Basic eDp5"}) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="slidewire"')
    await Admin(home).get("/accounts")
    for n in range(50):
        await Admin(home, f"wrong-{n}").ask("GET", "/accounts", 401)
    await Admin(home, "wrong-again").ask("GET", "/accounts", 429)
    await Admin(home).get("/accounts")  # was right here before: a lock is not for it


async def test_the_public_listener_does_not_know_it(home: House) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for path in (ROOT, f"{ROOT}/accounts", f"{ROOT}/", "/docs"):
        async with home.http.get(f"{home.api}{path}", headers=headers) as answer:
            assert answer.status == 404
    for path in ("/healthz", "/readyz"):
        async with home.http.get(f"{home.admin}{path}") as answer:
            assert answer.status == 200


async def test_without_a_token_in_the_settings_nobody_comes_in(plan: Plan) -> None:
    async with house(plan) as home:
        problem = await Admin(home, "anything").ask("GET", "/accounts", 403)
        assert problem["detail"] == "admin_token is not set: nobody can use /admin/v1"


async def test_its_root_lists_what_there_is(home: House) -> None:
    rows = (await Admin(home).get("/"))["items"]
    assert {"method": "POST", "path": "/admin/v1/blocks", "does": "Block phones: nothing is sent to them."} in rows
