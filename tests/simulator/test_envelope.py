"""The MM7 reader: what passes, and the code and sentence of everything that does not."""

import pytest
from tests.simulator.builder import CHILDREN, FAMILY, SOAP, USUAL, children, envelope, message

from slidewire.simulator.addresses import Address, Form
from slidewire.simulator.envelope import SCHEMAS, Kind, Request, read_envelope, read_request
from slidewire.simulator.schema import ORDER
from slidewire.simulator.status import RefusedError

ALL = tuple(CHILDREN)
WITHOUT = object()


def submit(*names: str, schema: str = "REL-6-MM7-1-4", **changed: str) -> bytes:
    return envelope(message("SubmitReq", children(*(names or USUAL), **changed), schema), schema)


def refusal(document: bytes) -> tuple[int, str]:
    with pytest.raises(RefusedError) as refused:
        read_request(read_envelope(document))
    return refused.value.code.number, refused.value.sentence


@pytest.mark.parametrize("schema", SCHEMAS)
def test_takes_every_element_in_schema_order_in_each_namespace(schema: str) -> None:
    version = "5.3.0" if "REL-5" in schema else "6.8.0"
    request = read_request(read_envelope(submit(*ALL, schema=schema, MM7Version=version)))
    assert request == Request(
        kind=Kind.SUBMIT,
        namespace=FAMILY + schema,
        transaction_id="tx-1",
        version=version,
        vasp_id="gw",
        vas_id="gw",
        sender=Address(Form.SHORT_CODE, "28444"),
        receivers=(Address(Form.NUMBER, "+15551230000"),),
        subject="Hello",
        wants_report=True,
        href="cid:mms",
    )


def test_the_builder_writes_the_order_of_the_table() -> None:
    assert [child.name for child in ORDER["SubmitReq"]] == list(ALL)


@pytest.mark.parametrize("place", range(len(ALL) - 1))
def test_refuses_any_two_neighbours_out_of_order(place: int) -> None:
    names = [*ALL[:place], ALL[place + 1], ALL[place], *ALL[place + 2 :]]
    code, sentence = refusal(submit(*names))
    assert code == 4004
    assert ALL[place] in sentence


@pytest.mark.parametrize("missing", ["MM7Version", "SenderIdentification", "Recipients"])
def test_refuses_a_missing_required_element(missing: str) -> None:
    names = [name for name in USUAL if name != missing]
    assert refusal(submit(*names)) == (4004, f"SubmitReq lacks {missing} at its place.")


