"""getSendingStatistics in each dialect: bytes in, bytes out, typed from api.md 3.7 and adr 0162."""

import pytest
from tests.api.door import J2, KEY, M1, PATH, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: 2010-10-01T12:00:00Z and a day later.
LINK = "http://x/acct-1/1285934400000/1286020800000"


def w13(dates: str, action: str = "getSendingStatus") -> str:
    return f"<REQUEST><ACTION>{action}</ACTION><API_KEY>{KEY}</API_KEY>{dates}</REQUEST>"


START, END = "<START_DATE>2010-10-01 12:00:00</START_DATE>", "<END_DATE>2010-10-02 12:00:00</END_DATE>"


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            PATH, w13(START + END), f"<RESPONSE><STATUS>Success</STATUS><URL>{LINK}</URL></RESPONSE>", id="W13"
        ),
        pytest.param(
            PATH,
            w13(START + END, "getSendingStatistics"),
            f"<RESPONSE><STATUS>Success</STATUS><URL>{LINK}</URL></RESPONSE>",
            id="W13, by its name",
        ),
        pytest.param(
            M1,
            f"<request><action>getsendingstatistics</action><api-key>{KEY}</api-key>"
            "<start-date>2010-10-01 12:00:00</start-date><end-date>2010-10-02T12:00:00Z</end-date></request>",
            f"<response><status>Success</status><url>{LINK}</url></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"action":"getSendingStatistics","start-date":"2010-10-01 12:00:00","end-date":"2010-10-02 12:00:00"}',
            f'{{"status":"Success","url":"{LINK}"}}',
            id="J2",
        ),
    ],
)
async def test_where_the_report_is(door: Door, path: str, body: str, answer: str) -> None:
    reply = await door.post(body, None, path, f"x-api-key: {KEY}\r\n" if path == J2 else "")
    assert (reply.status, reply.body) == (200, answer)


async def test_a_get_asks_too(door: Door) -> None:
    query = f"action=getsendingstatus&api_key={KEY}&start_date=2010-10-01+12:00:00&end_date=2010-10-02+12:00:00"
    assert (await door.get(query)).body == f"<RESPONSE><STATUS>Success</STATUS><URL>{LINK}</URL></RESPONSE>"


@pytest.mark.parametrize(
    ("dates", "code", "words"),
    [
        pytest.param(START, "E506", "'start_date'/'end_date' is required.", id="no end"),
        pytest.param(END, "E506", "'start_date'/'end_date' is required.", id="no start"),
        pytest.param("<START_DATE>soon</START_DATE>" + END, "E507", "Invalid 'start_date' format.", id="no date"),
        pytest.param(
            "<START_DATE>1969-01-01</START_DATE>" + END, "E507", "Invalid 'start_date' format.", id="before time began"
        ),
        pytest.param(START + "<END_DATE>x</END_DATE>", "E508", "Invalid 'end_date' format.", id="no end that is one"),
        pytest.param(
            START + "<END_DATE>2010-10-01 11:00:00</END_DATE>",
            "E508",
            "Invalid 'end_date' format. (it is before the first)",
            id="backwards",
        ),
        pytest.param(
            START + "<END_DATE>2010-11-02 12:00:00</END_DATE>",
            "E509",
            "Lookup period is too long. (at most 31 days)",
            id="a month and a day",
        ),
    ],
)
async def test_refusals_are_whole(door: Door, dates: str, code: str, words: str) -> None:
    reply = await door.post(w13(dates))
    assert reply.body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><ERRORINFO>{words}</ERRORINFO></RESPONSE>"
    )
