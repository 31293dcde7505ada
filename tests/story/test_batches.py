"""One request for many receivers: each gets its message or its refusal, once, and getBatch tells of both."""

import asyncio
import json
import re

from sqlalchemy import func, select
from tests.content.makers import photo, saved
from tests.fakes.origin import Page
from tests.simulator.builder import jpeg
from tests.story.house import KEY, House, Plan, house, request, until

from slidewire.store import schema

PATH = "/API/wxml/1.3/"


def numbers(count: int, start: int = 0) -> list[str]:
    return [f"1555765{n:04}" for n in range(start, start + count)]


async def posted(home: House, body: str, path: str = PATH, **headers: str) -> str:
    told = {"x-api-key": KEY} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with home.http.post(f"{home.api}{path}", data=body, headers=told) as answer:
        assert answer.status == 200
        return await answer.text()


async def sent(home: House, receivers: list[str], slides: str = "<SLIDE><TEXT>Hi</TEXT></SLIDE>", **more: str) -> str:
    """Send a batch that must be taken; its id."""
    answer = await posted(home, request(slides, ACTION="sendBatch", TO=",".join(receivers), **more))
    found = re.fullmatch(
        "<RESPONSE><STATUS>Success</STATUS><BATCHID>([0-9a-f]{32})</BATCHID><TOTAL>([0-9]+)</TOTAL>"
        "<STATUSDETAILS>Batch accepted and queued for delivery</STATUSDETAILS></RESPONSE>",
        answer,
    )
    assert found, answer
    assert int(found[2]) == len(receivers)
    return found[1]


async def progress(home: House, batch: str, **fields: str) -> str:
    return await posted(home, request("", ACTION="getBatch", BATCHID=batch, **fields))


async def until_counted(home: House, batch: str, name: str, count: int, limit: float = 60) -> str:
    """Wait until so many are counted under ``name``; the answer."""

    async def there() -> bool:
        await asyncio.sleep(0.1)
        return f"<{name}>{count}</{name}>" in await progress(home, batch)

    await until(there, limit, f"{count} {name}")
    return await progress(home, batch)


async def test_each_receiver_gets_one_message_or_one_refusal(plan: Plan) -> None:
    async with house(plan) as home:
        image = home.origin.page("/one.jpg", Page(jpeg(640, 480), content_type="image/jpeg"))
        slides = f"<SLIDE><IMAGE><URL>{image}</URL></IMAGE></SLIDE>"
        # two that are no numbers, and one that comes again in another spelling
        batch = await sent(home, ["12", "15557650051", "abc", "4407700900123", "447700900123"], slides)
        assert await until_counted(home, batch, "DELIVERED", 2) == (
            f"<RESPONSE><STATUS>Success</STATUS><BATCHID>{batch}</BATCHID><BATCHSTATUS>expanded</BATCHSTATUS>"
            "<TOTAL>5</TOTAL><WAITING>0</WAITING><REFUSED>3</REFUSED><SCHEDULED>0</SCHEDULED><ACCEPTED>0</ACCEPTED>"
            "<ENCODING>0</ENCODING><SUBMITTED>0</SUBMITTED><DELIVERED>2</DELIVERED><FAILED>0</FAILED>"
            "<EXPIRED>0</EXPIRED><REJECTED>0</REJECTED><CANCELLED>0</CANCELLED>"
            "<PAGENUMBER>1</PAGENUMBER><ITEMSPERPAGE>100</ITEMSPERPAGE>"
            "<SENDING><ERRORCODE>E110</ERRORCODE><TO>12</TO><ERRORINFO>Invalid receiver number. (no country has this "
            "calling code)</ERRORINFO></SENDING>"
            "<SENDING><ERRORCODE>E110</ERRORCODE><TO>447700900123</TO><ERRORINFO>Invalid receiver number. "
            "(447700900123 was given more than once)</ERRORINFO></SENDING>"
            "<SENDING><ERRORCODE>E110</ERRORCODE><TO>abc</TO><ERRORINFO>Invalid receiver number. (only digits 0-9 "
            "with at most one + before them are allowed)</ERRORINFO></SENDING></RESPONSE>"
        )
        assert home.origin.hits("/one.jpg") == 1
        page = await progress(home, batch, PAGENUMBER="2", ITEMSPERPAGE="2")
        assert re.findall("<SENDING>.*?<TO>(.*?)</TO>", page) == ["abc"]
        # nothing of it is kept that is not needed any more
        row = await home.database.read(lambda c: c.execute(select(schema.batches)).one())
        assert (row.draft, row.receivers, row.cursor, row.seen) == ("", "", "", 5)