@pytest.mark.parametrize("doubled", [name for name in ALL if name != "Recipients"])
def test_refuses_an_element_that_comes_twice(doubled: str) -> None:
    place = ALL.index(doubled)
    assert refusal(submit(*ALL[:place], doubled, *ALL[place:])) == (4004, f"{doubled} stands twice in SubmitReq.")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        pytest.param("MM7Version", "6.7.0", 4002, id="a version outside the list"),
        pytest.param("MM7Version", "1", 4002, id="a version that is none"),
        pytest.param("MM7Version", " 6.8.0", 4002, id="a padded version"),
        pytest.param("MM7Version", "<m:x/>", 4004, id="an element inside a text"),
        pytest.param("MessageClass", "personal", 4004, id="a class in lower case"),
        pytest.param("TimeStamp", "2026-02-30T10:00:00Z", 4004, id="a day that does not exist"),
        pytest.param("TimeStamp", "P1D", 4004, id="a duration where only a date may stand"),
        pytest.param("TimeStamp", "2026-02-03 10:00:00", 4004, id="a date without its T"),
        pytest.param("EarliestDeliveryTime", "tomorrow", 4004, id="a time in words"),
        pytest.param("ExpiryDate", "P", 4004, id="a duration of nothing"),
        pytest.param("ExpiryDate", "P1DT", 4004, id="a duration that ends in T"),
        pytest.param("ExpiryDate", "3d", 4004, id="a duration of our own settings"),
        pytest.param("DeliveryReport", "True", 4004, id="a boolean with a capital"),
        pytest.param("DeliveryReport", "yes", 4004, id="a boolean in words"),
        pytest.param("ReadReply", "", 4004, id="an empty boolean"),
        pytest.param("Priority", "Urgent", 4004, id="an unknown priority"),
        pytest.param("ChargedParty", "Nobody", 4004, id="an unknown payer"),
        pytest.param("DeliveryCondition", "", 4004, id="no condition in it"),
        pytest.param("DeliveryCondition", "<m:DC>0</m:DC>", 4004, id="a condition that is no positive number"),
        pytest.param("ContentClass", "video", 4004, id="an unknown content class"),
        pytest.param("ReplyCharging", "<m:x/>", 4004, id="something inside ReplyCharging"),
        pytest.param("SenderIdentification", "<m:VASID>a</m:VASID><m:VASPID>b</m:VASPID>", 4004, id="VASID first"),
        pytest.param("SenderIdentification", "<m:VASP>a</m:VASP>", 4004, id="an unknown element inside"),
        pytest.param("SenderIdentification", "text", 4004, id="bare text inside"),
        pytest.param("SenderIdentification", "<m:SenderAddress/>", 4004, id="an empty sender address"),
        pytest.param(
            "SenderIdentification",
            "<m:SenderAddress><m:Number>28444</m:Number><m:ShortCode>1234</m:ShortCode></m:SenderAddress>",
            4004,
            id="two sender addresses",
        ),
        pytest.param(
            "SenderIdentification",
            "<m:SenderAddress><m:Number>four</m:Number></m:SenderAddress>",
            2002,
            id="a sender that is no number",
        ),
        pytest.param("Recipients", "", 4004, id="no receiver"),
        pytest.param("Recipients", "15551230000", 4004, id="a receiver as bare text"),
        pytest.param("Recipients", "<m:To/>", 4004, id="an empty To"),
        pytest.param("Recipients", "<m:To>15551230000</m:To>", 4004, id="bare text in To"),
        pytest.param("Recipients", "<m:For><m:Number>15551230000</m:Number></m:For>", 4004, id="neither To nor Cc"),
        pytest.param("Recipients", "<m:To><m:Phone>15551230000</m:Phone></m:To>", 4004, id="no kind of address"),
        pytest.param("Recipients", "<m:To><Number>15551230000</Number></m:To>", 4004, id="no namespace"),
        pytest.param(
            "Recipients", '<m:To><m:Number displayOnly="no">15551230000</m:Number></m:To>', 4004, id="displayOnly=no"
        ),
        pytest.param(
            "Recipients", '<m:To><m:Number addressCoding="rot13">15551230000</m:Number></m:To>', 4004, id="coding"
        ),
        pytest.param(
            "Recipients", '<m:To><m:Number kind="x">15551230000</m:Number></m:To>', 4004, id="an unknown attribute"
        ),
        pytest.param("Recipients", "<m:To><m:Number>01555123000</m:Number></m:To>", 2002, id="a leading zero"),
        pytest.param("Recipients", "<m:To><m:Number>1555 123</m:Number></m:To>", 2002, id="a space in a number"),
        pytest.param("Recipients", "<m:To><m:Number>1234567890123456</m:Number></m:To>", 2002, id="sixteen digits"),
        pytest.param("Recipients", "<m:To><m:RFC2822Address>bob</m:RFC2822Address></m:To>", 2002, id="no mailbox"),
        pytest.param("Recipients", "<m:To><m:ShortCode>ab</m:ShortCode></m:To>", 2002, id="letters as short code"),
        pytest.param("Content", "<m:Content/>", 4004, id="no href"),
        pytest.param("Content", '<m:Content href=" "/>', 4004, id="an empty href"),
        pytest.param("Content", '<m:Content href="cid:mms">x</m:Content>', 4004, id="text inside Content"),
        pytest.param("Content", '<m:Content href="cid:mms" allowAdaptations="maybe"/>', 4004, id="adaptations=maybe"),
        pytest.param("Content", '<m:Content href="cid:mms" type="x"/>', 4004, id="an unknown attribute of Content"),
    ],
)
def test_refuses_a_wrong_value(name: str, value: str, code: int) -> None:
    assert refusal(submit(*ALL, **{name: value}))[0] == code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("ExpiryDate", "P1Y2M3DT4H5M6.5S", id="a whole duration"),
        pytest.param("ExpiryDate", "PT90S", id="a duration of seconds"),
        pytest.param("ExpiryDate", "2026-05-04T10:00:00.250+05:30", id="a date with its zone"),
        pytest.param("EarliestDeliveryTime", " P1D ", id="white space around a duration"),
        pytest.param("DeliveryReport", " 1 ", id="white space around a boolean"),
        pytest.param("Subject", "", id="an empty subject"),
        pytest.param("Subject", "<![CDATA[<b>]]>", id="CDATA"),
        pytest.param(
            "Recipients",
            "<m:To><m:RFC2822Address>+15551230000/TYPE=PLMN</m:RFC2822Address></m:To>"
            "<m:Cc><m:ShortCode>28444</m:ShortCode></m:Cc>",
            id="all three forms of a receiver",
        ),
        pytest.param(
            "SenderIdentification",
            "<m:SenderAddress><m:RFC2822Address>ACME Shop</m:RFC2822Address></m:SenderAddress>",
            id="an alphanumeric sender",
        ),
        pytest.param("SenderIdentification", "", id="nobody identified"),
    ],
)
def test_takes_a_value(name: str, value: str) -> None:
    read_request(read_envelope(submit(*ALL, **{name: value})))


