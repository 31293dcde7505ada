"""Request bytes in, answer bytes out: typed from the contract, never from what the code happens to say."""

import pytest
from tests.api.door import KEY, NOW, PATH, Door, failure, send_mms, success

from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CheckedRequest, CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: api.md 2.1, complete, with a date that is not past.
COMPLETE = """<?xml version="1.0" encoding="UTF-8"?>
<REQUEST>
  <ACTION>sendMMS</ACTION>
  <API_KEY>k3yExample000000000000000000000001</API_KEY>
  <TO>447700900555</TO>                      <!-- one number -->
  <FROM>24680</FROM>
  <FROM_MASK>MyBrand</FROM_MASK>
  <OPERATORID>0001890</OPERATORID>
  <CAMPAIGNREF>spring-list</CAMPAIGNREF>
  <SUBJECT>Hello</SUBJECT>
  <NAME>internal name</NAME>
  <SLIDE>
    <IMAGE><URL>http://cdn.example.net/a/1.jpg</URL></IMAGE>
    <AUDIO><URL>http://cdn.example.net/a/1.mp3</URL></AUDIO>
    <TEXT>First slide text</TEXT>
    <DURATION>5</DURATION>
  </SLIDE>
  <SLIDE>
    <VIDEO><URL>http://cdn.example.net/a/2.mp4</URL></VIDEO>
    <TEXT>clip</TEXT>
  </SLIDE>
  <SLIDE>
    <VCARD><URL>http://cdn.example.net/a/3.vcf</URL></VCARD>
    <TEXT>fallback text or link</TEXT>
  </SLIDE>
  <FALLBACKSMSTEXT>See your picture:</FALLBACKSMSTEXT>
  <DISABLEFALLBACKSMSLINK>no</DISABLEFALLBACKSMSLINK>
  <MMSLINK_EXPIRATION_DATE>2030-05-01T00:00:00+00:00</MMSLINK_EXPIRATION_DATE>
  <FORCE_SEND_AS_SMS>false</FORCE_SEND_AS_SMS>
  <CLIENT_REFERENCE>order-778</CLIENT_REFERENCE>
</REQUEST>"""

YEAR = 365 * 24 * 3600 * 1000


async def test_the_complete_request_of_the_contract(door: Door) -> None:
    reply = await door.post(COMPLETE)
    assert (reply.status, reply.body) == (200, success("447700900555"))
    assert door.accepted == [
        CheckedRequest(
            dialect=Dialect.W13,
            receiver="447700900555",
            country="GB",
            sender="24680",
            mask="MyBrand",
            name="internal name",
            subject="Hello",
            fallback_text="See your picture:",
            spid="0001890",
            campaign="spring-list",
            link_expires_at=1_903_824_000_000,
            force_sms=False,
            fallback_allowed=True,
            link_wanted=True,
            client_reference="order-778",
            use_cache=True,
            slides=(
                CheckedSlide(
                    (
                        Medium(Kind.IMAGE, "http://cdn.example.net/a/1.jpg"),
                        Medium(Kind.AUDIO, "http://cdn.example.net/a/1.mp3"),
                    ),
                    "First slide text",
                    5,
                ),
                CheckedSlide((Medium(Kind.VIDEO, "http://cdn.example.net/a/2.mp4"),), "clip", 10),
                CheckedSlide((Medium(Kind.VCARD, "http://cdn.example.net/a/3.vcf"),), "fallback text or link", 10),
            ),
        )
    ]


async def test_every_answer_carries_the_same_headers(door: Door) -> None:
    reply = await door.post(send_mms())
    del reply.headers["date"]
    assert reply.headers == {
        "content-type": "text/html; charset=UTF-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-length": str(len(success())),
    }
    refused = await door.post("")
    assert {name: refused.headers[name] for name in reply.headers if name != "content-length"} == {
        name: value for name, value in reply.headers.items() if name != "content-length"
    }


