"""sendBatch and getBatch in each dialect: request bytes in, answer bytes out, typed from docs/reference/api-w13.md."""

import pytest
from tests.api.door import J2, KEY, M1, PATH, Door, failure

pytestmark = pytest.mark.asyncio(loop_scope="module")

ID = "01998a3c5d2e7c41a3f0b9c2d4e6f801"
DETAILS = "Batch accepted and queued for delivery"
W13_SEND = (
    f"<REQUEST><ACTION>sendBatch</ACTION><API_KEY>{KEY}</API_KEY><TO>15557650001, +15557650002\n15557650001</TO>"
    "<FROM>24680</FROM><NAME>n</NAME><SUBJECT>s</SUBJECT><SLIDE><TEXT>Hi</TEXT></SLIDE></REQUEST>"
)
M1_SEND = (
    f"<request><action>sendBatch</action><api-key>{KEY}</api-key><to>15557650001,+15557650002</to><from>24680</from>"
    "<name>n</name><message-subject>s</message-subject><slide><message-text>Hi</message-text></slide></request>"
)
J2_SEND = (
    '{"action":"sendBatch","to":["15557650001",15557650002],"from":"24680","name":"n","message-subject":"s",'
    '"slide":[{"message-text":"Hi"}]}'
)


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        pytest.param(
            PATH,
            W13_SEND,
            f"<RESPONSE><STATUS>Success</STATUS><BATCHID>{ID}</BATCHID><TOTAL>2</TOTAL>"
            f"<STATUSDETAILS>{DETAILS}</STATUSDETAILS></RESPONSE>",
            id="sendBatch in W13",
        ),
        pytest.param(
            M1,
            M1_SEND,
            f"<response><status>Success</status><batch-id>{ID}</batch-id><total>2</total>"
            f"<status-details>{DETAILS}</status-details></response>",
            id="sendBatch in M1",
        ),
        pytest.param(
            J2,
            J2_SEND,
            f'{{"status":"Success","batch-id":"{ID}","total":"2","status-details":"{DETAILS}"}}',
            id="sendBatch in J2",
        ),
        pytest.param(
            PATH,
            f"<REQUEST><ACTION>getBatch</ACTION><API_KEY>{KEY}</API_KEY><BATCHID>{ID}</BATCHID></REQUEST>",
            f"<RESPONSE><STATUS>Success</STATUS><BATCHID>{ID}</BATCHID><BATCHSTATUS>expanding</BATCHSTATUS>"
            "<TOTAL>4</TOTAL><WAITING>1</WAITING><REFUSED>1</REFUSED><SCHEDULED>0</SCHEDULED><ACCEPTED>0</ACCEPTED>"
            "<ENCODING>0</ENCODING><SUBMITTED>0</SUBMITTED><DELIVERED>2</DELIVERED><FAILED>0</FAILED>"
            "<EXPIRED>0</EXPIRED><REJECTED>0</REJECTED><CANCELLED>0</CANCELLED><PAGENUMBER>1</PAGENUMBER>"
            "<ITEMSPERPAGE>100</ITEMSPERPAGE><SENDING><ERRORCODE>E110</ERRORCODE><TO>12</TO>"
            "<ERRORINFO>Invalid receiver number.</ERRORINFO></SENDING></RESPONSE>",
            id="getBatch in W13",
        ),
        pytest.param(
            M1,
            f"<request><action>getBatch</action><api-key>{KEY}</api-key><batch-id>{ID}</batch-id></request>",
            f"<response><status>Success</status><batch-id>{ID}</batch-id><batch-status>expanding</batch-status>"
            "<total>4</total><waiting>1</waiting><refused>1</refused><scheduled>0</scheduled><accepted>0</accepted>"
            "<encoding>0</encoding><submitted>0</submitted><delivered>2</delivered><failed>0</failed>"
            "<expired>0</expired><rejected>0</rejected><cancelled>0</cancelled><page-number>1</page-number>"
            "<items-per-page>100</items-per-page><sending><error-code>E110</error-code><to>12</to>"
            "<error-info>Invalid receiver number.</error-info></sending></response>",
            id="getBatch in M1",
        ),
        pytest.param(
            J2,
            f'{{"action":"getBatch","batch-id":"{ID}","items-per-page":7}}',
            f'{{"status":"Success","batch-id":"{ID}","batch-status":"expanding","total":"4","waiting":"1","refused":"1",'
            '"scheduled":"0","accepted":"0","encoding":"0","submitted":"0","delivered":"2","failed":"0","expired":"0",'
            '"rejected":"0","cancelled":"0","page-number":"1","items-per-page":"7",'
            '"sending":[{"error-code":"E110","to":"12","error-info":"Invalid receiver number."}]}',
            id="getBatch in J2",
        ),
    ],
)
async def test_a_batch_is_answered_as_published(door: Door, path: str, body: str, answer: str) -> None:
    reply = await door.post(body, path=path, headers=f"x-api-key: {KEY}\r\n")
    assert reply.body == answer


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        pytest.param(("24680", "99999"), failure("E111", "Invalid Sender.", None), id="a sender of somebody else"),
        pytest.param(
            ("15557650001, ", "1,2,3,4,"), failure("E623", "More than 3 numbers in 'to'.", None), id="too many numbers"
        ),
        pytest.param(
            ("15557650001, +15557650002\n15557650001", " , "),
            failure("E621", "The 'to' is required.", None),
            id="no number",
        ),
    ],
)
async def test_what_is_wrong_with_all_of_it_is_told(door: Door, change: tuple[str, str], answer: str) -> None:
    assert (await door.post(W13_SEND.replace(*change))).body == answer
