"""Saves messages and sends what was saved: the template in one transaction with its first task, messages likewise.

A message of a template is a message like any other: it takes its way, its checks and its commit from accept.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from slidewire.content.av.facts import AvBusyError, AvFailedError, AvRefusedError
from slidewire.content.av.pool import AvPool
from slidewire.content.fetch import FetchPolicy
from slidewire.content.formats import BY_TYPE, SAVE_FORMATS
from slidewire.content.store import ContentStore
from slidewire.domain.account import Account
from slidewire.domain.batches import Draft
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault
from slidewire.domain.idempotency import Answering
from slidewire.domain.message import Kind, Message, Part, Slide
from slidewire.domain.postback import PostbackCode
from slidewire.domain.request import (
    Addressee,
    CheckedRequest,
    CheckedSavedSend,
    CheckedTemplate,
    OverloadedError,
    Refused,
    Saved,
    SavedSent,
    TemplateQuery,
)
from slidewire.domain.saving import Filled, fill
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.template import ENCODED, Template, TemplatePage, TemplateState, template_postback, to_encode
from slidewire.intake.accept import Intake
from slidewire.intake.idempotency import write_alone, write_once
from slidewire.intake.pinning import insert_pinned
from slidewire.intake.several import Several, send_several
from slidewire.intake.tools import Load, Made, Tools
from slidewire.store import templates
from slidewire.store.database import Database
from slidewire.store.pins import Insertion
from slidewire.store.templates import NewTemplate

log = structlog.get_logger(__name__)

_DAY = 86_400_000
#: Seconds to stay away when too many files wait to be looked at.
_BUSY_RETRY = 5.0


@dataclass(frozen=True, slots=True)
class SavedTools:
    """What this works with, besides what every intake does."""

    tools: Tools
    intake: Intake
    database: Database
    store: ContentStore
    av: AvPool
    rules: Rules


class SavedMessages:
    """An account's templates."""

    def __init__(self, tools: SavedTools) -> None:
        self._saved = tools
        self._tools = tools.tools

    async def save(
        self,
        request: CheckedTemplate,
        account: Account,
        hung_up: Callable[[], Awaitable[None]] | None = None,
        answering: Answering[Saved] | None = None,
    ) -> Saved:
        """Make a template of ``request``. Raises FaultError, OverloadedError, CallerGoneError as ``accept`` does."""
        encoded = any(medium.kind in ENCODED for slide in request.slides for medium in slide.media)
        if wait := self._tools.full(TaskKind.ENCODE.queue(account.id) if encoded else ""):
            raise OverloadedError(wait)
        policy = FetchPolicy(account.id, account.settings.keep_url_queries, request.use_cache, SAVE_FORMATS)
        fetched = await self._tools.fetcher.fetch_slides(request.slides, policy, hung_up)
        await self._look_at_video(fetched.slides)
        template = await self._template(request, account, fetched.slides)
        contents = {part.content.digest: part.content for slide in fetched.slides for part in slide.parts}
        new = NewTemplate(
            template,
            self._first_task(template, account),
            pins=tuple(contents.values()),
            keep_until=(template.created_at // _DAY + 2) * _DAY,
            written=fetched.written,
        )
        saved = Saved(template.mms_id, request.warnings + fetched.warnings)

        told = answering and answering.of(lambda result: saved if result is Insertion.DONE else None)

        async def insert(new: NewTemplate) -> Insertion:
            return await write_once(self._tools.commits, templates.insert_templates, new, told)

        await insert_pinned(insert, new, lambda: self._tools.fetcher.bring_back(request.slides, fetched.slides, policy))
        if new.task is not None:
            self._tools.wake(new.task.queue)
        return saved

    async def send(
        self, send: CheckedSavedSend, account: Account, answering: Answering[list[SavedSent | Refused]] | None = None
    ) -> list[SavedSent | Refused]:
        """Send a template to each of its receivers, what became of each in their order.

        ``answering``: all messages are written at once, with the answer (durability 15). Raises FaultError and
        OverloadedError where nothing is sent at all.
        """
        sending, load = await self._sending(send, account)

        async def make(to: Addressee) -> Made:
            return await self._saved.intake.prepare(sending.request(to), account, load)

        return await send_several(self._saved.intake, Several(send.to, send.is_list, make), answering)

    async def draft(self, send: CheckedSavedSend, account: Account) -> Draft:
        """What a template says to many, without their numbers. Raises FaultError E241, E626 and for its texts."""
        sending, load = await self._sending(send, account)
        return Draft(
            sending.request(Addressee("", "", "", "", "")),
            sender="",
            slides=load.slides,
            warnings=load.warnings,
            mms_id=load.mms_id,
            probed=load.probed,
            test=account.settings.test,
        )

    async def _sending(self, send: CheckedSavedSend, account: Account) -> tuple["_Sending", Load]:
        template = await self._found(send.mms_id, account)
        sending = _Sending(template, fill(template, send, self._saved.rules), send, account)
        load = Load(
            sending.filled.slides,
            lambda: self._write_again(sending.filled.slides),
            sending.filled.warnings,
            mms_id=template.mms_id,
            probed=template.id == "" and bool(template.to_encode),
        )
        return sending, load

    async def ids(self, account: Account) -> list[int]:
        """The MMS ids of an account's templates."""
        return await self._saved.database.read(lambda c: templates.template_ids(c, account.id))

    async def page(self, account: Account, query: TemplateQuery) -> TemplatePage:
        """Some of an account's templates, the newest first."""
        return await self._saved.database.read(lambda c: templates.list_templates(c, account.id, query))

    async def delete(self, account: Account, mms_id: int, answering: Answering[int] | None = None) -> None:
        """Forget a template. Raises FaultError E241 when the account has none with this id."""
        told = answering and answering.of(lambda is_gone: mms_id if is_gone else None)
        if not await write_alone(
            self._saved.database, lambda c: templates.delete_template(c, account.id, mms_id), told
        ):
            raise Fault.CONTENT_UNKNOWN.error()

    async def _look_at_video(self, slides: Sequence[Slide]) -> None:
        """A film that no phone could be made to play is refused at once. Raises FaultError E343."""
        for number, slide in enumerate(slides, start=1):
            for part in slide.parts:
                if part.kind is Kind.VIDEO:
                    await self._look_at(part, number)

    async def _look_at(self, part: Part, slide: int) -> None:
        path = await self._saved.store.path(part.content.digest)
        try:
            facts = await self._saved.av.probe(path, BY_TYPE[part.content.type])
        except AvRefusedError as error:
            raise Fault.VIDEO_CODECS.error(str(error), slide=slide) from error
        except AvBusyError as error:
            raise OverloadedError(_BUSY_RETRY) from error
        except AvFailedError:
            return  # it died or took too long: encoding has more time, and tells (E003)
        if facts.decoded and not facts.video:
            raise Fault.VIDEO_CODECS.error("it has no picture that can be decoded", slide=slide)

    async def _template(self, request: CheckedTemplate, account: Account, slides: tuple[Slide, ...]) -> Template:
        return Template(
            id=self._tools.new_id(),
            account_id=account.id,
            mms_id=await self._tools.next_mms_id(),
            dialect=request.dialect,
            created_at=self._tools.now(),
            name=request.name,
            slides=slides,
            subject=request.subject,
            fallback_text=request.fallback_text,
            fallback_allowed=request.fallback_allowed,
            link_wanted=request.link_wanted,
            state=TemplateState.ENCODING if to_encode(slides) else TemplateState.READY,
        )

    def _first_task(self, template: Template, account: Account) -> Task | None:
        """Encode it; where there is nothing to encode, tell that it is ready (api.md 3.1)."""
        if template.state is TemplateState.READY:
            if not account.settings.postback_url:
                return None
            return template_postback(template, PostbackCode.STORED, self._tools.new_id(), template.created_at)
        return Task(
            id=self._tools.new_id(),
            kind=TaskKind.ENCODE,
            queue=TaskKind.ENCODE.queue(template.account_id),
            account_id=template.account_id,
            message_id=template.id,
            due_at=template.created_at,
            body={"mms_id": template.mms_id},
        )

    async def _found(self, mms_id: int, account: Account) -> Template:
        """What is sent. Raises FaultError E241, E626."""
        template = await self._saved.database.read(lambda c: templates.find_template(c, account.id, mms_id))
        if template is None and account.settings.reuse_sent_mms:
            sent = await self._saved.database.read(lambda c: templates.find_sent(c, account.id, mms_id))
            template = _as_template(sent) if sent else None
        if template is None:
            raise Fault.CONTENT_UNKNOWN.error()
        if template.state is TemplateState.FAILED:
            raise Fault.CONTENT_UNKNOWN.error(template.problem)
        if template.state is TemplateState.ENCODING:
            raise Fault.STILL_ENCODING.error()
        return template

    async def _write_again(self, slides: Sequence[Slide]) -> frozenset[str]:
        """Whatever the template names is kept; it was deleted a moment ago where that fails. Raises FaultError E241."""
        digests = frozenset(part.content.digest for slide in slides for part in slide.parts)
        if await self._tools.fetcher.write_again(digests):
            raise Fault.CONTENT_UNKNOWN.error("its files are no longer kept")
        return digests


@dataclass(frozen=True, slots=True)
class _Sending:
    """One call, for each of its receivers."""

    template: Template
    filled: Filled
    send: CheckedSavedSend
    account: Account

    def request(self, to: Addressee) -> CheckedRequest:
        """The message to one receiver, as sendMMS would have it; its files are here."""
        send, template = self.send, self.template
        fallback_off = not template.fallback_allowed if send.fallback_off is None else send.fallback_off
        link_off = not template.link_wanted if send.link_off is None else send.link_off
        return CheckedRequest(
            dialect=send.dialect,
            receiver=to.receiver,
            country=to.country,
            sender=to.sender,
            mask=to.mask,
            name=template.name,
            subject=self.filled.subject,
            fallback_text=self.filled.fallback_text,
            spid=send.spid,
            campaign=send.campaign,
            link_expires_at=send.link_expires_at,
            force_sms=send.force_sms,
            fallback_allowed=send.force_sms or (self.account.settings.fallback and not fallback_off),
            link_wanted=not link_off,
            client_reference=send.client_reference,
            use_cache=True,
            slides=(),
            operator=send.operator,
            warnings=send.warnings,
            send_at=send.send_at,
            expires_at=send.expires_at,
        )


def _as_template(message: Message) -> Template:
    """A message that was sent, to be sent again (settled 22); nothing was encoded for it, so it has no tasks."""
    return Template(
        id="",
        account_id=message.account_id,
        mms_id=message.mms_id,
        dialect=message.dialect,
        created_at=message.accepted_at,
        name=message.name,
        slides=message.slides,
        subject=message.subject,
        fallback_text=message.fallback_text,
        fallback_allowed=message.fallback_allowed,
        link_wanted=message.link_wanted,
    )
