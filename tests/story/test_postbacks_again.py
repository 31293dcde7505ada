"""Customers whose address is down: the other address, what was missed posted again, and the end of patience."""

from tests.fakes.catcher import Catcher
from tests.story.house import House, Plan, house, until

from slidewire.domain.audit import By
from slidewire.store.accounts import change_settings
from slidewire.store.endpoints import failing_endpoints, forget_endpoint
from slidewire.store.messages import message_events
from slidewire.store.postbacks import PastPostback, PostbackState, Wanted, past_postbacks, post_again

#: One attempt and no repetition.
ONCE = {"postbacks": {"published": [], "allow_private": ["127.0.0.0/8"]}}


async def past(home: House, **wanted: object) -> list[PastPostback]:
    return await home.database.read(lambda c: past_postbacks(c, Wanted(**wanted), 100))  # type: ignore[arg-type]


async def until_past(home: House, *states: tuple[str, PostbackState]) -> list[PastPostback]:
    async def there() -> bool:
        return [(str(each.body["code"]), each.state) for each in await past(home)] == list(states)

    await until(there, 20, str(states))
    return await past(home)


async def test_what_was_missed_is_posted_again_under_its_old_ids(plan: Plan) -> None:
    plan.settings = ONCE
    async with house(plan) as home:
        home.customer.answer = lambda _number: 503
        tracking = await home.send()
        missed = await until_past(home, ("DELIVERED", PostbackState.GIVEN_UP), ("SENT", PostbackState.GIVEN_UP))
        assert await past(home, since=missed[0].at + 60_000) == []
        assert await past(home, account_id="another") == []
        assert await past(home, message_id=tracking, state=PostbackState.RECEIVED) == []
        home.customer.answer = lambda _number: 200
        at = missed[0].at + 1
        count = await home.database.write(
            lambda c: post_again(c, missed, at, iter(f"again-{n}" for n in range(9)).__next__)
        )
        assert count == 2
        told = await home.until_told(tracking, "N101", "N102")
        assert [each["TRACKINGID"] for each in told] == [tracking, tracking]
        ids = [post.headers["webhook-id"] for post in home.customer.posts]
        assert ids == [missed[1].id, missed[0].id] * 2
        await until_past(home, ("DELIVERED", PostbackState.RECEIVED), ("SENT", PostbackState.RECEIVED))


async def test_the_other_address_receives_at_once(plan: Plan) -> None:
    plan.settings = ONCE
    async with Catcher() as other:
        plan.account = {"postback_failover_url": other.url}
        async with house(plan) as home:
            home.customer.answer = lambda _number: 500
            tracking = await home.send()

            async def told() -> bool:
                return len(other.received(tracking)) == 2

            await until(told, 20, "two postbacks at the other address")
            assert [post.headers["webhook-id"] for post in other.posts] == [
                post.headers["webhook-id"] for post in home.customer.posts
            ]
            await until_past(home, ("DELIVERED", PostbackState.RECEIVED), ("SENT", PostbackState.RECEIVED))
            exchanges = [each for each in await home.exchanges(tracking) if each["peer"] == "postback"]
            assert [each["response"] for each in exchanges] == ["HTTP 500 Word; failover: HTTP 200 Word"] * 2
            assert await home.database.read(failing_endpoints) == {}


async def test_an_address_that_receives_nothing_is_turned_off_and_its_owner_told(plan: Plan) -> None:
    plan.settings = {"postbacks": ONCE["postbacks"] | {"off_after": "1ms"}}
    async with house(plan) as home:
        home.customer.answer = lambda _number: 500
        tracking = await home.send()
        await until_past(home, ("DELIVERED", PostbackState.GIVEN_UP), ("SENT", PostbackState.GIVEN_UP))
        rows = await home.database.read(lambda c: message_events(c, tracking))
        (off,) = [row for row in rows if row["event"] == "postbacks off"]
        assert off["detail"] == (
            "nothing was received for too long; the console or slidewire postback resume turns them on again"
        )
        endpoint = (await home.database.read(failing_endpoints))[home.account_id]
        assert endpoint.off_at is not None
        posts = len(home.customer.posts)

        async def two_given_up(tracking: str) -> bool:
            return (await home.events(tracking)).count("postback given up") == 2

        second = await home.send()
        await until(lambda: two_given_up(second), 20, "what is not even tried")
        assert len(home.customer.posts) == posts
        home.customer.answer = lambda _number: 200
        await home.database.write(lambda c: forget_endpoint(c, home.account_id))

        async def told() -> bool:
            await home.send()
            return bool(home.customer.received())

        await until(told, 20, "postbacks that go out again")


async def test_another_address_begins_anew(plan: Plan) -> None:
    plan.settings = {"postbacks": ONCE["postbacks"] | {"off_after": "1ms"}}
    async with Catcher() as other, house(plan) as home:
        home.customer.answer = lambda _number: 500
        await home.send()
        await until_past(home, ("DELIVERED", PostbackState.GIVEN_UP), ("SENT", PostbackState.GIVEN_UP))
        by = By("nobody", 1, "audit-1")
        await home.database.write(lambda c: change_settings(c, home.account_id, {"postback_url": other.url}, by))

        async def told() -> bool:
            await home.send()
            return bool(other.received())

        await until(told, 20, "a postback at the new address")


async def test_one_that_waits_is_posted_now(plan: Plan) -> None:
    plan.settings = {"postbacks": ONCE["postbacks"] | {"published": [300]}}
    async with house(plan) as home:
        home.customer.answer = lambda _number: 500
        tracking = await home.send()

        async def waits() -> bool:
            waiting = await past(home)
            return len(waiting) == 2 and waiting[1].due_at - waiting[1].at > 200_000

        await until(waits, 20, "the wait for the second attempt")
        waiting = await until_past(home, ("DELIVERED", PostbackState.WAITING), ("SENT", PostbackState.WAITING))
        assert waiting[1].attempt == 1
        home.customer.answer = lambda _number: 200
        now = waiting[0].at
        assert await home.database.write(lambda c: post_again(c, waiting, now, str)) == 1
        await home.until_told(tracking, "N101", "N102")
        assert [post.headers["x-slidewire-attempt"] for post in home.customer.posts] == ["1", "2", "1"]
