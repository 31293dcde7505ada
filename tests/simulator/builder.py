"""A SubmitReq built by hand for the simulator's tests: right by default, and wrong in one place on demand."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

from PIL import Image

FAMILY = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
#: A SubmitReq's children in schema order, with something valid in each.
CHILDREN = {
    "MM7Version": "6.8.0",
    "SenderIdentification": "<m:VASPID>gw</m:VASPID><m:VASID>gw</m:VASID>"
    "<m:SenderAddress><m:ShortCode>28444</m:ShortCode></m:SenderAddress>",
    "Recipients": "<m:To><m:Number>+15551230000</m:Number></m:To>",
    "ServiceCode": "s",
    "LinkedID": "l",
    "MessageClass": "Informational",
    "TimeStamp": "2026-05-04T10:00:00Z",
    "ReplyCharging": "",
    "EarliestDeliveryTime": "2026-05-04T10:00:00+02:00",
    "ExpiryDate": "P3D",
    "DeliveryReport": "true",
    "ReadReply": "false",
    "Priority": "Normal",
    "Subject": "Hello",
    "ChargedParty": "Sender",
    "ChargedPartyID": "c",
    "DistributionIndicator": "true",
    "DeliveryCondition": "<m:DC>1</m:DC>",
    "ApplicID": "a",
    "ReplyApplicID": "r",
    "AuxApplicInfo": "x",
    "ContentClass": "image-basic",
    "DRMContent": "false",
    "Content": None,
}
#: Those that nearly every sender writes.
USUAL = (*("MM7Version", "SenderIdentification", "Recipients", "ExpiryDate", "DeliveryReport", "Subject", "Content"),)


def jpeg(width: int = 64, height: int = 48, colour: str = "#c04020") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", quality=90)
    return out.getvalue()


def element(name: str, inside: str | None) -> str:
    if name == "Content":
        return '<m:Content href="cid:mms" allowAdaptations="true"/>' if inside is None else inside
    return f"<m:{name}>{inside}</m:{name}>"


def children(*names: str, **changed: str) -> list[str]:
    """The named children of a SubmitReq in the order asked for."""
    return [element(name, {**CHILDREN, **changed}[name]) for name in names]


def message(name: str, parts: list[str], schema: str = "REL-6-MM7-1-4") -> str:
    return f'<m:{name} xmlns:m="{FAMILY}{schema}">{"".join(parts)}</m:{name}>'


def envelope(
    body: str, schema: str = "REL-6-MM7-1-4", header: str | None = None, transaction_id: str = "tx-1"
) -> bytes:
    if header is None:
        header = f'<t:TransactionID xmlns:t="{FAMILY}{schema}" e:mustUnderstand="1">{transaction_id}</t:TransactionID>'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="{SOAP}">'
        f"<e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def submit_xml(receiver: str = "15551230000", schema: str = "REL-6-MM7-1-4", **changed: str) -> bytes:
    """An envelope with the usual children."""
    version = "5.3.0" if "REL-5" in schema else "6.8.0"
    recipients = f"<m:To><m:Number>{receiver}</m:Number></m:To>"
    fields = children(*USUAL, **{"MM7Version": version, "Recipients": recipients, **changed})
    return envelope(message("SubmitReq", fields, schema), schema, transaction_id=f"tx-{receiver}")


def part(content_type: str, body: bytes, *headers: str) -> bytes:
    """One MIME part, headers and body."""
    lines = [f"Content-Type: {content_type}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def multipart(parts: list[bytes], boundary: str = "outer") -> bytes:
    dash = b"--" + boundary.encode()
    return b"".join(dash + b"\r\n" + one + b"\r\n" for one in parts) + dash + b"--\r\n"


def named(content_type: str, name: str, body: bytes, *headers: str) -> bytes:
    """A part as well-behaved senders write it."""
    written = content_type + f'; name="{name}"'
    return part(written, body, f"Content-ID: <{name}>", f"Content-Location: {name}", *headers)


def smil(*pars: str, layout: str = "") -> bytes:
    layout = layout or (
        '<root-layout width="320" height="480"/><region id="Image" width="100%" height="60%" left="0" top="0"'
        ' fit="meet"/><region id="Text" width="100%" height="40%" left="0" top="60%"/>'
    )
    inside = "".join(f'<par dur="5s">{par}</par>' for par in pars)
    return f"<smil><head><layout>{layout}</layout></head><body>{inside}</body></smil>".encode()


IMG = '<img src="one.jpg" region="Image"/>'
TXT = '<text src="one.txt" region="Text"/>'


@dataclass(frozen=True)
class Submit:
    """A whole HTTP request. Replace a field to break it."""

    receiver: str = "15551230000"
    schema: str = "REL-6-MM7-1-4"
    changed: dict[str, str] = field(default_factory=dict)
    soap: bytes | None = None
    text: bytes = "Hé, hello 🌍".encode()
    text_type: str = "text/plain; charset=utf-8"
    picture: bytes = field(default_factory=jpeg)
    smil: bytes = smil(IMG + TXT)
    media: tuple[bytes, ...] | None = None
    inner_type: str = 'multipart/related; type="application/smil"; start="<smil.smil>"; boundary=inner'
    inner: bytes | None = None
    content_id: str = "<mms>"
    outer_type: str = 'multipart/related; type="text/xml"; start="<soap>"; boundary=outer'
    soap_type: str = 'text/xml; charset="utf-8"'

    def but(self, **changes: object) -> Submit:
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are the fields'

    def media_parts(self) -> tuple[bytes, ...]:
        if self.media is not None:
            return self.media
        return (
            named("image/jpeg", "one.jpg", self.picture, "Content-Transfer-Encoding: binary"),
            named(self.text_type, "one.txt", self.text),
        )

    def body(self) -> bytes:
        soap = self.soap if self.soap is not None else submit_xml(self.receiver, self.schema, **self.changed)
        inner = self.inner
        if inner is None:
            show = named("application/smil; charset=utf-8", "smil.smil", self.smil)
            inner = multipart([show, *self.media_parts()], "inner")
        parts = [
            part(self.soap_type, soap, "Content-ID: <soap>"),
            part(self.inner_type, inner, f"Content-ID: {self.content_id}"),
        ]
        return multipart(parts)

    def headers(self) -> dict[str, str]:
        return {"Content-Type": self.outer_type, "SOAPAction": '""'}
