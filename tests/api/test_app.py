"""What the endpoint does when the house behind it is full, broken or slow, and when callers send too much or leave."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs
from tests.api.door import FORM, PATH, failure, open_door, read_reply, send_mms, success

from slidewire.api.envelope import WireLimits
from slidewire.domain.account import Account
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault
from slidewire.domain.request import Accepted, CallerGoneError, CheckedRequest, OverloadedError

E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
HungUp = Callable[[], Awaitable[None]]


async def test_a_fault_of_intake_is_told_with_to() -> None:
    async def refuse(request: CheckedRequest, account: Account, hung_up: HungUp, answering: object) -> Accepted:
        raise Fault.IMAGE_NOT_FETCHED.error("404", slide=2)

    async with open_door(refuse) as door:
        assert (await door.post(send_mms())).body == failure("E351", "Could not copy Image in slide 2. (404)")


async def test_an_overloaded_house_asks_to_come_back() -> None:
    async def refuse(request: CheckedRequest, account: Account, hung_up: HungUp, answering: object) -> Accepted:
        raise OverloadedError(1.2)

    async with open_door(refuse) as door:
        reply = await door.post(send_mms())
        assert (reply.status, reply.headers["retry-after"]) == (200, "2")
        assert reply.body == failure("E503", "Internal error. (too busy to take more, again in 2 seconds)")


async def test_a_bug_is_logged_once_and_answered_in_the_dialect() -> None:
    async def break_down(request: CheckedRequest, account: Account, hung_up: HungUp, answering: object) -> Accepted:
        raise RuntimeError("secret detail")

    async with open_door(break_down) as door:
        with capture_logs() as logs:
            reply = await door.post(send_mms())
        assert (reply.status, reply.body) == (200, failure("E503", "Internal error. (reference ref-1)"))
        assert [(entry["event"], entry["reference"]) for entry in logs] == [("a request broke", "ref-1")]


async def test_a_caller_that_hangs_up_is_noticed_by_who_waits_for_it() -> None:
    told = asyncio.Event()

    async def fetch_long(request: CheckedRequest, account: Account, hung_up: HungUp, answering: object) -> Accepted:
        await hung_up()
        told.set()
        raise CallerGoneError

    async with open_door(fetch_long) as door:
        with capture_logs() as logs:
            _, writer = await asyncio.open_connection("127.0.0.1", door.port)
            content = send_mms().encode()
            writer.write(
                f"POST {PATH} HTTP/1.1\r\nHost: l\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
            )
            await writer.drain()
            await asyncio.sleep(0)
            writer.close()
            await asyncio.wait_for(told.wait(), 10)
        assert logs == []


async def test_a_caller_that_goes_before_its_body_is_whole_leaves_nothing() -> None:
    async with open_door() as door:
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: l\r\nContent-Length: 500\r\n\r\n<REQUEST>".encode())
        await writer.drain()
        writer.close()
        assert (await door.post(send_mms())).body == success()
        assert len(door.accepted) == 1


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_a_body_over_the_cap_is_refused_and_still_read_off(chunked: bool) -> None:
    limits = WireLimits(request=2_000)
    async with open_door(limits=limits) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        body = b"<REQUEST>" + b" " * 300_000
        head = f"POST {PATH} HTTP/1.1\r\nHost: l\r\nContent-Type: {FORM}\r\n"
        if chunked:
            writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        else:
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        reply = await read_reply(reader)
        assert (reply.status, reply.body) == (
            200,
            failure("E100", f"{E100} (the request is longer than 2 000 bytes)", None),
        )
        # the connection is as good as before
        content = send_mms().encode()
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: l\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        assert (await read_reply(reader)).body == success()
        writer.close()


async def test_a_told_length_over_the_cap_is_refused_before_the_body_comes() -> None:
    async with open_door() as door:
        reply = await door.send(f"POST {PATH} HTTP/1.1\r\nHost: l\r\nContent-Length: 1000001\r\n\r\n".encode())
        assert reply.body == failure("E100", f"{E100} (the request is longer than 1 000 000 bytes)", None)


async def test_a_body_of_exactly_the_cap_is_read() -> None:
    content = send_mms()
    async with open_door(limits=WireLimits(request=len(content))) as door:
        assert (await door.post(content)).body == success()
        assert "E100" in (await door.post(content + " ")).body


async def test_the_depth_cap_is_a_setting() -> None:
    async with open_door(limits=WireLimits(depth=5)) as door:
        assert (await door.post(send_mms("<A><B><C><D/></C></B></A>"))).body == success()
        reply = await door.post(send_mms("<A><B><C><D><E/></D></C></B></A>"))
        assert reply.body == failure("E108", "XML Parse error: elements are nested more than 5 deep.", None)


async def test_the_rules_are_those_of_the_settings() -> None:
    rules = Rules(operators={"31003": "31003", "0001890": "31003"}, valid_numbers=True, max_text=3)
    async with open_door(rules=rules) as door:
        assert "E110" in (await door.post(send_mms(to="15557650001"))).body
        text = "<SLIDE><TEXT>abc</TEXT></SLIDE>"
        assert (await door.post(send_mms(to="12025550123", operatorid="0001890", slides=text))).body == success(
            "12025550123"
        )
        assert (door.accepted[0].operator, door.accepted[0].spid) == ("31003", "0001890")
        assert "E334" in (await door.post(send_mms(to="12025550123"))).body
        unknown = await door.post(send_mms(to="12025550123", operatorid="9999", slides=text, key="known-operators"))
        assert unknown.body == failure("E651", "The 'operator id' is unknown.", "12025550123")