async def test_what_only_has_to_be_there_is_enough(door: Door) -> None:
    assert (await door.post(send_mms())).body == success()
    (accepted,) = door.accepted
    assert (accepted.subject, accepted.fallback_text, accepted.link_expires_at) == ("Hello", "", NOW + YEAR)
    assert (accepted.use_cache, accepted.fallback_allowed, accepted.link_wanted) == (True, True, True)


E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."

#: The faults in the order of settled 1; each request has all the later faults too, so that order shows.
BAD_SLIDE = "<SLIDE></SLIDE>"


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        pytest.param("", failure("E100", f"{E100} (the request is empty)", None), id="nothing at all"),
        pytest.param(" \r\n", failure("E100", f"{E100} (the request is empty)", None), id="white space only"),
        pytest.param("xml=", failure("E100", f"{E100} (the request is empty)", None), id="an empty field xml"),
        pytest.param(
            "<REQUEST><ACTION>sendMMS</REQUEST>",
            failure("E108", "XML Parse error: mismatched tag: line 1, column 26.", None),
            id="not well-formed",
        ),
        pytest.param(
            "<!DOCTYPE REQUEST []><REQUEST/>",
            failure("E108", "XML Parse error: a DOCTYPE is not allowed.", None),
            id="a DOCTYPE",
        ),
        pytest.param(
            "<REQUEST>" + "<A>" * 32 + "</A>" * 32 + "</REQUEST>",
            failure("E108", "XML Parse error: elements are nested more than 32 deep.", None),
            id="nested 33 deep",
        ),
        pytest.param("<REQUEST/>", failure("E101", " 'action' required", None), id="no action"),
        pytest.param(
            send_mms(action=" ", key="wrong"), failure("E101", " 'action' required", None), id="blank action before key"
        ),
        pytest.param(
            send_mms(action="noSuchCall", key="wrong"),
            failure("E104", "User Authentication Failed.", None),
            id="a wrong key before an unknown action",
        ),
        pytest.param(send_mms(api_key=None), failure("E104", "User Authentication Failed.", None), id="a missing key"),
        pytest.param(send_mms(key=" "), failure("E104", "User Authentication Failed.", None), id="a blank key"),
        pytest.param(
            send_mms(key="disabled"), failure("E104", "User Authentication Failed.", None), id="a disabled account"
        ),
        pytest.param(
            send_mms(key="k" * 300), failure("E104", "User Authentication Failed.", None), id="a key without end"
        ),
        pytest.param(
            send_mms(key="<B>no-rights</B>"),
            failure("E104", "User Authentication Failed.", None),
            id="a key with an element inside",
        ),
        pytest.param(
            send_mms(key="blocked-and-off"),
            failure("E103", "API access is blocked for this account.", None),
            id="blocked before all that is off",
        ),
        pytest.param(
            send_mms(key="no-rights"), failure("E105", "This account has no API rights.", None), id="no rights at all"
        ),
        pytest.param(send_mms(key="api-off"), failure("E109", "API not activated.", None), id="the API off"),
        pytest.param(
            send_mms(key="elsewhere-and-less"),
            failure("E112", "IP was not whitelisted. API call rejected.", None),
            id="another address before a missing right",
        ),
        pytest.param(
            send_mms(action="noSuchCall", to=None),
            failure("E107", "This account has no rights to use this action.", None),
            id="an unknown action before the fields",
        ),
        pytest.param(
            send_mms(action="sendMMSBarcode"),
            failure("E107", "This account has no rights to use this action. (barcodes are not served here)", None),
            id="a call that is not served yet",
        ),
        pytest.param(
            send_mms(key="saves-only", to=None),
            failure("E107", "This account has no rights to use this action.", None),
            id="no right for this call",
        ),
        pytest.param(
            send_mms(to=None, from_=None), failure("E100", f"{E100} (TO is required)", None), id="no TO before no FROM"
        ),
        pytest.param(send_mms(to=" "), failure("E100", f"{E100} (TO is required)", None), id="a blank TO"),
        pytest.param(
            send_mms(to="0015557650001", from_=None),
            failure(
                "E110",
                "Invalid receiver number. (international form begins with the calling code, not with 00)",
                "0015557650001",
            ),
            id="a bad TO before no FROM",
        ),
        pytest.param(
            send_mms(from_=None, name=None), failure("E100", f"{E100} (FROM is required)"), id="no FROM before no NAME"
        ),
        pytest.param(
            send_mms(from_="99999", from_mask="x" * 51), failure("E111", "Invalid Sender."), id="FROM before FROM_MASK"
        ),
        pytest.param(
            send_mms(from_mask="x" * 51, name=None),
            failure("E115", "The sender mask is longer than 50 characters."),
            id="FROM_MASK before NAME",
        ),
        pytest.param(
            send_mms(from_mask="MyBrand", name=None),
            failure("E111", "Invalid Sender to United States."),
            id="a mask for the United States",
        ),
        pytest.param(
            send_mms(name=None, subject=None), failure("E311", "The 'name' is required."), id="NAME before SUBJECT"
        ),
        pytest.param(
            send_mms(subject=" ", operatorid="Verizon"),
            failure("E622", "The 'fallbacksmstext' is required."),
            id="SUBJECT before OPERATORID",
        ),
        pytest.param(
            send_mms("<MMSLINK_EXPIRATION_DATE>x</MMSLINK_EXPIRATION_DATE>", key="operators"),
            failure("E650", "The 'operator id' is required."),
            id="a required OPERATORID before the date",
        ),
        pytest.param(
            send_mms(operatorid="Verizon", mmslink_expiration_date="x"),
            failure("E651", "The 'operator id' is unknown."),
            id="an unknown OPERATORID before the date",
        ),
        pytest.param(
            send_mms(key="services", mmslink_expiration_date="x"),
            failure("E627", "Invalid serviceid / serviceid is required"),
            id="SERVICEID before the date",
        ),
        pytest.param(
            send_mms(mmslink_expiration_date="tomorrow", force_send_as_sms="yes"),
            failure("E617", "mmslink_expiration_date is invalid. (no date and time of ISO 8601)"),
            id="the date before FORCE_SEND_AS_SMS",
        ),
        pytest.param(
            send_mms(force_send_as_sms="yes", disablefallbacksms="maybe"),
            failure("E655", "FORCE_SEND_AS_SMS node accepts only true/false values."),
            id="FORCE_SEND_AS_SMS before the DISABLE fields",
        ),
        pytest.param(
            send_mms(disablefallbacksms="maybe", disablefallbacksmslink="perhaps", slides=""),
            failure("E100", f"{E100} (DISABLEFALLBACKSMS is neither yes nor no)"),
            id="DISABLEFALLBACKSMS",
        ),
        pytest.param(
            send_mms(disablefallbacksmslink="perhaps", client_reference="x" * 65),
            failure("E100", f"{E100} (DISABLEFALLBACKSMSLINK is neither yes nor no)"),
            id="DISABLEFALLBACKSMSLINK before CLIENT_REFERENCE",
        ),
        pytest.param(
            send_mms(client_reference="x" * 65, slides=""),
            failure("E100", f"{E100} (CLIENT_REFERENCE has 65 characters, at most 64)"),
            id="CLIENT_REFERENCE before the slides",
        ),
        pytest.param(send_mms(slides=""), failure("E312", "No slides."), id="no slides"),
        pytest.param(
            send_mms(slides=BAD_SLIDE * 10), failure("E225", "Too many Slides. (at most 9)"), id="ten empty slides"
        ),
        pytest.param(
            send_mms(slides="<SLIDE><TEXT>a</TEXT></SLIDE>" * 2, key="one-slide"),
            failure("E225", "Too many Slides. (at most 1)"),
            id="two slides for an account of one",
        ),
        pytest.param(
            send_mms(slides=f"<SLIDE><TEXT>a</TEXT></SLIDE>{BAD_SLIDE}<SLIDE><DURATION>x</DURATION></SLIDE>"),
            failure("E313", "Slide 2 is empty."),
            id="an empty second slide",
        ),
    ],
)
async def test_the_first_fault_wins(door: Door, request_body: str, answer: str) -> None:
    reply = await door.post(request_body)
    assert (reply.status, reply.body) == (200, answer)
    assert door.accepted == []


