"""MM7 over HTTP: post the envelope with the message, read the answer, say what it means.

Whatever the peer or the network does is an Outcome; only a bug of ours or a cancellation is an exception.
"""

import base64
import re
from collections.abc import Callable
from functools import partial

from slidewire.carriers.base import Outcome, Route, Submission, Verdict
from slidewire.carriers.mm7.envelope import WORD, Envelope, overhead, words, wrap
from slidewire.carriers.mm7.multipart import soap_part
from slidewire.carriers.mm7.namespaces import PREFIX
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.profiles import Authentication, Profile, SoapAction
from slidewire.carriers.mm7.reader import Answer, read_answer
from slidewire.carriers.mm7.redaction import Redactor, credentials
from slidewire.carriers.mm7.soap import SubmitWriter
from slidewire.carriers.mm7.status import RECEIVER_BLOCKS, Judgement, judge_code, judge_http, read_retry_after
from slidewire.carriers.mm7.tree import MalformedError
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Message
from slidewire.outbound.address import check_url
from slidewire.outbound.post import AnswerCaps, Phase, PostClient, PostFailed, PostLimits, PostRequest, Reply

#: How far a failed POST came -> what that means (durability 3).
PHASES: dict[Phase, Judgement] = {
    Phase.REFUSED: Judgement(Verdict.RETRY, alarm=True, route_down=True),  # the address in the settings is wrong
    Phase.NOT_CONNECTED: Judgement(Verdict.RETRY, route_down=True),
    Phase.NOT_SENT: Judgement(Verdict.RETRY, route_down=True),
    Phase.NO_ANSWER: Judgement(Verdict.UNCERTAIN, route_down=True),
    Phase.BAD_ANSWER: Judgement(Verdict.UNCERTAIN, route_down=True),
}
#: Bytes of an answer to a submission; a real one has under two thousand.
ANSWER_CAP = 262_144
#: The longest TransactionID and the longest word in a boundary that overhead() allows for.
_LONGEST_TRANSACTION_ID = "x" * 64
_LONGEST_WORD = "x" * WORD
_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")
_HEADER_WORD = re.compile(r"[\x21-\x7e]{1,100}")


def limits_of(route: Route) -> PostLimits:
    """How the PostClient of ``route`` is bounded: each route has a client of its own."""
    caps = AnswerCaps(body=ANSWER_CAP)
    return PostLimits(connections=route.connections, idle=route.idle, total=route.timeout, answer=caps)


@frozen
class _Attempt:
    """One submission under way: what an exchange must tell of it and must not."""

    submission: Submission
    soap: bytes
    envelope: Envelope
    at: int  #: Unix milliseconds
    redactor: Redactor


