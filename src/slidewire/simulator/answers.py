"""What the MMSC writes: answers, SOAP Faults and delivery reports, in the dialect that the settings ask for.

Real MMSCs answer in a schema of their own and leave prefixes away (standards.md 8): so can this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from slidewire.simulator.envelope import FAMILY, SOAP

if TYPE_CHECKING:
    from datetime import datetime

    from slidewire.simulator.addresses import Address
    from slidewire.simulator.behaviours import Fate
    from slidewire.simulator.status import Code

DEFAULT_SCHEMA = "REL-6-MM7-1-4"
XML = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to write: the schema always used (empty: the one that was asked in), and whether children go bare."""

    schema: str = ""
    unprefixed: bool = False

    def namespace(self, asked: str) -> str:
        """The namespace to answer in."""
        return FAMILY + self.schema if self.schema else asked or FAMILY + DEFAULT_SCHEMA


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer repeats of its request; empty as long as it could not be read."""

    transaction_id: str = ""
    namespace: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One DeliveryReportReq."""

    transaction_id: str
    namespace: str
    message_id: str
    receiver: Address
    sender: Address | None
    moment: datetime
    fate: Fate


def _version(namespace: str, version: str) -> str:
    return version or ("5.3.0" if "/REL-5-" in namespace else "6.8.0")


class Writer:
    """Writes XML in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def answer(self, name: str, asked: Asked, code: Code, message_id: str = "") -> bytes:
        """SubmitRsp, CancelRsp or ReplaceRsp; only a SubmitRsp has a ``message_id``."""
        namespace = self._dialect.namespace(asked.namespace)
        children = self._version_and_status(namespace, asked.version, code, "")
        if message_id:
            children += self._child("MessageID", escape(message_id))
        return self._envelope(asked, namespace, self._message(name, namespace, children))

    def fault(self, asked: Asked, code: Code, sentence: str) -> bytes:
        """A SOAP Fault whose detail is an RSErrorRsp.  # standards.md 1.4"""
        namespace = self._dialect.namespace(asked.namespace)
        children = self._version_and_status(namespace, asked.version, code, sentence)
        party = "Server" if code.number // 1000 == 3 else "Client"
        fault = (
            f"<env:Fault><faultcode>env:{party}</faultcode><faultstring>{escape(sentence)}</faultstring>"
            f"<detail>{self._message('RSErrorRsp', namespace, children)}</detail></env:Fault>"
        )
        return self._envelope(asked, namespace, fault)

    def report(self, report: Report, *, swapped: bool) -> bytes:
        """A DeliveryReportReq; ``swapped`` changes the places of Recipient and Sender.  # standards.md 8"""
        namespace = self._dialect.namespace(report.namespace)
        phone = self._address(report.receiver)
        ours = self._address(report.sender) if report.sender else self._child("Number", "0")
        recipient, sender = (ours, phone) if swapped else (phone, ours)
        moment = report.moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        children = "".join(
            self._child(name, value)
            for name, value in (
                ("MM7Version", _version(namespace, "")),
                ("MMSRelayServerID", "simulator"),
                ("MessageID", escape(report.message_id)),
                ("Recipient", recipient),
                ("Sender", sender),
                ("Date", moment),
                ("MMStatus", report.fate.value),
                ("StatusText", f"{report.fate.value} (simulated)"),
            )
        )
        asked = Asked(report.transaction_id, namespace)
        return self._envelope(asked, namespace, self._message("DeliveryReportReq", namespace, children))

    def _version_and_status(self, namespace: str, version: str, code: Code, sentence: str) -> str:
        same_release = ("/REL-5-" in namespace) <= version.startswith("5.")
        status = self._child("StatusCode", str(code.number)) + self._child("StatusText", code.text)
        if sentence:
            status += self._child("Details", escape(sentence))
        return self._child("MM7Version", _version(namespace, version if same_release else "")) + self._child(
            "Status", status
        )

    def _address(self, address: Address) -> str:
        return self._child(address.form.value, escape(address.text))

    def _child(self, name: str, inside: str) -> str:
        prefix = "" if self._dialect.unprefixed else "mm7:"
        return f"<{prefix}{name}>{inside}</{prefix}{name}>"

    @staticmethod
    def _message(name: str, namespace: str, children: str) -> str:
        return f'<mm7:{name} xmlns:mm7="{namespace}">{children}</mm7:{name}>'

    @staticmethod
    def _envelope(asked: Asked, namespace: str, body: str) -> bytes:
        header = ""
        if asked.transaction_id:
            header = (
                f'<env:Header><mm7:TransactionID xmlns:mm7="{namespace}" env:mustUnderstand="1">'
                f"{escape(asked.transaction_id)}</mm7:TransactionID></env:Header>"
            )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<env:Envelope xmlns:env="{SOAP}">{header}<env:Body>{body}</env:Body></env:Envelope>'
        ).encode()