async def test_any_wrong_key_is_looked_for_in_the_same_way(door: Door) -> None:
    for key in ("wrong", "disabled", " "):
        await door.post(send_mms(key=key))
    await door.post(send_mms(api_key=None))
    await door.post(send_mms(key="k" * 257))
    assert "E104" in (await door.post(send_mms(key=f"{KEY}<B/>"))).body
    assert door.asked == ["wrong", "disabled", "", "", "", ""]


async def test_the_address_list_lets_its_own_in(door: Door) -> None:
    assert (await door.post(send_mms(key="loopback"))).body == success()
    assert (await door.post(send_mms(key="elsewhere"))).body == failure(
        "E112", "IP was not whitelisted. API call rejected.", None
    )


async def test_a_forwarded_address_is_not_believed(door: Door) -> None:
    reply = await door.post(send_mms(key="elsewhere"), headers="X-Forwarded-For: 192.0.2.7\r\n")
    assert "<ERRORCODE>E112</ERRORCODE>" in reply.body


async def test_a_failure_gives_back_to_as_it_came_trimmed_cut_and_escaped(door: Door) -> None:
    reply = await door.post(send_mms(to="  <![CDATA[<b>&]]>" + "9" * 40 + " "))
    assert "<ERRORCODE>E110</ERRORCODE><TO>&lt;b&gt;&amp;" + "9" * 28 + "</TO>" in reply.body


