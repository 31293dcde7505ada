"""Who may use /admin/v1: whoever says the admin's token, compared in constant time, failures counted (decision 190)."""

import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus

from slidewire.api.admin.problems import ProblemError
from slidewire.api.lockout import Lockout

_LONGEST = 4096  #: no token is longer


class Doorkeeper:
    """Holds the digest of the token; empty: nobody comes in."""

    def __init__(self, token: str, lockout: Lockout) -> None:
        self._digest = hashlib.sha256(token.encode()).digest() if token else b""
        self._lockout = lockout

    def admit(self, headers: Mapping[bytes, bytes], address: str) -> None:
        """Return where the request says the token. Raises ProblemError."""
        if not self._digest:
            raise ProblemError(HTTPStatus.FORBIDDEN, "admin_token is not set: nobody can use /admin/v1")
        scheme, _, word = headers.get(b"authorization", b"").strip().partition(b" ")
        given = word.strip() if scheme.lower() == b"bearer" else b""
        if self.knows(given, address):
            return
        if given:
            self._lockout.count_failure(address)
        words = "say the admin's token: Authorization: Bearer ..."
        raise ProblemError(HTTPStatus.UNAUTHORIZED, words, (b"www-authenticate", b'Bearer realm="slidewire"'))

    def knows(self, given: bytes, address: str) -> bool:
        """Whether ``given`` is the token; what is not is no failure yet. Raises ProblemError while locked out."""
        proof = hashlib.sha256(given[:_LONGEST]).digest()
        wait = self._lockout.wait(address)
        if wait and not self._lockout.knows(address, hash(proof)):
            words = f"too many failed calls, again in {wait} seconds"
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, words, (b"retry-after", b"%d" % wait))
        if not given or not hmac.compare_digest(proof, self._digest):
            return False
        self._lockout.note_success(address, hash(proof))
        return True