class Mm7Carrier:
    """The way out over one MM7 route."""

    def __init__(
        self,
        route: Route,
        post: PostClient,
        clock: Callable[[], int],
        token: Callable[[], str] | None = None,
    ) -> None:
        """``clock`` gives Unix milliseconds, ``token`` words of at most 24 letters that nobody guesses; None: ours.

        Raises ValueError for an address, a profile or an option that cannot be used.
        """
        check_url(route.url)
        self._route = route
        self._post = post
        self._clock = clock
        self._token = token or partial(next, words())
        self._profile = profile_of(route)
        self._writer = SubmitWriter(route, self._profile)
        self._headers = _fixed_headers(route, self._profile)
        self._secrets = credentials(route)

    def overhead(self, message: Message) -> int:
        """Bytes, at most, that are posted around ``message``'s rendition (settled 20)."""
        return overhead(self._writer.write(message, _LONGEST_TRANSACTION_ID, self._clock()), _LONGEST_WORD)

    async def submit(self, submission: Submission) -> Outcome:
        """Hand over one submission. Network trouble is an Outcome, never an exception."""
        now = self._clock()
        soap = self._writer.write(submission.message, submission.transaction_id, now)
        envelope = wrap(soap, submission.rendition, self._token)
        if envelope.size > self._route.max_bytes:
            return Outcome(Verdict.TOO_BIG, detail=f"{envelope.size} bytes, the route takes {self._route.max_bytes}")
        attempt = _Attempt(submission, soap, envelope, now, Redactor(self._secrets, submission.message))
        try:
            reply = await self._post.post(self._request(submission, envelope))
        except PostFailed as failure:
            return self._unanswered(attempt, failure)
        return self._answered(attempt, reply)

    async def close(self) -> None:
        """Close the route's connections."""
        await self._post.close()

    def _request(self, submission: Submission, envelope: Envelope) -> PostRequest:
        headers = (("Content-Type", envelope.content_type), *self._headers, *self._extra_headers(submission))
        return PostRequest(self._route.url, envelope.chunks, headers)

    def _extra_headers(self, submission: Submission) -> list[tuple[str, str]]:
        """The profile's templates filled; a header with a blank that cannot be filled is left out."""
        if not self._profile.headers:
            return []
        message = submission.message
        words = {
            "operator": self._profile.operator_ids.get(message.operator, message.operator),
            "sender": message.sender,
            "receiver": message.receiver,
            "message": message.id,
            "transaction": submission.transaction_id,
        }
        safe = {name: word for name, word in words.items() if _HEADER_WORD.fullmatch(word)}
        filled = ((name, _fill(template, safe)) for name, template in self._profile.headers)
        return [(name, value) for name, value in filled if value is not None]

    def _unanswered(self, attempt: _Attempt, failure: PostFailed) -> Outcome:
        words = attempt.redactor.line(f"{failure.phase.value}: {failure.detail}")
        seconds = max(self._clock() - attempt.at, 0) / 1000
        return _outcome(PHASES[failure.phase], words, self._exchange(attempt, words, seconds, _sent(attempt)))

    def _answered(self, attempt: _Attempt, reply: Reply) -> Outcome:
        status_line = f"HTTP {reply.status} {reply.reason}".strip()
        retry_after = read_retry_after(reply.headers.get("retry-after", ""), self._clock())
        try:
            answer = read_answer(soap_part(reply.body, reply.headers.get("content-type", "")))
        except MalformedError as error:
            words = attempt.redactor.line(f"{status_line}: {error}")
            exchange = self._exchange(attempt, words, reply.seconds, _both(attempt, reply))
            detail = attempt.redactor.line(f"{status_line}, and no SOAP that can be read")  # customers may be told it
            return _outcome(judge_http(reply.status), detail, exchange, retry_after=retry_after)
        judgement = judge_code(answer.code, answer.inner_codes, self._profile.codes)
        if self._profile.blocked_codes.intersection((answer.code, *answer.inner_codes)):
            judgement = RECEIVER_BLOCKS
        words = attempt.redactor.line(f"{answer.code} {answer.text}".strip())
        remark = _remark(answer, attempt.submission.transaction_id)
        told = f"{attempt.redactor.line(status_line)}, {len(reply.body)} bytes: {words}{remark}"
        accepted = judgement.verdict is Verdict.ACCEPTED
        kept = _both(attempt, reply) if not accepted or self._route.keep_bodies else ""
        exchange = self._exchange(attempt, told, reply.seconds, kept, failed=not accepted)
        reference = answer.message_id if accepted else ""
        return _outcome(judgement, words, exchange, carrier_ref=reference, retry_after=retry_after)

    def _exchange(
        self, attempt: _Attempt, response: str, seconds: float, body: str, *, failed: bool = True
    ) -> Exchange:
        size = attempt.envelope.size
        request = (
            f"POST of {size} bytes ({size - attempt.submission.rendition.size} around the message), "
            f"TransactionID {attempt.submission.transaction_id}"
        )
        return Exchange(attempt.at, self._route.name, request, response, round(seconds, 4), body, failed=failed)


def _outcome(
    judgement: Judgement, detail: str, exchange: Exchange, *, carrier_ref: str = "", retry_after: float = 0.0
) -> Outcome:
    return Outcome(
        judgement.verdict,
        carrier_ref=carrier_ref,
        detail=detail,
        exchange=exchange,
        retry_after=retry_after,
        alarm=judgement.alarm,
        route_down=judgement.route_down,
        few_tries=judgement.few_tries,
        operator_doubt=judgement.operator_doubt,
        fall_back=judgement.fall_back,
        blocked=judgement.blocked,
    )


def _remark(answer: Answer, transaction_id: str) -> str:
    """Some peers echo a wrong TransactionID: told with the exchange, not to customers; the code is believed."""
    wrong = answer.transaction_id not in ("", transaction_id)
    return " (the answer names another TransactionID)" if wrong else ""


def _sent(attempt: _Attempt) -> str:
    return attempt.redactor.body(attempt.soap, "")


def _both(attempt: _Attempt, reply: Reply) -> str:
    """The envelope that we sent and the answer, redacted, at most BODY_CAP bytes."""
    boundary = attempt.envelope.content_type.partition('boundary="')[2].partition('"')[0]
    both = f"{_sent(attempt)}\n\n{attempt.redactor.body(reply.body, boundary)}"
    return both.encode()[:BODY_CAP].decode("utf-8", "ignore")


def _fixed_headers(route: Route, profile: Profile) -> tuple[tuple[str, str], ...]:
    headers = [("Accept-Encoding", "identity")]  # without it a peer may answer in any coding, and some proxies do
    if profile.soap_action is not SoapAction.OMIT:
        action = PREFIX + route.namespace if profile.soap_action is SoapAction.NAMESPACE else ""
        headers.append(("SOAPAction", f'"{action}"'))
    if profile.authentication is Authentication.BEARER:
        if not _TOKEN.fullmatch(route.password):
            raise ValueError("authentication is bearer: the password must be a token of printable ASCII")
        headers.append(("Authorization", f"Bearer {route.password}"))
    elif route.username or route.password:
        pair = base64.b64encode(f"{route.username}:{route.password}".encode()).decode()
        headers.append(("Authorization", f"Basic {pair}"))
    return tuple(headers)


def _fill(template: str, words: dict[str, str]) -> str | None:
    try:
        return re.sub(r"\{([a-z]+)\}", lambda blank: words[blank[1]], template)
    except KeyError:
        return None