async def test_silent_cuts_are_told_in_a_header(door: Door) -> None:
    image = "<IMAGE><URL>http://cdn.example.net/a.jpg</URL></IMAGE>"
    reply = await door.post(
        send_mms(
            to="447700900555", from_mask="MyBrandIsLong", subject="é" * 81, slides=f"<SLIDE>{image}{image}</SLIDE>"
        )
    )
    assert reply.body == success("447700900555")
    assert reply.headers["x-slidewire-warning"] == (
        "the sender mask was cut to 11 characters; the subject was cut to 80 characters; "
        "the subject holds characters beyond ASCII, which some networks drop; slide 1: only the first image counts"
    )
    assert "x-slidewire-warning" not in (await door.post(send_mms())).headers


@pytest.mark.parametrize(
    "path", [PATH, "/API/wxml/1.3/index.php", "/API/wxml/1.3"], ids=["folder", "index.php", "without a slash"]
)
async def test_every_path_of_the_dialect_is_served_without_a_redirect(door: Door, path: str) -> None:
    assert (await door.post(send_mms(), path=path)).body == success()


@pytest.mark.parametrize("action", ["sendMMS", "sendmms", "SENDMMS", " sendMMS ", "\n sendMms\n"])
async def test_actions_are_compared_trimmed_in_any_case(door: Door, action: str) -> None:
    assert (await door.post(send_mms(action=action))).body == success()


async def test_head_sends_nothing_and_has_no_body(door: Door) -> None:
    query = f"action=sendmms&api_key={KEY}&to=15557650001&from=24680&name=n&subject=s&slide_1_text=t"
    reply = await door.send(f"HEAD {PATH}?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert (reply.status, reply.headers["content-type"], door.accepted) == (200, "text/html; charset=UTF-8", [])


async def test_options_tells_what_there_is(door: Door) -> None:
    reply = await door.send(f"OPTIONS {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert (reply.status, reply.headers["allow"], reply.body) == (200, "GET, HEAD, OPTIONS, POST", "")
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_told_which_ones_there_are(door: Door, method: str) -> None:
    reply = await door.send(f"{method} {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
