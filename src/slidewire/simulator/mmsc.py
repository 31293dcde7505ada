"""The MMSC at /mm7: takes requests as strictly as a carrier, keeps messages, answers, lets reports follow.

The order of checks is a carrier's: who is asking, the HTTP request, MIME, SOAP, schema, then the content.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator.answers import XML, Asked
from slidewire.simulator.behaviours import Answer, Behaviour, Tries, behaviour_of
from slidewire.simulator.chaos import parse_chaos
from slidewire.simulator.contents import check_soap_part, find_content, open_content
from slidewire.simulator.door import CUT
from slidewire.simulator.envelope import Kind, read_envelope, read_request
from slidewire.simulator.inbox import Kept
from slidewire.simulator.mimeheaders import corrupt
from slidewire.simulator.multipart import Part, read_entity
from slidewire.simulator.status import Code, RefusedError
from slidewire.simulator.web import PLAIN, Reply, authorised, header, read_body, send_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from slidewire.simulator.addresses import Address
    from slidewire.simulator.envelope import Envelope, Request
    from slidewire.simulator.reports import Desk, Reporter
    from slidewire.simulator.web import Receive, Scope, Send

PATH = "/mm7"
RETRY_AFTER = (("retry-after", "1"),)
#: Answers that take nothing and are no SOAP.
PLAIN_REPLIES = {
    Answer.THROTTLE: Reply(429, b"too many requests\n", PLAIN, RETRY_AFTER),
    Answer.BUSY: Reply(503, b"service unavailable\n", PLAIN, RETRY_AFTER),
    Answer.GARBAGE: Reply(200, b"<html><body>It works!</body>", "text/html"),
}


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request that could be read, with what came beside its envelope."""

    request: Request
    entity: Part
    size: int

    @property
    def asked(self) -> Asked:
        """What the answer has to repeat."""
        return Asked(self.request.transaction_id, self.request.namespace, self.request.version)


