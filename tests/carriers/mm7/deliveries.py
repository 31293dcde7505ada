"""DeliverReq as MMSCs write it: from standards.md 1.3 to 1.6 and 8, built by hand, not by our own writer."""

from dataclasses import dataclass, field

from tests.carriers.replies import MM7, SOAP

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
SMIL = b'<smil><body><par dur="5s"><img src="p.jpg"/><text src="t.txt"/></par></body></smil>'
SENDER = "<Sender><Number>+15557650001</Number></Sender>"
RECIPIENTS = "<Recipients><To><ShortCode>24680</ShortCode></To></Recipients>"
HEAD = "<MM7Version>5.3.0</MM7Version><MMSRelayServerID>mmsc</MMSRelayServerID>"
CONTENT = '<Content href="cid:mms" allowAdaptations="true"/>'


@dataclass(frozen=True)
class Shape:
    """One request: its headers and its body."""

    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = field(default=())


def part(content: bytes, *headers: str) -> bytes:
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + content


def multipart(boundary: str, *parts: bytes, padding: bytes = b"") -> bytes:
    mark = b"--" + boundary.encode()
    lines = [mark + padding + b"\r\n" + each + b"\r\n" for each in parts]
    return b"".join(lines) + mark + b"--\r\n"


def deliver_req(
    inside: str, *, prefix: str = "mm7:", version: str = "REL-5-MM7-1-2", transaction: str = "tx-1"
) -> bytes:
    """The SOAP part; ``inside`` is written without prefixes, and gets this one."""
    inside = inside.replace("<", f"<{prefix}").replace(f"<{prefix}/", f"</{prefix}")
    name, declared = f"{prefix}DeliverReq", f'xmlns{":" + prefix[:-1] if prefix else ""}="{MM7}{version}"'
    header = f'<t:TransactionID xmlns:t="{MM7}{version}" env:mustUnderstand="1">{transaction}</t:TransactionID>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header>{header}</env:Header>'
        f"<env:Body><{name} {declared}>{inside}</{name}></env:Body></env:Envelope>"
    ).encode()


def soap(inside: str = HEAD + SENDER + RECIPIENTS + CONTENT, **how: str) -> bytes:
    return part(deliver_req(inside, **how), 'Content-Type: text/xml; charset="utf-8"', "Content-ID: <soap>")


OUTER = 'multipart/related; boundary="outer"; type="text/xml"; start="<soap>"'
IMAGE = part(JPEG, 'Content-Type: image/jpeg; name="p.jpg"', "Content-ID: <p.jpg>", "Content-Location: p.jpg")
WORDS = part("Où es-tu ?".encode(), "Content-Type: text/plain; charset=utf-8", "Content-ID: <t.txt>")


def mms(*parts: bytes, kind: str = "multipart/related", content_id: str = "<mms>") -> bytes:
    """The MMS, with the parts inside it."""
    return part(multipart("inner", *parts), f'Content-Type: {kind}; boundary="inner"', f"Content-ID: {content_id}")


def request(*parts: bytes, content_type: str = OUTER) -> Shape:
    return Shape(multipart("outer", *parts), content_type)
