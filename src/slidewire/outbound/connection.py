"""One kept-alive HTTP/1.1 connection that posts a body and reads the answer.

It knows at every moment whether the body has wholly left us: that alone tells "send again" from "may have been
taken" (durability 3). It never sends anything twice.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import cast

from slidewire.outbound.answer import AnswerCaps, AnswerReader, BadAnswerError, Phase, PostFailed, Reply
from slidewire.outbound.dial import TlsLayer


class Connection(asyncio.Protocol):
    """The protocol object. ``exchange`` one request at a time; ``usable`` says whether another may follow."""

    def __init__(self, sock: socket.socket, tls: TlsLayer | None, caps: AnswerCaps) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._tls = tls
        self._reader = AnswerReader(caps)
        self._transport: asyncio.Transport | None = None
        self._paused = False  #: bytes wait in the transport's buffer
        self._sent = False  #: the request has wholly left it
        self._answer: asyncio.Future[Reply] | None = None
        self._started = 0.0
        self._keep = True
        self.ready: asyncio.Future[None] = self._loop.create_future()  #: connected, TLS included
        self.on_lost: Callable[[Connection], None] | None = None
        self.resting_since = 0.0  #: loop time; the pool writes and reads it

    @property
    def reusable(self) -> bool:
        """The last answer left it fit for another request; ``usable`` looks at the socket besides."""
        return self._keep and self._transport is not None and not self._transport.is_closing()

    def usable(self) -> bool:
        """Say whether another request may go over it: open, and the peer has said nothing since."""
        if not self.reusable:
            return False
        try:
            # The peer's goodbye may lie in the socket, not yet seen by the event loop.
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def abort(self) -> None:
        """Close at once, dropping what is still unsent."""
        self._keep = False
        if self._transport is not None:
            self._transport.abort()

    def drop(self, detail: str) -> None:
        """Close at once; an exchange under way fails with that detail."""
        self._fail(Phase.NO_ANSWER, detail)

    async def exchange(self, pieces: Sequence[bytes], started: float, deadline: float) -> Reply:
        """Write the request and wait for its answer; raises PostFailed. Cancelling closes the connection."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise PostFailed(Phase.NOT_SENT, "the connection was closed before the request")
        self._reader.begin()
        self._started = started
        self._sent = False
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = answer
        timer = self._loop.call_at(deadline, self._fail, Phase.NO_ANSWER, "no answer in time")
        try:
            if self._tls is None:
                transport.writelines(pieces)
            else:
                transport.write(self._tls.seal(pieces))
            self._sent = not self._paused
            return await answer
        except ssl.SSLError:
            raise PostFailed(Phase.NOT_SENT, "TLS failed") from None
        finally:
            timer.cancel()
            if self._answer is not None:  # cancelled, or never written
                self._answer = None
                self.abort()

    def _fail(self, phase: Phase, detail: str) -> None:
        """End the exchange under way, if there is one, and the connection."""
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(PostFailed(phase if self._sent else Phase.NOT_SENT, detail))
        self.abort()

    def _finish(self, keep: bool) -> None:
        answer, self._answer = self._answer, None
        self._keep = keep and self._sent  # an early answer leaves half a request in the connection
        if answer is not None and not answer.done():
            answer.set_result(self._reader.reply(self._loop.time() - self._started))

    def _ended(self, *, clean: bool) -> None:
        """The peer has closed, or the connection broke."""
        if not self.ready.done():
            self.ready.set_exception(PostFailed(Phase.NOT_CONNECTED, "the connection was closed before TLS was ready"))
        if self._answer is None:
            return
        if clean and self._reader.whole_at_close:
            self._finish(keep=False)
        else:
            where = "inside" if self._reader.begun else "before"
            self._fail(Phase.NO_ANSWER, f"the connection was closed {where} the answer")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From asyncio: connected; TLS begins."""
        self._transport = cast(asyncio.Transport, transport)
        # With a limit of 0 a pause means "something waits" and a resume "all of it is with the kernel".
        self._transport.set_write_buffer_limits(high=0)
        if self._tls is None:
            self.ready.set_result(None)
        else:
            self._through_tls(self._tls, b"")

    def data_received(self, data: bytes) -> None:
        """From asyncio: bytes of an answer, of TLS, or of a peer that speaks unasked."""
        if self._tls is None:
            self._read(data)
        else:
            for piece in self._through_tls(self._tls, data):
                self._read(piece)
            if self._tls.ended:
                self._ended(clean=True)
                self.abort()

    def eof_received(self) -> None:
        """From asyncio: the peer has closed its side; ours follows."""
        self._ended(clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """From asyncio: the connection is gone."""
        self._keep = False
        self._ended(clean=exc is None)
        if self.on_lost is not None:
            self.on_lost(self)

    def pause_writing(self) -> None:
        """From asyncio: the kernel did not take all of it."""
        self._paused = True

    def resume_writing(self) -> None:
        """From asyncio: now it has."""
        self._paused = False
        self._sent = True

    def _through_tls(self, tls: TlsLayer, data: bytes) -> list[bytes]:
        try:
            plain = tls.feed(data)
        except ssl.SSLError as error:
            self._tls_failed(tls, error)
            return []
        self._write(tls.pending())
        if tls.ready and not self.ready.done():
            self.ready.set_result(None)
        return plain

    def _tls_failed(self, tls: TlsLayer, error: ssl.SSLError) -> None:
        words = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        if not self.ready.done():
            self.ready.set_exception(PostFailed(Phase.NOT_CONNECTED, f"TLS failed: {words or 'no reason given'}"))
        self._write(tls.pending())  # the alert that tells the peer why
        self._ended(clean=False)
        self.abort()

    def _write(self, ciphertext: bytes) -> None:
        if ciphertext and self._transport is not None and not self._transport.is_closing():
            self._transport.write(ciphertext)

    def _read(self, data: bytes) -> None:
        if self._answer is None:
            self.abort()  # nobody asked: whatever this is, it would be taken for the next answer
            return
        try:
            if self._reader.feed(data):
                self._finish(self._reader.keep_alive)
        except BadAnswerError as error:
            self._fail(Phase.BAD_ANSWER, str(error))
