"""The console of a whole gateway: a batch followed to its end, an address that was turned off and turned on again."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from tests.story.house import KEY, House, Plan, house, until


class Owner:
    """The account's owner, signed in."""

    def __init__(self, home: House, http: aiohttp.ClientSession) -> None:
        self._root = f"{home.admin}/console/"
        self._http = http

    async def see(self, path: str = "") -> str:
        async with self._http.get(self._root + path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def post(self, path: str, page: str, **fields: str) -> str:
        """A form of ``page``; the page that it leads to."""
        word = re.search(r'name="form" value="(\w+)"', page)
        assert word
        async with self._http.post(self._root + path, data={"form": word[1], **fields}) as answer:
            assert answer.status == 200
            return await answer.text()


@asynccontextmanager
async def an_owner(home: House) -> AsyncIterator[Owner]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        owner = Owner(home, http)
        page = await owner.post("sign-in", await owner.see("sign-in"), user="", word=KEY)
        assert "Sign out" in page
        yield owner


async def test_the_progress_of_a_batch_is_seen_in_the_console(plan: Plan) -> None:
    async with house(plan) as home, an_owner(home) as owner:
        answer = await home.post(
            f"<REQUEST><ACTION>sendBatch</ACTION><API_KEY>{KEY}</API_KEY><FROM>24680</FROM>"
            "<TO>12025550143, 12025550144, 12</TO><NAME>all</NAME><FALLBACKSMSTEXT>Hello</FALLBACKSMSTEXT>"
            "<SLIDE><TEXT>Hello</TEXT></SLIDE></REQUEST>"
        )
        found = re.search("<BATCHID>(.+)</BATCHID>", answer)
        assert found, answer
        path = f"batches/{found[1]}"
        assert path in await owner.see("batches")

        async def over() -> bool:
            return "Finished" in await owner.see(path)

        await until(over, 20, "a batch whose messages are all delivered")
        page = await owner.see(path)
        assert "<strong>100 %</strong> finished: 3 of 3 receivers" in page
        assert re.findall(r'</span>([^<]+)</th><td class="count">(\d+)</td>', page) == [
            ("Delivered", "2"),
            ("Refused, no message", "1"),
        ]
        assert "<bdi>12</bdi></th><td>E110</td>" in page


async def test_an_owner_is_told_that_its_address_was_turned_off_and_turns_it_on(plan: Plan) -> None:
    plan.settings = {"postbacks": {"published": [], "allow_private": ["127.0.0.0/8"], "off_after": "1ms"}}
    async with house(plan) as home, an_owner(home) as owner:
        home.customer.answer = lambda _number: 500
        tracking = await home.send()

        async def told() -> bool:
            return "You get no postbacks." in await owner.see()

        async def given_up() -> bool:
            return (await home.events(tracking)).count("postback given up") == 2

        await until(told, 20, "the notice")
        await until(given_up, 20, "both postbacks given up")
        page = await owner.see("endpoints")
        assert "<code>HTTP 500 Word</code>" in page
        home.customer.answer = lambda _number: 200
        posts = len(home.customer.posts)
        page = await owner.post(f"endpoints/{home.account_id}/turn-on", page, again="1")
        assert "what was given up is being posted once more" in page
        assert "You get no postbacks." not in page

        async def received() -> bool:
            return len(home.customer.posts) >= posts + 2

        await until(received, 20, "what was given up")
        assert [post.code for post in home.customer.received(tracking)][-2:] == ["N101", "N102"]