def test_reads_receivers_in_the_form_they_came() -> None:
    recipients = (
        "<m:To><m:Number>+15551230000</m:Number>"
        '<m:RFC2822Address displayOnly="true">15551230001/TYPE=PLMN</m:RFC2822Address></m:To>'
    )
    request = read_request(read_envelope(submit(Recipients=recipients)))
    assert [(one.form, one.number, one.display_only) for one in request.receivers] == [
        (Form.NUMBER, "15551230000", False),
        (Form.RFC2822, "15551230001", True),
    ]


TRANSACTION = f'<t:TransactionID xmlns:t="{FAMILY}REL-6-MM7-1-4" e:mustUnderstand="1">tx</t:TransactionID>'


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param(envelope(message("SubmitReq", children(*USUAL)), header=""), 4004, id="no TransactionID"),
        pytest.param(envelope("", header=TRANSACTION * 2), 4004, id="two TransactionIDs"),
        pytest.param(
            envelope("", header=TRANSACTION.replace(' e:mustUnderstand="1"', "")), 4004, id="no mustUnderstand"
        ),
        pytest.param(envelope("", header=TRANSACTION.replace('"1"', '"0"')), 4004, id="mustUnderstand=0"),
        pytest.param(
            envelope("", header=TRANSACTION.replace("e:must", "must")), 4004, id="mustUnderstand without namespace"
        ),
        pytest.param(envelope("", header=TRANSACTION.replace(">tx<", "> <")), 4004, id="an empty TransactionID"),
        pytest.param(
            envelope("", header=TRANSACTION.replace(">tx<", f">{'t' * 201}<")), 4004, id="an endless TransactionID"
        ),
        pytest.param(envelope("", header=TRANSACTION.replace("1-4", "9-9")), 4002, id="a header of no known schema"),
        pytest.param(envelope("", header=TRANSACTION), 4004, id="an empty body"),
        pytest.param(envelope(message("SubmitReq", children(*USUAL)) * 2, header=TRANSACTION), 4004, id="two messages"),
        pytest.param(envelope("<SubmitReq/>", header=TRANSACTION), 4004, id="no namespace"),
        pytest.param(
            envelope(message("SubmitReq", [], "REL-7-MM7-1-0"), header=TRANSACTION), 4002, id="an unknown schema"
        ),
        pytest.param(envelope(message("DeliverReq", []), header=TRANSACTION), 4003, id="a message for the VASP"),
        pytest.param(envelope(message("MakeCoffeeReq", []), header=TRANSACTION), 4003, id="an unknown message"),
        pytest.param(b"<Envelope/>", 4004, id="no SOAP"),
        pytest.param(
            f'<e:Envelope xmlns:e="{SOAP}"><e:Body/></e:Envelope>'.encode(), 4004, id="an envelope without header"
        ),
        pytest.param(f'<e:Envelope xmlns:e="{SOAP}"><e:Body/><e:Header/></e:Envelope>'.encode(), 4004, id="body first"),
        pytest.param(
            envelope("").replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"), 4004, id="SOAP 1.2"
        ),
        pytest.param(
            envelope(message("SubmitReq", children(*USUAL), "REL-5-MM7-1-0")), 4002, id="release 6 version in release 5"
        ),
        pytest.param(envelope(message("SubmitReq", [*children(*USUAL), "<m:Extra/>"])), 4004, id="an unknown element"),
        pytest.param(
            envelope(message("SubmitReq", [*children("MM7Version"), "<Recipients/>"])), 4004, id="a bare child"
        ),
        pytest.param(envelope(message("SubmitReq", ["text", *children(*USUAL)])), 4004, id="loose text"),
        pytest.param(envelope(message("CancelReq", children(*USUAL[:2]))), 4004, id="a CancelReq without MessageID"),
    ],
)
def test_refuses_an_envelope(document: bytes, code: int) -> None:
    assert refusal(document)[0] == code


