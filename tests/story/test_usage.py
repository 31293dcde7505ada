"""The ledger of usage: what carriers took, what failed, and what was refused."""

from tests.story.house import House, Plan, house, request, until

from slidewire.domain.usage import Channel, Usage, month_of
from slidewire.store.usage import read_usage


async def used(home: House) -> list[Usage]:
    """What the account used this month."""
    message = await home.message(await home.send(OPERATORID="31003"))
    await home.until_status(message.id, "delivered")
    rows = await home.database.read(lambda c: read_usage(c, month_of(message.accepted_at)))
    assert {account for account, _usage in rows} <= {home.account_id}
    return [usage for _account, usage in rows]


async def test_everything_that_was_used_is_counted_once(plan: Plan) -> None:
    """Two MMS (the last by ``used`` itself), an SMS of three segments, an MMS that fails, and two refusals."""
    plan.sms = {}
    plan.settings = {"operators": [{"id": "31003", "name": "Able"}]}
    async with house(plan) as home:
        await home.until_status(await home.send(), "delivered")
        text = await home.send(FORCE_SEND_AS_SMS="true", FALLBACKSMSTEXT="x" * 400)
        await home.until_status(text, "delivered")
        failed = await home.send(TO="15557650009", DISABLEFALLBACKSMS="yes")
        await home.until_status(failed, "failed")
        for fields in ({"TO": "0"}, {"NAME": ""}):
            assert "Failure" in await home.post(request(**fields))
        assert "E104" in await home.post(request(API_KEY="nobody's"))
        segments = len(await home.database.read(lambda c: list(c.exec_driver_sql("SELECT number FROM segments"))))
        first = await used(home)
    assert segments == 3
    month = first[0].month
    sizes = {usage.operator: usage.bytes for usage in first if usage.channel is Channel.MMS}
    assert set(sizes) == {"", "31003"}
    assert all(size > 400 for size in sizes.values())
    assert [usage for usage in first if usage.channel is not Channel.API] == [
        Usage(month, Channel.MMS, "", messages=1, bytes=sizes[""], failed=1),
        Usage(month, Channel.MMS, "31003", messages=1, bytes=sizes["31003"]),
        Usage(month, Channel.SMS, "", messages=1, segments=3),
    ]


async def test_refusals_are_written_when_a_process_ends(plan: Plan) -> None:
    async with house(plan) as home:
        await home.post(request(TO="0"))
        await home.post(request(API_KEY="nobody's"))
        await home.gateway.stop()

        async def written() -> bool:
            rows = await home.database.read(lambda c: c.exec_driver_sql("SELECT account_id, refused FROM usage").all())
            return [tuple(row) for row in rows] == [(home.account_id, 1)]

        await until(written, 5, "the refusal to be written")
