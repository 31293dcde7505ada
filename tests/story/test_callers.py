"""Who calls, through HTTP against the whole house: behind a proxy, from the wrong network, once too often."""

import pytest
from tests.story.house import Plan, house, request

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