def test_header_and_body_may_be_of_different_schemas() -> None:
    header = TRANSACTION.replace("REL-6-MM7-1-4", "REL-5-MM7-1-0")
    document = envelope(message("SubmitReq", children(*USUAL)), header=header)
    assert read_request(read_envelope(document)).namespace == FAMILY + "REL-6-MM7-1-4"


def test_a_prefix_or_none_makes_no_difference() -> None:
    document = submit().replace(b"<m:", b"<").replace(b"</m:", b"</").replace(b"xmlns:m=", b"xmlns=")
    assert read_request(read_envelope(document)) == read_request(read_envelope(submit()))


BOMB = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"<!DOCTYPE x>" + envelope("").partition(b"?>")[2], id="a DTD"),
        pytest.param(b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + envelope("").partition(b"?>")[2], id="outside DTD"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a0 "lol">' + BOMB + b"]><x>&a8;</x>", id="a bomb of entities"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a0 "lol">' + BOMB + b']><x y="&a8;"/>', id="a bomb in an attribute"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', id="a file as entity"),
        pytest.param(submit(Subject="&nbsp;"), id="an unknown entity"),
        pytest.param(b"<a>" * 10_000 + b"</a>" * 10_000, id="ten thousand deep"),
        pytest.param(b"<a>" * 40 + b"</a>" * 40, id="forty deep"),
        pytest.param(b"<a>" + b"<b/>" * 30_000 + b"</a>", id="thirty thousand elements"),
        pytest.param(submit().decode().encode("utf-16"), id="UTF-16"),
        pytest.param(submit(Subject="é").decode().encode("latin-1"), id="Latin-1 bytes"),
        pytest.param(submit().replace(b'encoding="utf-8"', b'encoding="iso-8859-1"'), id="Latin-1 declared"),
        pytest.param(submit(Subject="\x01"), id="a control character"),
        pytest.param(b"", id="nothing"),
        pytest.param(submit()[:-20], id="an end that is missing"),
    ],
)
def test_refuses_hostile_xml_as_a_validation_error(document: bytes) -> None:
    assert refusal(document)[0] == 4004
