"""The simulator's settings, each with the words that --help prints about it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from slidewire.simulator.chaos import parse_chaos
from slidewire.simulator.envelope import SCHEMAS

T = TypeVar("T")


def _setting(default: T, says: str) -> T:
    made: Any = field(default=default, metadata={"help": says})
    return made  # type: ignore[no-any-return]  # dataclasses types field() as its default, we pass it through


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Everything that can be set. Seconds, bytes and counts; port 0 takes a free one."""

    host: str = _setting("127.0.0.1", "Address to listen on, for MM7 and for the handset page.")
    mm7_port: int = _setting(11982, "Port of the MMSC: MM7 is taken at /mm7.")
    http_port: int = _setting(11980, "Port of the handset page and the JSON API.")
    smpp_port: int = _setting(2775, "Port of the SMSC: SMPP 3.4, for SMS.")
    smpp_system_id: str = _setting("", "system_id that SMPP clients must present; empty: nobody is asked.")
    smpp_password: str = _setting("", "Password that SMPP clients must present, at most 8 signs.")
    smpp_rate: float = _setting(0.0, "Segments a second that are taken, above it 0x58 is answered; 0: any number.")
    username: str = _setting("", "Basic user that MM7 clients must present; empty: nobody is asked.")
    password: str = _setting("", "Basic password that MM7 clients must present.")
    vasp_id: str = _setting("", "VASPID that requests must bear, else 4001; empty: any.")
    vas_id: str = _setting("", "VASID that requests must bear, else 4001; empty: any.")
    max_bytes: int = _setting(600_000, "Largest HTTP body of an MM7 request, in bytes.")
    max_receivers: int = _setting(10, "Most receivers of one SubmitReq; above it 3003 is answered.")
    require_smil: bool = _setting(False, "Refuse messages without a SMIL part, as some carriers do.")
    answer_schema: str = _setting(
        "", "Answer and report in this schema (such as REL-5-MM7-1-0) whatever was asked; empty: as asked."
    )
    unprefixed: bool = _setting(False, "Leave the children of answers without prefix and namespace.")
    fault_http: int = _setting(500, "HTTP status of SOAP Faults: 500, or 200 as some carriers do.")
    report_url: str = _setting("", "Where DeliveryReportReq are posted; empty: nowhere.")
    report_username: str = _setting("", "Basic user presented with reports; empty: none.")
    report_password: str = _setting("", "Basic password presented with reports.")
    report_after: float = _setting(0.2, "Seconds from the submission to its report, and between two reports.")
    report_timeout: float = _setting(10.0, "Seconds that a report may wait for its answer.")
    report_backoff: tuple[float, ...] = _setting(
        (1.0, 2.0, 4.0, 8.0), "Seconds between the tries of a report: one try more than there are numbers."
    )
    slow_answer: float = _setting(3.0, "Seconds that a slow answer takes.")
    first_tries: int = _setting(2, "Tries that fail where a table says 'at the first tries'.")
    body_timeout: float = _setting(30.0, "Seconds in which a request's body must have come.")
    keep_messages: int = _setting(1_000, "Messages kept in memory; the oldest go first.")
    keep_bytes: int = _setting(200_000_000, "Bytes of messages kept in memory; the oldest go first.")
    chaos: str = _setting("", "Trouble by chance, in percent: throttle=5,cut=2,report-loss=1")
    seed: int | None = _setting(None, "Seed of the chaos, to play the same trouble again.")

    def __post_init__(self) -> None:
        """Raises ValueError, with a sentence, for settings that cannot work."""
        parse_chaos(self.chaos)
        ipaddress.ip_address(self.host)
        if self.answer_schema and self.answer_schema not in SCHEMAS:
            raise ValueError(f"answer_schema is {self.answer_schema!r}; known are {', '.join(SCHEMAS)}")
        if self.fault_http not in {200, 400, 500}:
            raise ValueError("fault_http must be 200, 400 or 500")
        if self.report_url and not self.report_url.startswith(("http://", "https://")):
            raise ValueError("report_url must begin with http:// or https://")
        if self.smpp_rate < 0 or len(self.smpp_system_id) > 15 or len(self.smpp_password) > 8:
            raise ValueError("smpp_rate is not below 0, smpp_system_id has at most 15 signs, smpp_password 8")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password go together")
        for name in ("mm7_port", "http_port"):
            if not 0 <= getattr(self, name) <= 65_535:
                raise ValueError(f"{name} must be from 0 (any free port) to 65535")
        for name in ("max_bytes", "max_receivers", "keep_messages", "keep_bytes", "first_tries"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")


def settings_table() -> str:
    """Name, default and meaning of every setting, one a line."""
    return "\n".join(
        f"  {entry.name}: {entry.metadata['help']} (default: {entry.default!r})" for entry in fields(SimulatorSettings)
    )
