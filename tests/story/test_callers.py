"""Who calls, through HTTP against the whole house: behind a proxy, from the wrong network, once too often."""

import hashlib
from dataclasses import replace

import pytest
from tests.story.house import Plan, house, request, until

from slidewire.domain.audit import By
from slidewire.store.accounts import NewLogin, change_settings, set_password
from slidewire.store.passwords import hash_password

TEXT = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def via(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_a_caller_behind_a_proxy_of_ours_is_seen(plan: Plan) -> None:
    plan.settings = {"trusted_proxies": ["127.0.0.0/8"]}
    plan.account = {"addresses": "192.0.2.0/24, 2001:db8::/32"}
    async with house(plan) as home:
        answers = [
            await home.post(request(), **headers)
            for headers in (via("192.0.2.7"), via("2001:db8::7"), via("192.0.2.7, 198.51.100.1"), {})
        ]
        assert ["Success" in answer for answer in answers] == [True, True, False, False]
        assert "<ERRORCODE>E112</ERRORCODE>" in answers[2]


async def test_nobody_else_is_believed(plan: Plan) -> None:
    plan.account = {"addresses": "192.0.2.0/24"}
    async with house(plan) as home:
        assert "<ERRORCODE>E112</ERRORCODE>" in await home.post(request(), **via("192.0.2.7"))


async def test_an_address_that_fails_too_often_is_locked_out(plan: Plan) -> None:
    plan.settings = {"trusted_proxies": ["127.0.0.1"], "limits": {"auth_failures": 3}}
    async with house(plan) as home:
        known = via("192.0.2.7")
        assert "Success" in await home.post(request(), **known)
        for _ in range(3):
            assert "<ERRORINFO>User Authentication Failed.<" in await home.post(request(API_KEY="wrong"), **known)
        # whoever was right there before goes on; nobody else is even looked at
        assert "Success" in await home.post(request(), **known)
        for _ in range(3):
            await home.post(request(API_KEY="wrong"), **via("192.0.2.8"))
        async with home.http.post(f"{home.api}/API/wxml/1.3/", data=request(), headers=via("192.0.2.8")) as answer:
            text = await answer.text()
            assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert "<ERRORCODE>E104</ERRORCODE><ERRORINFO>User Authentication Failed. (too many failed calls" in text
        assert "Success" in await home.post(request(), **via("192.0.2.9"))


async def test_user_and_password_speak_for_an_account_that_wants_it(plan: Plan) -> None:
    said, by = "a password of old", By("a test", 0, "audit-1")
    async with house(plan) as home:
        login = NewLogin("acme-old", hash_password(said))
        await home.database.write(lambda c: set_password(c, home.account_id, login, by))

        async def answered(password: str) -> str:
            answer = await home.post(request(f"<USER>acme-old</USER><PASS>{password}</PASS>{TEXT}", API_KEY=""))
            return "Success" if "<STATUS>Success" in answer else answer.partition("<ERRORCODE>")[2][:4]

        assert await answered(said) == "E104"  # the setting is off
        on = {"password_login": "on"}
        await home.database.write(lambda c: change_settings(c, home.account_id, on, replace(by, id="audit-2")))

        async def opened() -> bool:
            return await answered(said) == "Success"

        await until(opened, 10, "the setting to be seen")
        md5 = hashlib.md5(said.encode()).hexdigest()
        assert [await answered(each) for each in (md5, md5.upper(), "wrong", said)] == [
            *("Success", "Success", "E104", "Success"),
        ]