class Mmsc:
    """The bare ASGI app of the MM7 port. ``chaos`` may be changed at any time."""

    def __init__(self, desk: Desk, reporter: Reporter, rng: Random, new_id: Callable[[int], str]) -> None:
        self._desk = desk
        self._settings = desk.settings
        self._reporter = reporter
        self._rng = rng
        self._new_id = new_id
        self._tries = Tries(desk.settings.first_tries)
        self.chaos = parse_chaos(desk.settings.chaos)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; None for an answer means that the connection was cut."""
        reply = self._not_for_us(scope)
        if reply is None:
            try:
                reply = await self._mm7(scope, receive)
            except ConnectionAbortedError:
                return
        if reply is None:
            scope["extensions"][CUT]()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send_reply(send, reply, scope["method"])

    def _not_for_us(self, scope: Scope) -> Reply | None:
        if scope["path"] != PATH:
            return Reply(404, b"MM7 is taken at /mm7\n")
        if scope["method"] != "POST":
            return Reply(405, b"MM7 is taken by POST\n", headers=(("allow", "POST"),))
        username, password = self._settings.username, self._settings.password
        if username and not authorised(scope, username, password):
            challenge = (("www-authenticate", 'Basic realm="mm7"'), ("connection", "close"))
            return Reply(401, b"who are you?\n", PLAIN, challenge)
        return None

    async def _mm7(self, scope: Scope, receive: Receive) -> Reply | None:
        asked = Asked()
        try:
            body = await read_body(scope, receive, self._settings.max_bytes, self._settings.body_timeout)
            envelope, entity = open_request(header(scope, "content-type") or "", body)
            asked = Asked(envelope.transaction_id, envelope.namespace)
            arrived = Arrived(self._identified(read_request(envelope)), entity, len(body))
            asked = arrived.asked
            if arrived.request.kind is Kind.SUBMIT:
                return await self._submit(arrived)
            self._change(arrived)
            name = ANSWER_NAMES[arrived.request.kind]
            return Reply(200, self._desk.writer.answer(name, asked, Code.SUCCESS), XML)
        except RefusedError as refused:
            return self._fault(asked, refused)

    def _fault(self, asked: Asked, refused: RefusedError) -> Reply:
        self._desk.log.info("refused", code=refused.code.number, http=refused.http)
        document = self._desk.writer.fault(asked, refused.code, refused.sentence)
        headers = (("connection", "close"),) if refused.http else ()
        return Reply(refused.http or self._settings.fault_http, document, XML, headers)

    def _identified(self, request: Request) -> Request:
        for name, expected, found in (
            ("VASPID", self._settings.vasp_id, request.vasp_id),
            ("VASID", self._settings.vas_id, request.vas_id),
        ):
            if expected and expected != found:
                raise RefusedError(Code.NOT_IDENTIFIED, f"The {name} {found[:80]!r} is not known here.")
        return request

    async def _submit(self, arrived: Arrived) -> Reply | None:
        part = find_content(arrived.request, arrived.entity)
        content = open_content(part, require_smil=self._settings.require_smil)
        first, *others = self._receivers(arrived.request)
        behaviour = self._tries.settle(first.number, behaviour_of(first.number))
        behaviour = self.chaos.upset(behaviour, self._rng)
        if behaviour.answer in PLAIN_REPLIES:
            return PLAIN_REPLIES[behaviour.answer]
        if behaviour.answer is Answer.FAULT:
            raise RefusedError(behaviour.code, f"{behaviour.code.text}: simulated for this receiver.")
        number = self._desk.inbox.next_number()
        message = Kept(number, self._new_id(number), arrived.request, content, self._desk.clock(), arrived.size)
        self._desk.inbox.keep(message)
        self._desk.log.info("taken", message_id=message.message_id, bytes=arrived.size)
        for other in others:
            upset = self.chaos.upset(behaviour_of(other.number), self._rng)
            self._reporter.plan(message, other, upset, self._settings.report_after)
        await self._follow_first(message, behaviour)
        if behaviour.answer is Answer.CUT:
            return None
        return Reply(200, self._desk.writer.answer("SubmitRsp", arrived.asked, Code.SUCCESS, message.message_id), XML)

    async def _follow_first(self, message: Kept, behaviour: Behaviour) -> None:
        """Reports of the first receiver, and the wait that its digits ask for before the answer."""
        receiver, wait = message.receivers[0], 0.0
        if behaviour.answer is Answer.SLOW:
            wait = self._settings.slow_answer
        if behaviour.early:
            await self._reporter.hurry(message, receiver, behaviour)
        else:
            self._reporter.plan(message, receiver, behaviour, wait + self._settings.report_after)
        if wait:
            await asyncio.sleep(wait)

    def _receivers(self, request: Request) -> list[Address]:
        receivers = [address for address in request.receivers if not address.display_only]
        if not receivers:
            raise RefusedError(Code.ADDRESS_ERROR, "No receiver is left but those for display only.")
        if len(receivers) > self._settings.max_receivers:
            raise RefusedError(Code.TOO_MANY_ADDRESSES, f"At most {self._settings.max_receivers} receivers are taken.")
        return receivers

    def _change(self, arrived: Arrived) -> None:
        """Cancel or replace a message that has not reached its receivers."""
        request = arrived.request
        message = self._desk.inbox.find(request.message_id)
        if message is None or message.cancelled:
            raise RefusedError(Code.MESSAGE_NOT_FOUND, "No message with this MessageID is waiting here.")
        if message.fates:
            raise RefusedError(Code.NOT_POSSIBLE, "The message has left for its receiver already.")
        if request.kind is Kind.CANCEL:
            message.cancelled = True
            return
        part = find_content(request, arrived.entity)
        if part is not None:
            content = open_content(part, require_smil=self._settings.require_smil)
            self._desk.inbox.replace(message, content, arrived.size)


ANSWER_NAMES = {Kind.CANCEL: "CancelRsp", Kind.REPLACE: "ReplaceRsp"}


def open_request(content_type: str, body: bytes) -> tuple[Envelope, Part]:
    """Envelope and MIME entity of an HTTP body. Raises RefusedError 2007, 4004 or 4002."""
    if not content_type:
        raise corrupt("The request has no Content-Type.")
    entity = read_entity(content_type, body)
    if entity.type not in {"text/xml", "multipart/related"}:
        raise corrupt(f"A request is text/xml or multipart/related, not {entity.type}.")
    soap = entity.parts[0] if entity.parts else entity
    check_soap_part(soap)
    return read_envelope(soap.body), entity
