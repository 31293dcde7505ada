"""A gateway whose content lies in a bucket: one that goes away, and a node that never saw the bytes itself."""

from typing import Any

import msgspec
from tests.content import makers
from tests.fakes.bucket import NAME, a_bucket
from tests.fakes.origin import Page
from tests.story.house import House, Plan, house, request, until

from slidewire.runtime.gateway import Gateway
from slidewire.settings import Settings

PHOTO = makers.saved(makers.photo(320, 240), quality=85)
OTHER = makers.saved(makers.photo(320, 240, seed=2), quality=85)


def slide(address: str) -> str:
    return f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>"


def elsewhere(settings: Settings, **s3: str) -> Settings:
    """The same for another machine."""
    return msgspec.structs.replace(settings, s3=msgspec.structs.replace(settings.s3, **s3))


async def has_event(home: House, tracking: str, event: str) -> bool:
    return event in await home.events(tracking)


def in_bucket(plan: Plan, **s3: Any) -> None:
    plan.settings |= {"content": f"s3://{NAME}/some/where", "s3": {"folder": str(plan.folder), "timeout": "1s"} | s3}
    plan.settings["server_key"] = "0123456789abcdef" * 4


async def test_what_the_bucket_does_not_take_is_not_accepted(plan: Plan) -> None:
    with a_bucket() as bucket:
        in_bucket(plan, **bucket.settings)
        async with house(plan) as home:
            first = await home.send(slide(home.origin.page("/a.jpg", Page(PHOTO))))
            await home.until_told(first, "N101", "N102")
            bucket.stop()
            other = slide(home.origin.page("/b.jpg", Page(OTHER)))
            assert "<ERRORCODE>E503</ERRORCODE>" in await home.post(request(other))
            bucket.start()
            second = await home.send(other)
            await home.until_told(second, "N101", "N102")


async def test_a_node_that_never_saw_the_bytes_waits_for_the_bucket_and_sends_them(plan: Plan) -> None:
    with a_bucket() as bucket:
        in_bucket(plan, **bucket.settings)
        async with house(plan) as home:
            photo = slide(home.origin.page("/a.jpg", Page(PHOTO)))
            await home.gateway.stop()
            api = Gateway(home.settings, role="api")
            home.api = (await api.start()).api
            tracking = await home.send(photo)
            await api.stop()
            two = str(plan.folder / "two")
            away = Gateway(elsewhere(home.settings, folder=two, endpoint="http://127.0.0.1:9"))
            await away.start()
            await until(lambda: has_event(home, tracking, "retry"), 20, "a retry")
            await away.stop()
            back = Gateway(elsewhere(home.settings, folder=two))
            await back.start()
            await home.until_told(tracking, "N101", "N102")
            await back.stop()
            assert [event for event in await home.events(tracking) if event != "retry"] == ["submitted", "delivered"]