async def test_a_large_batch_is_expanded_part_by_part_with_one_fetch_and_one_encode(plan: Plan) -> None:
    plan.route = {"max_bytes": 20_000}
    async with house(plan) as home:
        image = home.origin.page("/one.jpg", Page(saved(photo(800, 600)), content_type="image/jpeg"))
        receivers = [*numbers(550), "1", *numbers(550, start=550)]
        batch = await sent(home, receivers, f"<SLIDE><IMAGE><URL>{image}</URL></IMAGE></SLIDE>")
        told = await until_counted(home, batch, "WAITING", 0)
        assert "<BATCHSTATUS>expanded</BATCHSTATUS><TOTAL>1101</TOTAL><WAITING>0</WAITING><REFUSED>1</REFUSED>" in told
        query = select(schema.messages.c.receiver).order_by(schema.messages.c.receiver)
        assert [row[0] for row in await home.database.read(lambda c: c.execute(query).all())] == numbers(1100)
        submitted = select(func.count()).where(schema.events.c.event == "submitted")

        async def leaving() -> bool:
            return int(await home.database.read(lambda c: c.execute(submitted).scalar()) or 0) >= 20

        await until(leaving, 60, "the first of them to leave")
        fitted = [path for path in plan.folder.glob("content/fitted/**/*") if path.is_file()]
        assert (home.origin.hits("/one.jpg"), len(fitted)) == (1, 1)


async def test_what_is_wrong_with_all_of_it_is_refused_at_once(plan: Plan) -> None:
    plan.settings = {"batches": {"receivers": 3}}
    async with house(plan) as home:

        async def code(**fields: str) -> str:
            answer = await posted(home, request(**{"ACTION": "sendBatch"} | fields))  # type: ignore[arg-type]  # slides
            [found] = re.findall("<ERRORCODE>(E[0-9]+)</ERRORCODE>", answer)
            return str(found)

        assert await code(TO="") == "E621"
        assert await code(TO=" , ,") == "E621"
        assert await code(TO=",".join(numbers(4))) == "E623"
        assert await code(TO="1", FROM="99999") == "E111"
        assert await code(TO="1", FROM_MASK="x" * 51) == "E115"
        assert await code(TO="1", NAME="") == "E311"
        assert await code(TO="1", slides="<SLIDE></SLIDE>") == "E313"
        assert await code(ACTION="getBatch") == "E100"
        assert await code(ACTION="getBatch", BATCHID="f" * 32) == "E100"
        assert await code(ACTION="getBatch", BATCHID="f" * 32, PAGENUMBER="0") == "E212"
        # a list is no receiver of sendMMS
        assert await code(ACTION="sendMMS", TO=",".join(numbers(2))) == "E110"
        assert await home.database.read(lambda c: c.execute(select(schema.batches)).all()) == []


async def test_each_receiver_counts_and_a_batch_that_comes_twice_is_one(plan: Plan) -> None:
    plan.account = {"quota": "10"}
    async with house(plan) as home:
        body = request(ACTION="sendBatch", TO=",".join(numbers(6)))
        first = await posted(home, body, Idempotency_Key="k")
        assert "<TOTAL>6</TOTAL>" in first
        assert await posted(home, body, Idempotency_Key="k") == first
        assert "E120" in await posted(home, request(ACTION="sendBatch", TO=",".join(numbers(4))))
        [batch] = re.findall("<BATCHID>(.*)</BATCHID>", first)
        count = select(func.count()).where(schema.batch_receivers.c.batch_id == batch)

        async def expanded() -> bool:
            return await home.database.read(lambda c: c.execute(count).scalar()) == 6

        await until(expanded, 20, "its messages")


async def test_receivers_are_checked_one_by_one_as_in_send_mms(plan: Plan) -> None:
    plan.account = {"sender_countries": "24680=US"}
    async with house(plan) as home:
        receivers = ["15557650051", "447700900123"]
        batch = await sent(home, receivers)
        told = await until_counted(home, batch, "DELIVERED", 1)
        assert "<SENDING><ERRORCODE>E111</ERRORCODE><TO>447700900123</TO>" in told
        assert "Invalid Sender to United Kingdom." in told


async def test_json_gives_receivers_as_an_array(plan: Plan) -> None:
    async with house(plan) as home:
        call = {
            "action": "sendbatch",
            "to": ["15557650051", 15557650052, "+15557650053, 15557650051"],
            "from": "24680",
            "name": "n",
            "message-subject": "s",
            "slide": [{"message-text": "Hi"}],
        }
        answer = json.loads(await posted(home, json.dumps(call), "/ep/v2/"))
        batch = answer["batch-id"]
        assert answer == {
            "status": "Success",
            "batch-id": batch,
            "total": "3",
            "status-details": "Batch accepted and queued for delivery",
        }
        await until_counted(home, batch, "DELIVERED", 3)
        told = json.loads(await posted(home, json.dumps({"action": "getBatch", "batch-id": batch}), "/ep/v2/"))
        assert (told["batch-status"], told["delivered"], told["refused"]) == ("expanded", "3", "0")
        refused = json.loads(await posted(home, json.dumps(call | {"to": [["1"]]}), "/ep/v2/"))
        assert refused["error-code"] == "E100"
        one = json.loads(await posted(home, json.dumps(call | {"action": "sendMMS", "to": ["15557650059"]}), "/ep/v2/"))
        assert one["to"] == "15557650059"
        two = json.loads(await posted(home, json.dumps(call | {"action": "sendMMS"}), "/ep/v2/"))
        assert two["error-code"] == "E110"
