"""An MMSC's answers as bytes, the odd ones too: from standards.md 1.3 to 1.6 and 8, not from our own writer."""

from tests.fakes.raw_server import http_answer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MM7 = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
XML = (("Content-Type", 'text/xml; charset="utf-8"'),)


def status_xml(code: str, text: str = "", details: str = "") -> str:
    return f"<Status><StatusCode>{code}</StatusCode><StatusText>{text}</StatusText>{details}</Status>"


def submit_rsp(code: str = "1000", text: str = "Success", message_id: str = "m-1", details: str = "") -> bytes:
    """The schema's own shape."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header>'
        f'<t:TransactionID xmlns:t="{MM7}REL-5-MM7-1-2" env:mustUnderstand="1">0195a7c08d3a7f0b8a1f4d2c6e9b7a55'
        f"</t:TransactionID></env:Header>"
        f'<env:Body><SubmitRsp xmlns="{MM7}REL-5-MM7-1-2"><MM7Version>5.3.0</MM7Version>'
        f"{status_xml(code, text, details)}<MessageID>{message_id}</MessageID></SubmitRsp></env:Body></env:Envelope>"
    ).encode()


def fault(detail: str, code: str = "env:Server", text: str = "Error") -> bytes:
    return (
        f'<env:Envelope xmlns:env="{SOAP}"><env:Body><env:Fault><faultcode>{code}</faultcode>'
        f"<faultstring>{text}</faultstring>{detail}</env:Fault></env:Body></env:Envelope>"
    ).encode()


def rs_error(code: str, text: str = "Error") -> bytes:
    """A Fault whose detail holds an RSErrorRsp."""
    inside = (
        f'<RSErrorRsp xmlns="{MM7}REL-5-MM7-1-2"><MM7Version>5.3.0</MM7Version>{status_xml(code, text)}</RSErrorRsp>'
    )
    return fault(f"<detail>{inside}</detail>")


def ok(body: bytes, status: str = "200 OK", headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    return http_answer(body, status, XML + headers)
